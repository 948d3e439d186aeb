using System.Buffers.Binary;
using System.IO.Compression;

namespace RnnCodegen.Interchange;

/// <summary>What the chunks of a dataset went through before they were stored, in order.</summary>
internal sealed class Hdf5Filters
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Fletcher32 = 3;
    private const int ScaleOffset = 6;
    private const int Lzf = 32000;
    private const int Limit = 32;

    private readonly List<(int Id, uint[] Options)> _filters = [];
    private byte[] _buffer = [];
    private byte[] _other = [];

    /// <summary>Reads the filters of a dataset.</summary>
    /// <exception cref="InvalidDataException">One is not read; the message names it.</exception>
    public static Hdf5Filters Read(Hdf5Cursor message)
    {
        var filters = new Hdf5Filters();
        var version = message.Version(1, 2);
        var count = message.U8();
        message.Skip(version == 1 ? 6 : 0);
        for (var i = 0; i < Math.Min(count, Limit); i++)
        {
            var id = message.U16();
            var nameSize = version == 1 || id >= 256 ? message.U16() : 0;
            message.Skip(2);
            var values = message.U16();
            message.Skip(version == 1 ? (nameSize + 7) / 8 * 8 : nameSize);
            var options = new uint[values];
            for (var k = 0; k < values; k++)
            {
                options[k] = message.U32();
            }

            message.Skip(version == 1 ? 4 * (values % 2) : 0);
            filters._filters.Add(
                id is Deflate or Shuffle or Fletcher32 or ScaleOffset or Lzf ? (id, options) : throw new InvalidDataException(
                    $"its values went through the filter {Name(id)}, which is not read; gzip, lzf, shuffle, fletcher32 and scaleoffset " +
                    "are. Rewrite the file with h5repack -f GZIP=4."));
        }

        return filters;
    }

    /// <summary>Undoes the filters.</summary>
    /// <param name="source">The file, whose memory is used.</param>
    /// <param name="stored">A chunk as the file has it.</param>
    /// <param name="mask">A bit a filter that this chunk did not go through.</param>
    /// <param name="length">Bytes of the chunk's values.</param>
    /// <param name="size">Bytes of a value.</param>
    /// <returns>The values, until the next chunk.</returns>
    public ReadOnlySpan<byte> Undo(Hdf5Source source, ReadOnlySpan<byte> stored, uint mask, int length, int size)
    {
        if (_buffer.Length == 0)
        {
            // What cannot be packed becomes a little longer, and a check sum may stand behind it.
            var room = length + (length / 64) + 1024;
            source.Claim(2L * room);
            (_buffer, _other) = (new byte[room], new byte[room]);
        }

        if (stored.Length > _buffer.Length)
        {
            throw new InvalidDataException($"a chunk of {length} bytes takes {stored.Length} in the file.");
        }

        stored.CopyTo(_buffer);
        var count = stored.Length;
        for (var i = _filters.Count - 1; i >= 0; i--)
        {
            if ((mask >> i & 1) != 0)
            {
                continue;
            }

            var (id, options) = _filters[i];
            if (id == Fletcher32)
            {
                count = Checked(_buffer.AsSpan(0, count));
                continue;
            }

            count = id switch
            {
                Deflate => Inflate(_buffer, count, _other),
                Shuffle => Unshuffle(_buffer.AsSpan(0, count), _other, size),
                ScaleOffset => Hdf5ScaleOffset.Unpack(_buffer.AsSpan(0, count), _other, options),
                _ => Expand(_buffer.AsSpan(0, count), _other),
            };
            (_buffer, _other) = (_other, _buffer);
        }

        return count == length
            ? _buffer.AsSpan(0, count)
            : throw new InvalidDataException($"a chunk unpacks to {count} bytes, but {length} are expected.");
    }

    private static string Name(int id) => id switch
    {
        4 => "szip",
        5 => "nbit",
        307 => "bzip2",
        32001 => "blosc",
        32004 => "lz4",
        32013 => "zfp",
        32015 => "zstd",
        _ => $"{id}",
    };

    private static int Inflate(byte[] packed, int length, byte[] bytes)
    {
        using var stream = new ZLibStream(new MemoryStream(packed, 0, length, writable: false), CompressionMode.Decompress);
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count < bytes.Length || stream.ReadByte() < 0
            ? count
            : throw new InvalidDataException("a chunk unpacks to more bytes than it should.");
    }

    /// <summary>Bytes stand sorted by their place in a value.</summary>
    private static int Unshuffle(ReadOnlySpan<byte> bytes, Span<byte> result, int size)
    {
        bytes.CopyTo(result);
        var count = bytes.Length / size;
        for (var i = 0; i < count; i++)
        {
            for (var part = 0; part < size; part++)
            {
                result[(i * size) + part] = bytes[(part * count) + i];
            }
        }

        return bytes.Length;
    }

    /// <summary>The bytes before the check sum, once it is right.</summary>
    private static int Checked(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(uint))
        {
            throw new InvalidDataException("a chunk lacks its check sum.");
        }

        var data = bytes[..^sizeof(uint)];
        var (sum, declared) = (Sum(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes[data.Length..]));
        return sum == declared
            ? data.Length
            : throw new InvalidDataException($"a chunk has the check sum {sum:x8}, but {declared:x8} is declared: the file is corrupt.");
    }

    private static uint Sum(ReadOnlySpan<byte> data)
    {
        var (low, high) = (0u, 0u);
        for (var i = 0; i < data.Length; i += 2)
        {
            low = (low + ((uint)data[i] << 8) + (i + 1 < data.Length ? data[i + 1] : 0u)) % ushort.MaxValue;
            high = (high + low) % ushort.MaxValue;
        }

        // A sum of 0 and one of 65535 are the same here, but not in the file, which has 0 only where all bytes are.
        var isZero = data.IndexOfAnyExcept((byte)0) < 0;
        return (Full(high) << 16) | Full(low);

        uint Full(uint sum) => sum == 0 && !isZero ? ushort.MaxValue : sum;
    }

    /// <summary>LZF: runs of bytes, and copies of earlier ones.</summary>
    private static int Expand(ReadOnlySpan<byte> packed, Span<byte> bytes)
    {
        var (from, to) = (0, 0);
        while (from < packed.Length)
        {
            var control = packed[from++];
            if (control < 32)
            {
                var count = control + 1;
                if (count > packed.Length - from || count > bytes.Length - to)
                {
                    throw Damaged();
                }

                packed.Slice(from, count).CopyTo(bytes[to..]);
                (from, to) = (from + count, to + count);
                continue;
            }

            var run = control >> 5;
            if (run == 7)
            {
                run += from < packed.Length ? packed[from++] : throw Damaged();
            }

            var back = ((control & 31) << 8) + (from < packed.Length ? packed[from++] : throw Damaged()) + 1;
            if (back > to || run + 2 > bytes.Length - to)
            {
                throw Damaged();
            }

            for (var i = 0; i < run + 2; i++, to++)
            {
                bytes[to] = bytes[to - back];
            }
        }

        return to;

        static InvalidDataException Damaged() => new("a chunk packed by lzf is damaged.");
    }
}
