using System.Buffers.Binary;

namespace RnnCodegen;

/// <summary>
/// A safetensors file: named tensors and a dictionary of strings. Reads and writes every type of the format, into memory
/// (<see cref="Read(string)"/>), as views of a file that nobody writes to (<see cref="Map"/>), or as views of bytes that are in memory
/// already (<see cref="Parse(string, ReadOnlyMemory{byte})"/>). Format: https://github.com/huggingface/safetensors.
/// </summary>
public sealed class SafeTensorsFile : IDisposable
{
    /// <summary>
    /// Bytes of a file that <see cref="Read(string)"/> and
    /// <see cref="SafeTensors.Load(string, ParameterSet)"/> read into memory at most: 4 GiB.
    /// </summary>
    public const long ReadLimit = 4L << 30;

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

    /// <summary>The file's metadata.</summary>
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
    /// <param name="metadata">Metadata to store in the file.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public static SafeTensorsFile Of(IReadOnlyList<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return new SafeTensorsFile([.. tensors], metadata ?? new Dictionary<string, string>());
    }

    /// <summary>Reads a whole file of up to <see cref="ReadLimit"/> bytes into memory.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not a valid safetensors file; the message names the file, the tensor and what was expected.
    /// </exception>
    /// <exception cref="IOException">It cannot be read, is a folder, pipe or device, is larger, or changed while it was read.</exception>
    public static SafeTensorsFile Read(string path)
    {
        using var file = new FileReader(path);
        var header = ReadHeader(path, file);
        var read = Open(path, header, (_, length) =>
        {
            var bytes = GC.AllocateUninitializedArray<byte>(length);
            file.Read(bytes);
            return bytes;
        });
        file.End();
        return read;
    }

    /// <summary>
    /// Opens a file of any size as views: nothing but its header is read, and the tensors show
    /// the file's own bytes. Dispose the file once its tensors are no longer used; a tensor that
    /// is asked for values afterwards throws, but spans taken before must not be used any more.
    /// </summary>
    /// <param name="path">
    /// The file, which nobody may write to while it is mapped. Windows sees to that; elsewhere a file that another program cuts short under
    /// its readers ends the process, and no handler of exceptions sees it. Replacing it whole by another one, as <see cref="Write"/> does,
    /// is safe there, and refused by Windows.
    /// </param>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    /// <exception cref="IOException">It cannot be read, or is a folder, pipe or device.</exception>
    public static unsafe SafeTensorsFile Map(string path)
    {
        var stream = RegularFile.OpenRead(path, bufferSize: 0);
        if (stream.Length < SafeTensorsHeader.PrefixLength)
        {
            using (stream)
            {
                _ = SafeTensorsHeader.CheckLength($"'{path}': ", 0, stream.Length);
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
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="file">All its bytes.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static SafeTensorsFile Parse(string name, ReadOnlyMemory<byte> file)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireLittleEndian();
        var header = ParseHeader(name, file.Span, file.Length, out var start);
        return Open(name, header, (offset, count) => file.Slice((int)(start + offset), count));
    }

    /// <summary>
    /// Opens a file at an address, e.g. an embedded resource; its tensors are views of that memory, and disposing it disposes a mapping.
    /// </summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="data">The file's first byte.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="owner">The object that keeps the memory alive; where null, it must outlive the tensors.</param>
    /// <exception cref="InvalidDataException">As for a path.</exception>
    internal static unsafe SafeTensorsFile Read(string name, byte* data, long length, object? owner)
    {
        var content = new ReadOnlySpan<byte>(data, (int)Math.Min(length, SafeTensorsHeader.PrefixLength + SafeTensorsHeader.MaxLength));
        var header = ParseHeader(name, content, length, out var start);
        return Open(
            name, header, (offset, count) => new UnmanagedBytes(data + start + offset, count, owner).Memory, owner as FileMapping);
    }

    /// <summary>
    /// Copies a file's data, up to <see cref="ReadLimit"/> bytes, to where the garbage collector does not know it, lets them be used, and
    /// gives the memory back.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="use">Uses the tensors, which are gone afterwards.</param>
    internal static unsafe void ReadFor(string path, Action<SafeTensorsFile> use)
    {
        using var file = new FileReader(path);
        var header = ReadHeader(path, file);
        using var copy = FileCopy.Read(file, header.DataLength);
        file.End();
        var data = copy.Pointer;
        use(Open(path, header, (offset, count) => new UnmanagedBytes(data + offset, count, owner: null).Memory));
    }

    /// <summary>Reads a file's tensors one after the other into the same memory, as much as the largest takes.</summary>
    /// <param name="path">The file, of up to <see cref="ReadLimit"/> bytes.</param>
    /// <param name="check">Looks at names, types and shapes, before any value is there.</param>
    /// <param name="use">Uses a tensor, whose values are there until it returns.</param>
    internal static unsafe void ReadEach(string path, Action<SafeTensorsFile> check, Action<SafeTensor> use)
    {
        using var file = new FileReader(path);
        var header = ReadHeader(path, file);
        using var memory = FileCopy.Reserve(header.Entries.Length == 0 ? 0 : header.Entries.Max(e => e.End - e.Begin));
        var data = memory.Pointer;
        var tensors = Open(path, header, (_, count) => new UnmanagedBytes(data, count, owner: null).Memory);
        check(tensors);
        for (var i = 0; i < header.Entries.Length; i++)
        {
            file.Read(new Span<byte>(data, (int)(header.Entries[i].End - header.Entries[i].Begin)));
            use(tensors.Tensors[i]);
        }

        file.End();
    }

    /// <summary>
    /// Writes a whole file: first beside the target under a temporary name, then, once it is on the disk, in its place. Readers see the old
    /// file or the new one, never a part.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">The tensors, stored in this order, but those of larger elements first, so that all are aligned.</param>
    /// <param name="metadata">Metadata to store in the file.</param>
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

    /// <summary>Reads the header of a file that is read whole, which is refused if it is too large for that.</summary>
    private static SafeTensorsHeader ReadHeader(string path, FileReader file)
    {
        RequireLittleEndian();
        Span<byte> prefix = stackalloc byte[SafeTensorsHeader.PrefixLength];
        prefix.Clear();
        file.Read(prefix[..(int)Math.Min(prefix.Length, file.Length)]);
        var start = $"'{path}': ";
        var json = new byte[SafeTensorsHeader.CheckLength(start, BinaryPrimitives.ReadUInt64LittleEndian(prefix), file.Length)];
        if (file.Length > ReadLimit)
        {
            throw new IOException(
                $"'{path}' has {file.Length} bytes, more than the {ReadLimit} that are read into memory. Map it where nobody writes to " +
                "it meanwhile: " +
                $"using var file = {nameof(SafeTensorsFile)}.{nameof(Map)}(path); " +
                $"{nameof(SafeTensors)}.{nameof(SafeTensors.Load)}(path, file, model.Parameters);");
        }

        file.Read(json);
        return SafeTensorsHeader.Parse(start, json, file.Length - SafeTensorsHeader.PrefixLength - json.Length);
    }

    /// <summary>Parses the header of a file in memory.</summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="content">Its bytes, as far as a header may reach.</param>
    /// <param name="length">Bytes of the whole file.</param>
    /// <param name="end">Receives where the header ends.</param>
    private static SafeTensorsHeader ParseHeader(string name, ReadOnlySpan<byte> content, long length, out int end)
    {
        RequireLittleEndian();
        var start = $"'{name}': ";
        _ = BinaryPrimitives.TryReadUInt64LittleEndian(content, out var claimed);
        end = SafeTensorsHeader.PrefixLength + SafeTensorsHeader.CheckLength(start, claimed, length);
        return SafeTensorsHeader.Parse(start, content[SafeTensorsHeader.PrefixLength..end].ToArray(), length - end);
    }

    private static SafeTensorsFile Open(string file, SafeTensorsHeader header, ByteSource source, FileMapping? mapping = null)
    {
        var tensors = new SafeTensor[header.Entries.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            var entry = header.Entries[i];
            var type = ElementType.Find(entry.DataType)!;
            tensors[i] = new SafeTensor(entry.Name, entry.Shape, type, source(entry.Begin, (int)(entry.End - entry.Begin)));
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
