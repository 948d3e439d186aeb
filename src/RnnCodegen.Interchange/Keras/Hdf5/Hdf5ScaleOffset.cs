using System.Buffers.Binary;

namespace RnnCodegen.Interchange;

/// <summary>
/// The filter that keeps so many decimals of floating-point numbers: each as an integer of a few bits, the difference to the chunk's
/// smallest in units of the last decimal.
/// </summary>
internal static class Hdf5ScaleOffset
{
    private const int HeaderLength = 21;

    /// <summary>Unpacks a chunk.</summary>
    /// <param name="packed">The chunk: the integers' bits, the smallest number, and the integers, highest bits first.</param>
    /// <param name="bytes">The numbers.</param>
    /// <param name="options">The filter's values: kind, decimals, count, class,
    /// size, sign, byte order, whether there is a fill value, and that.</param>
    /// <returns>Bytes of the numbers.</returns>
    public static int Unpack(ReadOnlySpan<byte> packed, Span<byte> bytes, ReadOnlySpan<uint> options)
    {
        if (options.Length < 8 || options[0] != 0 || options[3] != 1 || options[4] is not (4 or 8) || packed.Length < HeaderLength)
        {
            throw new InvalidDataException(
                "a chunk went through the filter scaleoffset in a way that is not read; rewrite the file with h5repack -f GZIP=4.");
        }

        var (size, count, isBig) = ((int)options[4], options[2], options[6] == 1);
        var bits = BinaryPrimitives.ReadUInt32LittleEndian(packed);
        var payload = packed[HeaderLength..];
        if (bits > 8 * size || count > bytes.Length / size || payload.Length < ((count * (long)bits) + 7) / 8)
        {
            throw new InvalidDataException($"a chunk of scaleoffset declares {count} numbers of {bits} bits, more than it has.");
        }

        if (bits == 8 * size)
        {
            payload[..(int)(count * size)].CopyTo(bytes);
            return (int)(count * size);
        }

        var lowest = size == 4
            ? BinaryPrimitives.ReadSingleLittleEndian(packed[5..])
            : BinaryPrimitives.ReadDoubleLittleEndian(packed[5..]);
        var fill = options[7] == 0 ? (double?)null : Fill(options[8..], size);
        var unit = Math.Pow(10, (int)options[1]);
        var at = 0L;
        for (var i = 0; i < count; i++)
        {
            var number = 0L;
            for (var bit = 0; bit < bits; bit++, at++)
            {
                number = (number << 1) | (uint)(payload[(int)(at / 8)] >> (int)(7 - (at % 8)) & 1);
            }

            var value = fill is { } missing && number == (1L << (int)bits) - 1 ? missing : (number / unit) + lowest;
            Write(bytes[(i * size)..], size, isBig, value);
        }

        return (int)(count * size);
    }

    private static double Fill(ReadOnlySpan<uint> words, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        for (var i = 0; i < Math.Min(words.Length, size / 4); i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], words[i]);
        }

        return size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
    }

    private static void Write(Span<byte> target, int size, bool isBig, double value)
    {
        switch (size, isBig)
        {
            case (4, false):
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                break;
            case (4, true):
                BinaryPrimitives.WriteSingleBigEndian(target, (float)value);
                break;
            case (_, false):
                BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                break;
            default:
                BinaryPrimitives.WriteDoubleBigEndian(target, value);
                break;
        }
    }
}
