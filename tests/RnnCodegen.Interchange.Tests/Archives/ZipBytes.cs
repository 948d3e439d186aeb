using System.IO.Compression;
using System.Text;

namespace RnnCodegen.Interchange.Tests.Archives;

/// <summary>Writes zip archives byte by byte, right or wrong, and not with the code under test.</summary>
internal sealed class ZipBytes
{
    private readonly MemoryStream _body = new();
    private readonly MemoryStream _directory = new();
    private int _count;

    /// <summary>What an entry's directory record says, where it should not be the truth.</summary>
    public sealed record Lies
    {
        public uint? Length { get; init; }

        public uint? StoredLength { get; init; }

        public uint? CheckSum { get; init; }

        public uint? Offset { get; init; }

        public ushort Flags { get; init; }

        public ushort? Method { get; init; }

        public string? LocalName { get; init; }

        public byte[] Extra { get; init; } = [];
    }

    public static byte[] Of(params (string Name, byte[] Bytes)[] entries)
    {
        var zip = new ZipBytes();
        foreach (var (name, bytes) in entries)
        {
            zip.Add(name, bytes);
        }

        return zip.ToArray();
    }

    public ZipBytes Add(string name, byte[] bytes, bool deflate = false, Lies? lies = null) => Add(Encoding.UTF8.GetBytes(name), bytes,
        deflate, lies);

    public ZipBytes Add(byte[] name, byte[] bytes, bool deflate = false, Lies? lies = null)
    {
        lies ??= new Lies();
        var stored = deflate ? Deflate(bytes) : bytes;
        var localName = lies.LocalName is null ? name : Encoding.UTF8.GetBytes(lies.LocalName);
        var offset = (uint)_body.Position;
        _body.Write("PK\u0003\u0004"u8);
        Write(_body, 20, lies.Flags, lies.Method ?? (deflate ? 8 : 0), 0, 0x21);
        Write(_body, Crc(bytes), (uint)stored.Length, (uint)bytes.Length);
        Write(_body, localName.Length, 0);
        _body.Write(localName);
        _body.Write(stored);

        _directory.Write("PK\u0001\u0002"u8);
        Write(_directory, 20, 20, lies.Flags, lies.Method ?? (deflate ? 8 : 0), 0, 0x21);
        Write(_directory, lies.CheckSum ?? Crc(bytes), lies.StoredLength ?? (uint)stored.Length, lies.Length ?? (uint)bytes.Length);
        Write(_directory, name.Length, lies.Extra.Length, 0, 0, 0);
        Write(_directory, 0u, lies.Offset ?? offset);
        _directory.Write(name);
        _directory.Write(lies.Extra);
        _count++;
        return this;
    }

    /// <summary>The archive; with 64-bit end records, as PyTorch writes them, if wanted.</summary>
    public byte[] ToArray(bool wide = false, string comment = "", int? count = null, uint? directoryLength = null,
        uint? directoryStart = null)
    {
        var archive = new MemoryStream();
        _body.WriteTo(archive);
        var start = archive.Position;
        _directory.WriteTo(archive);
        var end = archive.Position;
        if (wide)
        {
            archive.Write("PK\u0006\u0006"u8);
            archive.Write([.. BitConverter.GetBytes(44L), 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            foreach (var value in new[] { _count, _count, end - start, start })
            {
                archive.Write(BitConverter.GetBytes(value));
            }

            archive.Write("PK\u0006\u0007"u8);
            archive.Write([0, 0, 0, 0, .. BitConverter.GetBytes(end), 1, 0, 0, 0]);
        }

        archive.Write("PK\u0005\u0006"u8);
        Write(archive, 0, 0, wide ? 0xFFFF : count ?? _count, wide ? 0xFFFF : count ?? _count);
        Write(archive, wide ? uint.MaxValue : directoryLength ?? (uint)(end - start), wide ? uint.MaxValue : directoryStart ?? (uint)start);
        Write(archive, comment.Length);
        archive.Write(Encoding.ASCII.GetBytes(comment));
        return archive.ToArray();
    }

    private static byte[] Deflate(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var stream = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>CRC-32, bit by bit.</summary>
    private static uint Crc(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320);
            }
        }

        return ~sum;
    }

    private static void Write(Stream stream, params int[] values)
    {
        foreach (var value in values)
        {
            stream.Write(BitConverter.GetBytes((ushort)value));
        }
    }

    private static void Write(Stream stream, params uint[] values)
    {
        foreach (var value in values)
        {
            stream.Write(BitConverter.GetBytes(value));
        }
    }
}
