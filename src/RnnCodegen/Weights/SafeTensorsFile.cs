using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>
/// A safetensors file in memory: named tensors and a dictionary of strings. Reads every file the format allows, writes F32.
/// Format: https://github.com/huggingface/safetensors.
/// </summary>
public sealed partial class SafeTensorsFile
{
    private const string TemporaryEnd = ".tmp";

    private readonly Dictionary<string, SafeTensor> _byName;

    private SafeTensorsFile(SafeTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Tensors = Array.AsReadOnly(tensors);
        Metadata = metadata;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

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

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not a valid safetensors file; the message names the file, the tensor and what was expected.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafeTensorsFile Read(string path)
    {
        RequireLittleEndian();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var header = ReadHeader(path, stream);
        var tensors = new SafeTensor[header.Entries.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = ReadTensor(path, stream, header.Entries[i]);
        }

        return new SafeTensorsFile(tensors, header.Metadata);
    }

    /// <summary>
    /// Writes a whole file: first beside the target under a temporary name, then, once it is on the disk, in its place. Readers see the old
    /// file or the new one, never a part.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">The tensors, stored in this order.</param>
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

        var header = SafeTensorsHeader.Write(tensors, metadata);
        if (header.Length > SafeTensorsHeader.MaxLength)
        {
            throw new ArgumentException(
                $"The header takes {header.Length} bytes, more than the format's {SafeTensorsHeader.MaxLength}.", nameof(tensors));
        }

        var temporary = $"{path}.{Guid.NewGuid():N}{TemporaryEnd}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                Span<byte> length = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var tensor in tensors)
                {
                    stream.Write(tensor.Bytes);
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Deletes what processes that were killed while they wrote a file left beside it. No other may be writing it.</summary>
    /// <exception cref="IOException">There is no such folder, or something cannot be deleted.</exception>
    internal static void DeleteLeftovers(string path)
    {
        var full = Path.GetFullPath(path);
        var start = Path.GetFileName(full) + ".";
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(full)!))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(TemporaryEnd, StringComparison.Ordinal)
                && Guid.TryParseExact(name.AsSpan(start.Length, Math.Max(0, name.Length - start.Length - TemporaryEnd.Length)), "N", out _))
            {
                File.Delete(file);
            }
        }
    }

    private static SafeTensorsHeader ReadHeader(string path, FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (stream.Length < prefix.Length)
        {
            throw new InvalidDataException(
                $"'{path}': the file has {stream.Length} bytes, too few for the 8-byte length that starts a safetensors file.");
        }

        stream.ReadExactly(prefix);
        var rest = stream.Length - prefix.Length;
        var length = HeaderLength(path, prefix, rest);
        var json = new byte[length];
        stream.ReadExactly(json);
        return SafeTensorsHeader.Parse(path, json, rest - length);
    }

    private static int HeaderLength(string path, ReadOnlySpan<byte> prefix, long rest)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxLength)
        {
            throw new InvalidDataException(
                $"'{path}': the header claims {length} bytes, more than the format's {SafeTensorsHeader.MaxLength}: " +
                "this is not a safetensors file.");
        }

        return length <= (ulong)rest
            ? (int)length
            : throw new InvalidDataException($"'{path}': the header claims {length} bytes, but only {rest} follow: the file is truncated.");
    }

    private static SafeTensor ReadTensor(string path, FileStream stream, SafeTensorsHeader.Entry entry)
    {
        var length = entry.End - entry.Begin;
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"'{path}': tensor '{entry.Name}' has {length} bytes; at most {Array.MaxLength} a tensor can be read.");
        }

        if (entry.DataType == SafeTensorsHeader.Float32)
        {
            var values = new float[length / sizeof(float)];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return new SafeTensor(entry.Name, entry.Shape, values);
        }

        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return new SafeTensor(entry.Name, entry.Shape, entry.DataType, bytes);
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Safetensors files are little-endian; this machine is not.");
        }
    }
}
