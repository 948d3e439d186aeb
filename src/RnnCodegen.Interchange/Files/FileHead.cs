using System.Text;

namespace RnnCodegen.Interchange;

/// <summary>What a file's format is told by: its first bytes, the entries where it is an archive, and last its name.</summary>
internal sealed class FileHead
{
    private const int Length = 1 << 14;

    private FileHead(string path, byte[] bytes, long fileLength, IReadOnlyList<string> entries) =>
        (Path, Bytes, FileLength, Entries) = (path, bytes, fileLength, entries);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its first bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>All its bytes' number.</summary>
    public long FileLength { get; }

    /// <summary>The names in a zip archive; none where the file is not one.</summary>
    public IReadOnlyList<string> Entries { get; }

    /// <summary>The end of its name, in small letters, with the dot.</summary>
    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();

    /// <summary>The first bytes as text without white space, where the file is a JSON object; otherwise empty.</summary>
    public string Json
    {
        get
        {
            var text = Encoding.UTF8.GetString(Bytes).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
            return text.StartsWith('{') ? string.Concat(text.Where(c => !char.IsWhiteSpace(c))) : "";
        }
    }

    /// <summary>The first bytes as text, where they are text; otherwise empty.</summary>
    public string Text => Bytes.AsSpan().Contains((byte)0) ? "" : Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads a file's start.</summary>
    /// <exception cref="InvalidDataException">It is an archive that is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileHead Read(string path)
    {
        using var stream = RegularFile.OpenRead(path);
        var bytes = new byte[Math.Min(Length, stream.Length)];
        stream.ReadExactly(bytes);
        return new FileHead(path, bytes, stream.Length, SafeZip.IsZip(bytes) ? EntriesOf(path) : []);
    }

    /// <summary>Whether the bytes at an offset are these.</summary>
    public bool HasAt(int offset, ReadOnlySpan<byte> bytes) => Bytes.Length >= offset && Bytes.AsSpan(offset).StartsWith(bytes);

    private static string[] EntriesOf(string path)
    {
        using var archive = SafeZip.Open(path);
        return [.. archive.Entries.Select(e => e.Name)];
    }
}
