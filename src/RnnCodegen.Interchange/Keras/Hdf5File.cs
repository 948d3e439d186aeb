using PureHDF;

namespace RnnCodegen.Interchange;

/// <summary>
/// An HDF5 file from a stranger, read from memory. Sizes are checked before anything of that size is made, values that are not in the file itself are
/// refused, and whatever the library throws becomes an <see cref="InvalidDataException"/> that names the file and the place. What cannot be kept from
/// outside: the library makes an array as long as an attribute claims to be, at most 2 GiB, before it reads into it; the read is then refused.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    /// <summary>The most that deflate can pack into a byte, which bounds what a compressed dataset can hold.</summary>
    private const long PackingLimit = 1032;

    private const int ChunkLimit = 1 << 28;
    private const int NameLimit = 1 << 20;

    private readonly string _file;
    private readonly BoundedStream _stream;
    private readonly IH5Group _root;
    private readonly long _length;

    private Hdf5File(string file, byte[] bytes)
    {
        _file = file;
        _length = bytes.Length;
        _stream = new BoundedStream(bytes);
        _root = Try("/", () => H5File.Open(_stream, leaveOpen: true));
    }

    /// <summary>Whether a file starts as an HDF5 file does.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A]);

    /// <summary>Opens a file in memory.</summary>
    /// <param name="file">What messages call it.</param>
    /// <param name="bytes">The file.</param>
    /// <exception cref="InvalidDataException">It is not an HDF5 file.</exception>
    public static Hdf5File Open(string file, byte[] bytes) => new(file, bytes);

    /// <inheritdoc/>
    public void Dispose() => (_root as IDisposable)?.Dispose();

    /// <summary>Whether there is a group or dataset.</summary>
    public bool Exists(string path) => Try(path, () => _root.LinkExists(path));

    /// <summary>A group's or dataset's text attribute; null where it has none.</summary>
    public string? Text(string path, string name) => Strings(path, name) switch
    {
        null => null,
        [var text] => text,
        _ => throw Bad($"{path}@{name}", "is not one text."),
    };

    /// <summary>A list of names in an attribute, or in several that h5py cut it into; null where there is none. An empty list may have any type.</summary>
    public string[]? Names(string path, string name)
    {
        if (Strings(path, name) is { } whole)
        {
            return whole;
        }

        List<string>? names = null;
        for (var part = 0; Strings(path, $"{name}{part}") is { } some; part++)
        {
            (names ??= []).AddRange(some);
        }

        return names is null ? null : [.. names];
    }

    /// <summary>Reads a dataset of floating-point numbers.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is of another type, too large for the file, or not inside it.</exception>
    public KerasArray Read(string path)
    {
        var before = _stream.BytesRead;
        var dataset = Try(path, () => _root.Get(path) as IH5Dataset) ?? throw Bad(path, "is not a dataset.");
        var (shape, count) = Shape(path, dataset.Space);
        var (size, isFloat) = Try(path, () => (dataset.Type.Size, dataset.Type.Class == H5DataTypeClass.FloatingPoint));
        if (!isFloat || size is not (2 or 4 or 8))
        {
            throw Bad(path, "is not of 16-, 32- or 64-bit floating-point numbers.");
        }

        CheckStorage(path, dataset, count, size);
        var beforeRead = _stream.BytesRead;
        var values = count == 0 ? [] : Try(path, () => size switch
        {
            2 => Array.ConvertAll(Flat<Half>(dataset, count), v => (float)v),
            4 => Flat<float>(dataset, count),
            _ => Array.ConvertAll(Flat<double>(dataset, count), v => (float)v),
        });
        var isInside = dataset.Layout.Class switch
        {
            H5DataLayoutClass.Chunked => _stream.BytesRead > beforeRead,
            H5DataLayoutClass.Compact => _stream.BytesRead - before >= count * size,
            _ => _stream.BytesRead - beforeRead >= count * size,
        };
        return isInside || count == 0 ? new KerasArray(path, shape, values) : throw Bad(path, "has its values outside of the file, or none.");
    }

    private void CheckStorage(string path, IH5Dataset dataset, long count, int size)
    {
        var layout = Try(path, () => dataset.Layout.Class);
        if (layout is not (H5DataLayoutClass.Compact or H5DataLayoutClass.Contiguous or H5DataLayoutClass.Chunked))
        {
            throw Bad(path, "is a virtual dataset, whose values are elsewhere.");
        }

        var isChunked = layout == H5DataLayoutClass.Chunked;
        if (count * size > (isChunked ? Math.Min(_length * PackingLimit, Array.MaxLength) : _length))
        {
            throw Bad(path, $"declares {count} values, more than the file's {_length} bytes can hold.");
        }

        if (isChunked)
        {
            var chunk = (double)size;
            foreach (var dimension in Try(path, () => dataset.Layout.Chunks) ?? [])
            {
                chunk *= dimension;
            }

            if (chunk is not (> 0 and <= ChunkLimit))
            {
                throw Bad(path, $"has chunks of {chunk} bytes; at most {ChunkLimit} can be read.");
            }
        }
    }

    private static T[] Flat<T>(IH5Dataset dataset, long count)
        where T : unmanaged
    {
        var values = new T[count];
        dataset.Read(values, memoryDims: [(ulong)count]);
        return values;
    }

    private string[]? Strings(string path, string name)
    {
        var place = $"{path}@{name}";
        var item = Try(path, () => path == "/" ? _root : _root.Get(path));
        if (!Try(place, () => item.AttributeExists(name)))
        {
            return null;
        }

        var attribute = Try(place, () => item.Attribute(name));
        var (_, count) = Shape(place, attribute.Space);
        if (count == 0)
        {
            return [];
        }

        var (kind, size) = Try(place, () => (attribute.Type.Class, attribute.Type.Size));
        if (kind is not (H5DataTypeClass.String or H5DataTypeClass.VariableLength))
        {
            throw Bad(place, "is not text.");
        }

        if (count > NameLimit || count * size > _length)
        {
            throw Bad(place, $"declares {count} texts of {size} bytes, more than the file's {_length} bytes can hold.");
        }

        return Try(place, () => attribute.Space.Type == H5DataspaceType.Scalar ? [attribute.Read<string>()] : attribute.Read<string[]>());
    }

    private (int[] Shape, long Count) Shape(string path, IH5Dataspace space)
    {
        var (kind, dimensions) = Try(path, () => (space.Type, space.Dimensions));
        if (kind == H5DataspaceType.Null)
        {
            return ([0], 0);
        }

        var count = 1L;
        var shape = new int[dimensions.Length];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (dimensions[axis] > int.MaxValue || (count *= (long)dimensions[axis]) > Array.MaxLength)
            {
                throw Bad(path, $"declares the sizes [{string.Join(", ", dimensions)}], more than can be read.");
            }

            shape[axis] = (int)dimensions[axis];
        }

        return (shape, count);
    }

    /// <summary>Runs a call of the library, which may throw anything where a file is damaged.</summary>
    private T Try<T>(string place, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"'{_file}': {place} cannot be read: {e.Message}", e);
        }
    }

    private InvalidDataException Bad(string place, string what) => new($"'{_file}': {place} {what}");
}
