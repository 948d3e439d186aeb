using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace RnnCodegen.Interchange;

/// <summary>
/// Writes a zip archive of uncompressed entries whose data start at multiples of an alignment, so that readers can map them. The same
/// entries give the same bytes: there are no times in it.
/// </summary>
internal sealed class StoredZipWriter(Stream stream, int alignment)
{
    private const ushort Version = 20;
    private const ushort Utf8 = 0x800;

    /// <summary>1 January 1980, the first day a zip archive can tell.</summary>
    private const ushort Date = 0x21;

    /// <summary>An extra field that readers skip: 'FB', as PyTorch names its own.</summary>
    private const ushort PaddingField = 0x4246;

    private const int LocalLength = 30;
    private const int ExtraHeader = 4;

    private readonly MemoryStream _directory = new();
    private int _count;
    private long _position;

    /// <summary>Adds an entry.</summary>
    /// <param name="name">Its path, with slashes.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="ArgumentException">The archive would exceed what 32-bit sizes can say.</exception>
    public void Add(string name, ReadOnlySpan<byte> bytes)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        var unpadded = _position + LocalLength + utf8.Length + ExtraHeader;
        var padding = (int)((alignment - (unpadded % alignment)) % alignment);
        if (utf8.Length > ushort.MaxValue || _count == ushort.MaxValue
            || unpadded + padding + bytes.Length + _directory.Length > int.MaxValue * 2L)
        {
            throw new ArgumentException(
                $"Entry '{name}' makes the archive longer than 4 GiB, has too long a name, or is one of too many.", nameof(bytes));
        }

        // What stands in both the local header and the directory.
        Span<byte> shared = stackalloc byte[26];
        shared.Clear();
        WriteUInt16LittleEndian(shared, Version);
        WriteUInt16LittleEndian(shared[2..], Utf8);
        WriteUInt16LittleEndian(shared[8..], Date);
        WriteUInt32LittleEndian(shared[10..], Crc32.Of(bytes));
        WriteUInt32LittleEndian(shared[14..], (uint)bytes.Length);
        WriteUInt32LittleEndian(shared[18..], (uint)bytes.Length);
        WriteUInt16LittleEndian(shared[22..], (ushort)utf8.Length);

        _directory.Write("PK\u0001\u0002"u8);
        Write16(_directory, Version);
        _directory.Write(shared);
        _directory.Write(stackalloc byte[10]);
        Write32(_directory, (uint)_position);
        _directory.Write(utf8);

        WriteUInt16LittleEndian(shared[24..], (ushort)(ExtraHeader + padding));
        stream.Write("PK\u0003\u0004"u8);
        stream.Write(shared);
        stream.Write(utf8);
        Write16(stream, PaddingField);
        Write16(stream, (ushort)padding);
        stream.Write(new byte[padding]);
        stream.Write(bytes);
        _position = unpadded + padding + bytes.Length;
        _count++;
    }

    /// <summary>Writes the directory, after which nothing can be added.</summary>
    public void Finish()
    {
        _directory.WriteTo(stream);
        stream.Write("PK\u0005\u0006"u8);
        stream.Write(stackalloc byte[4]);
        Write16(stream, (ushort)_count);
        Write16(stream, (ushort)_count);
        Write32(stream, (uint)_directory.Length);
        Write32(stream, (uint)_position);
        Write16(stream, 0);
    }

    private static void Write16(Stream target, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        WriteUInt16LittleEndian(bytes, value);
        target.Write(bytes);
    }

    private static void Write32(Stream target, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        WriteUInt32LittleEndian(bytes, value);
        target.Write(bytes);
    }
}
