using System.Buffers.Binary;

namespace RnnCodegen;

/// <summary>
/// A safetensors file: named tensors and a dictionary of strings. Reads and writes every type of the format, into memory (<see cref="Read(string)"/>), as views
/// of the file (<see cref="Map"/>), or as views of bytes that are in memory already (<see cref="Parse(string, ReadOnlyMemory{byte})"/>).
/// Format: https://github.com/huggingface/safetensors.
/// </summary>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly Dictionary<string, SafeTensor> _byName;
    private readonly FileMapping? _mapping;

    private SafeTensorsFile(SafeTensor[] tensors, IReadOnlyDictionary<string, string> metadata, FileMapping? mapping = null)
    {
        Tensors = Array.AsReadOnly(tensors);
        Metadata = metadata;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        _mapping = mapping;
    }

    private delegate ReadOnlyMemory<byte> ByteSource(long offset, int length);

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<SafeTensor> Tensors { get; }

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of the given name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the nearest names.</exception>
    public SafeTensor this[string name] => TryGet(name, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor '{name}'. {NearestNames.Describe(name, _byName.Keys)}");

    /// <summary>Finds a tensor that may not exist.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafeTensor? tensor) =>
        _byName.TryGetValue(name, out tensor);

    /// <summary>Tensors as the file would have them that they were written to.</summary>
    /// <param name="tensors">The tensors, each with a name of its own.</param>
    /// <param name="metadata">What the file should say about itself.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public static SafeTensorsFile Of(IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return new SafeTensorsFile([.. tensors], metadata ?? new Dictionary<string, string>());
    }

    /// <summary>Reads a whole file into memory.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not a valid safetensors file; the message names the file, the tensor and what was expected.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafeTensorsFile Read(string path)
    {
        RequireLittleEndian();
        using var stream = OpenFile(path);
        var header = new byte[SafeTensorsHeader.PrefixLength];
        var read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        header = new byte[SafeTensorsHeader.LengthOf(path, header.AsSpan(0, read), stream.Length)];
        stream.ReadExactly(header);
        var start = SafeTensorsHeader.PrefixLength + header.Length;
        return Open(path, SafeTensorsHeader.Parse(path, header, stream.Length - start), (_, length) =>
        {
            var bytes = new byte[length];
            stream.ReadExactly(bytes);
            return bytes;
        });
    }

    /// <summary>
    /// Opens a file as views: nothing but its header is read, and the tensors show the file's own bytes. Dispose the file once its tensors are no longer
    /// used; a tensor that is asked for values afterwards throws, but spans taken before must not be used any more.
    /// </summary>
    /// <param name="path">
    /// The file, which nobody may write to while it is mapped. Windows sees to that; elsewhere a file that another program cuts short under its readers
    /// ends the process. Replacing it whole by another one, as <see cref="Write"/> does, is safe there, and refused by Windows.
    /// </param>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static unsafe SafeTensorsFile Map(string path)
    {
        var stream = OpenFile(path);
        if (stream.Length < SafeTensorsHeader.PrefixLength)
        {
            using (stream)
            {
                _ = SafeTensorsHeader.LengthOf(path, [], stream.Length);
            }
        }

        var mapping = FileMapping.Open(path, stream);
        try
        {
            return Read(path, mapping.Pointer, mapping.Length, mapping);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that is in memory already; its tensors are views of that memory.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="file">All its bytes.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static SafeTensorsFile Parse(string name, ReadOnlyMemory<byte> file)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireLittleEndian();
        var bytes = file.Span;
        var length = SafeTensorsHeader.LengthOf(name, bytes, bytes.Length);
        var start = SafeTensorsHeader.PrefixLength + length;
        var header = SafeTensorsHeader.Parse(name, bytes[SafeTensorsHeader.PrefixLength..start], bytes.Length - start);
        return Open(name, header, (offset, count) => file.Slice(start + (int)offset, count));
    }

    /// <summary>Opens a file at an address, e.g. an embedded resource; its tensors are views of that memory, and disposing it disposes a mapping.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="data">The file's first byte.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="owner">What keeps the memory alive; where null, it must outlive the tensors.</param>
    /// <exception cref="InvalidDataException">As for a path.</exception>
    internal static unsafe SafeTensorsFile Read(string name, byte* data, long length, object? owner)
    {
        RequireLittleEndian();
        var prefix = new ReadOnlySpan<byte>(data, (int)Math.Min(length, SafeTensorsHeader.PrefixLength));
        var headerLength = SafeTensorsHeader.LengthOf(name, prefix, length);
        var start = SafeTensorsHeader.PrefixLength + headerLength;
        var json = new ReadOnlySpan<byte>(data + SafeTensorsHeader.PrefixLength, headerLength);
        var header = SafeTensorsHeader.Parse(name, json, length - start);
        return Open(
            name, header, (offset, count) => new UnmanagedBytes(data + start + offset, count, owner).Memory, owner as FileMapping);
    }

    /// <summary>
    /// Writes a whole file: first beside the target under a temporary name, then, once it is on the disk, in its place. Readers see the old
    /// file or the new one, never a part.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">The tensors, stored in this order, but those of larger elements first, so that all are aligned.</param>
    /// <param name="metadata">What the file should say about itself.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name, or there are too many to describe.</exception>
    /// <exception cref="IOException">It cannot be written; an existing file is as it was.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        RequireLittleEndian();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
            }
        }

        SafeTensor[] stored = [.. tensors.OrderByDescending(t => t.Type.Size)];
        var header = SafeTensorsHeaderWriter.Write(stored, metadata);
        if (header.Length > SafeTensorsHeader.MaxLength)
        {
            throw new ArgumentException(
                $"The header takes {header.Length} bytes, more than the format's {SafeTensorsHeader.MaxLength}.", nameof(tensors));
        }

        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[SafeTensorsHeader.PrefixLength];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in stored)
            {
                stream.Write(tensor.Bytes);
            }
        });
    }

    /// <summary>Closes a file that was mapped, whose tensors cannot be read any more; does nothing for others.</summary>
    public void Dispose() => _mapping?.Dispose();

    private static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static SafeTensorsFile Open(string file, SafeTensorsHeader header, ByteSource source, FileMapping? mapping = null)
    {
        var tensors = new SafeTensor[header.Entries.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            var entry = header.Entries[i];
            var length = entry.End - entry.Begin;
            if (length > Array.MaxLength)
            {
                throw new InvalidDataException(
                    $"'{file}': tensor '{SafeTensorsHeader.Shown(entry.Name)}' has {length} bytes; at most {Array.MaxLength} a tensor can be read.");
            }

            tensors[i] = new SafeTensor(entry.Name, entry.Shape, entry.Type, source(entry.Begin, (int)length));
        }

        return new SafeTensorsFile(tensors, header.Metadata, mapping);
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Safetensors files are little-endian; this machine is not.");
        }
    }
}
