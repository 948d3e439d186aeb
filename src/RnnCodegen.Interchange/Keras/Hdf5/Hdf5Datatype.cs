using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RnnCodegen.Interchange;

/// <summary>A type of values: its class, its size, and what of it matters for numbers and texts.</summary>
/// <param name="What">Its name for a person.</param>
/// <param name="Size">Bytes of a value.</param>
internal sealed record Hdf5Datatype(string What, int Size)
{
    /// <summary>How numbers are laid out; null of types that are not such numbers.</summary>
    public Hdf5Float? Float { get; private init; }

    /// <summary>Whether values are bytes that the file says nothing about.</summary>
    public bool IsOpaque { get; private init; }

    /// <summary>Whether values are texts of that size.</summary>
    public bool IsText { get; private init; }

    /// <summary>Whether values are texts of any length, kept elsewhere.</summary>
    public bool IsVariableText { get; private init; }

    /// <summary>Whether texts of a size are filled up with spaces.</summary>
    public bool IsSpaced { get; private init; }

    public static Hdf5Datatype Read(Hdf5Cursor cursor)
    {
        var kind = cursor.U8();
        var bits = (int)cursor.Number(3);
        var size = cursor.U32();
        if (size is 0 or > int.MaxValue)
        {
            throw new InvalidDataException($"a type has the size {size}.");
        }

        var type = new Hdf5Datatype($"{Name(kind & 15)} of {size} bytes", (int)size);
        switch (kind & 15)
        {
            case 1:
                var layout = Hdf5Float.Read(cursor, bits, (int)size);
                return type with { What = layout.ToString(), Float = layout.IsKnown ? layout : null };
            case 3:
                return type with { IsText = true, IsSpaced = (bits & 15) == 2 };
            case 5:
                return type with { IsOpaque = true };
            case 9:
                return type with { IsVariableText = (bits & 15) == 1 };
            default:
                return type;
        }
    }

    private static string Name(int kind) => kind switch
    {
        0 => "integers",
        1 => "floating-point numbers",
        2 => "times",
        3 => "texts",
        4 => "bit fields",
        5 => "opaque values",
        6 => "compound values",
        7 => "references",
        8 => "enumerations",
        9 => "lists of any length",
        10 => "arrays",
        11 => "complex numbers",
        _ => $"values of the unknown class {kind}",
    };
}

/// <summary>
/// How a floating-point number's bits are laid out, which its size alone does not say: bfloat16 and float16 have the same.
/// </summary>
/// <param name="Size">Bytes.</param>
/// <param name="IsBigEndian">Whether the highest byte comes first.</param>
/// <param name="Exponent">Bits of the exponent.</param>
/// <param name="Mantissa">Bits of the mantissa.</param>
/// <param name="IsPlain">Whether sign, exponent and mantissa follow each other, fill all bits, and mean what IEEE 754 says.</param>
internal readonly record struct Hdf5Float(int Size, bool IsBigEndian, int Exponent, int Mantissa, bool IsPlain)
{
    /// <summary>Little-endian bfloat16.</summary>
    public static Hdf5Float BFloat16 { get; } = new(2, false, 8, 7, true);

    /// <summary>Whether it is one that can be converted: float16, bfloat16, float32 or float64.</summary>
    public bool IsKnown => IsPlain && (Size, Exponent, Mantissa) is (2, 5, 10) or (2, 8, 7) or (4, 8, 23) or (8, 11, 52);

    public static Hdf5Float Read(Hdf5Cursor cursor, int bits, int size)
    {
        var (offset, precision) = (cursor.U16(), cursor.U16());
        var (exponentAt, exponent, mantissaAt, mantissa) = (cursor.U8(), cursor.U8(), cursor.U8(), cursor.U8());
        var bias = cursor.U32();
        var (isVax, isImplied, signAt) = ((bits & 0x40) != 0, (bits >> 4 & 3) == 2, bits >> 8 & 0xFF);
        var isPlain = !isVax && isImplied && offset == 0 && precision == 8L * size && mantissaAt == 0 && exponentAt == mantissa
            && signAt == precision - 1 && exponent + mantissa + 1 == precision && exponent is > 0 and < 31
            && bias == (1u << (exponent - 1)) - 1;
        return new(size, (bits & 1) != 0, exponent, mantissa, isPlain);
    }

    /// <summary>Converts values; what float32 cannot hold becomes an infinity.</summary>
    public void Convert(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (Size == sizeof(float) && !IsBigEndian && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes)[..values.Length].CopyTo(values);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(bytes.Slice(i * Size, Size));
        }
    }

    public override string ToString() =>
        $"floating-point numbers of {Size} bytes with {Exponent} bits of exponent and {Mantissa} of " +
        $"mantissa{(IsPlain ? "" : ", laid out in a way of their own")}";

    private float Value(ReadOnlySpan<byte> bytes) => (Size, Exponent) switch
    {
        (2, 5) => (float)(IsBigEndian ? BinaryPrimitives.ReadHalfBigEndian(bytes) : BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        (2, _) => BitConverter.UInt32BitsToSingle(
            (uint)(IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes)) << 16),
        (4, _) => IsBigEndian ? BinaryPrimitives.ReadSingleBigEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => (float)(IsBigEndian ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    };
}

/// <summary>The sizes of a dataset or an attribute, outermost first; none of a single value.</summary>
internal static class Hdf5Dataspace
{
    private const int RankLimit = 32;

    public static long[] Read(Hdf5Cursor cursor)
    {
        var version = cursor.Version(1, 2);
        var rank = cursor.U8();
        cursor.Skip(1);
        var kind = version == 2 ? cursor.U8() : 1;
        cursor.Skip(version == 1 ? 5 : 0);
        if (rank > RankLimit || kind is < 0 or > 2)
        {
            throw new InvalidDataException($"a dataspace has {rank} axes and the kind {kind}.");
        }

        var shape = new long[kind == 2 ? 1 : rank];
        for (var axis = 0; axis < shape.Length && kind != 2; axis++)
        {
            shape[axis] = cursor.Size();
        }

        return shape;
    }
}
