using System.IO.Compression;

namespace RnnCodegen.Interchange;

/// <summary>
/// A zip archive from a stranger, read into memory one entry at a time. Refused are: encrypted entries, names that occur twice or lead out
/// of the archive, entries that overlap or lie outside of the file, methods other than stored and deflated, sizes that differ from what is
/// declared, wrong check sums, and entries that unpack to more than their kind has. Memory and time are bounded by the file's size,
/// whatever the file claims.
/// </summary>
internal sealed class SafeZip : IDisposable
{
    /// <summary>
    /// Bytes that compressed entries may unpack to, all together: weights hardly pack at all, and pruned ones to a tenth or so, so that
    /// more than this many times the file, beside what a small file may have, is a bomb.
    /// </summary>
    private const int Ratio = 16;

    private const long SmallLimit = 64L << 20;

    private const int FirstBlock = 1 << 16;

    private readonly Stream _stream;
    private readonly Dictionary<string, SafeZipEntry> _byName = new(StringComparer.Ordinal);

    private SafeZip(string file, Stream stream, SafeZipEntry[] entries)
    {
        File = file;
        _stream = stream;
        Entries = Array.AsReadOnly(entries);
        foreach (var entry in entries)
        {
            if (!_byName.TryAdd(entry.Name, entry))
            {
                throw Bad($"entry '{entry.Name}' occurs twice.");
            }
        }
    }

    /// <summary>The archive's name, which starts each message.</summary>
    public string File { get; }

    /// <summary>The entries in the order of the directory, without folders.</summary>
    public IReadOnlyList<SafeZipEntry> Entries { get; }

    /// <summary>Whether a file starts as a zip archive does.</summary>
    /// <param name="start">The file's first bytes.</param>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8);

    /// <summary>Opens an archive and checks its directory; the file is shared for reading until this is disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes that its compressed entries may unpack to, together; where null, a multiple of the file.</param>
    /// <exception cref="InvalidDataException">It is not a zip archive, or one
    /// of those that are refused; the message names file and entry.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafeZip Open(string path, long? limit = null) =>
        Open(path, RegularFile.OpenRead(path, options: FileOptions.RandomAccess), limit);

    /// <summary>Opens an archive in a stream that can seek, and owns the stream from here on.</summary>
    /// <param name="file">Its name in messages.</param>
    /// <param name="stream">The archive.</param>
    /// <param name="limit">As above.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static SafeZip Open(string file, Stream stream, long? limit = null)
    {
        try
        {
            return new SafeZip(file, stream, new ZipDirectory(file, stream).Read(limit ?? (Ratio * stream.Length) + SmallLimit));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Finds an entry that may not exist.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafeZipEntry? entry) =>
        _byName.TryGetValue(name, out entry);

    /// <summary>Reads an entry that must exist.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="limit">Bytes that an entry of its kind has at most.</param>
    /// <exception cref="InvalidDataException">There is none, it is longer, or it is not what the directory declares.</exception>
    public byte[] Read(string name, long limit = long.MaxValue)
    {
        var entry = TryGet(name, out var found) ? found : throw Bad($"there is no entry '{name}' in the archive.");
        return entry.Length <= limit
            ? Read(entry)
            : throw Bad($"entry '{name}' has {entry.Length} bytes, more than the {limit} that an entry of this kind can have.");
    }

    /// <summary>Reads an entry and checks its length and check sum.</summary>
    /// <exception cref="InvalidDataException">It is not what the directory declares, or larger than an array can be.</exception>
    public byte[] Read(SafeZipEntry entry)
    {
        var length = Math.Max(entry.Length, entry.StoredLength);
        if (length > Array.MaxLength)
        {
            throw Bad($"entry '{entry.Name}' has {length} bytes; at most {Array.MaxLength} can be read.");
        }

        var bytes = entry.IsDeflated ? Inflate(entry) : ReadStored(entry);
        var sum = Crc32.Of(bytes);
        return sum == entry.CheckSum
            ? bytes
            : throw Bad($"entry '{entry.Name}' has the check sum {sum:x8}, but {entry.CheckSum:x8} is declared: the file is corrupt.");
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private byte[] ReadStored(SafeZipEntry entry)
    {
        var bytes = new byte[entry.StoredLength];
        _stream.Position = entry.Offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private byte[] Inflate(SafeZipEntry entry)
    {
        byte[] bytes;
        int count;
        bool more;
        try
        {
            using var packed = new MemoryStream(ReadStored(entry), writable: false);
            using var stream = new DeflateStream(packed, CompressionMode.Decompress);
            (bytes, count) = ReadUpTo(stream, (int)entry.Length);
            more = stream.ReadByte() >= 0;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{File}': entry '{entry.Name}' cannot be unpacked: {e.Message}", e);
        }

        return count == entry.Length && !more
            ? bytes
            : throw Bad($"entry '{entry.Name}' unpacks to {(more ? "more than " : "")}{count} bytes, but {entry.Length} are declared.");
    }

    /// <summary>
    /// Reads as much as there is of a length; the buffer grows with what is really there, so that a lie about the length costs nothing.
    /// </summary>
    private static (byte[] Bytes, int Count) ReadUpTo(Stream stream, int length)
    {
        var bytes = new byte[Math.Min(length, FirstBlock)];
        var count = 0;
        while (count < length)
        {
            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(length, bytes.Length * 2L));
            }

            var read = stream.Read(bytes, count, bytes.Length - count);
            if (read == 0)
            {
                break;
            }

            count += read;
        }

        return (bytes, count);
    }

    private InvalidDataException Bad(string what) => new($"'{File}': {what}");
}
