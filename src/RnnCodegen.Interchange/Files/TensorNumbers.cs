using System.Buffers.Binary;

namespace RnnCodegen.Interchange;

/// <summary>The numbers of safetensors' element types.</summary>
internal static class TensorNumbers
{
    private delegate float Reader(ReadOnlySpan<byte> bytes);

    private static readonly Dictionary<string, (int Size, Reader Read)> s_types = new(StringComparer.Ordinal)
    {
        ["F64"] = (8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
        ["F32"] = (4, BinaryPrimitives.ReadSingleLittleEndian),
        ["F16"] = (2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        ["BF16"] = (2, b => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(b) << 16)),
        ["I64"] = (8, b => BinaryPrimitives.ReadInt64LittleEndian(b)),
        ["U64"] = (8, b => BinaryPrimitives.ReadUInt64LittleEndian(b)),
        ["I32"] = (4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
        ["U32"] = (4, b => BinaryPrimitives.ReadUInt32LittleEndian(b)),
        ["I16"] = (2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
        ["U16"] = (2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)),
        ["I8"] = (1, b => (sbyte)b[0]),
        ["U8"] = (1, b => b[0]),
        ["BOOL"] = (1, b => b[0]),
    };

    /// <summary>A tensor's values, rounded to float32; null where its type is none of the table.</summary>
    public static float[]? Read(SafeTensor tensor)
    {
        if (!s_types.TryGetValue(tensor.DataType, out var type))
        {
            return null;
        }

        var values = new float[tensor.Bytes.Length / type.Size];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type.Read(tensor.Bytes[(i * type.Size)..]);
        }

        return values;
    }
}
