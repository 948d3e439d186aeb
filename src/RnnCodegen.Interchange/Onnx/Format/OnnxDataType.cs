namespace RnnCodegen.Interchange.Onnx.Format;

/// <summary>What a tensor's elements are; the numbers are the format's.</summary>
internal enum OnnxDataType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

/// <summary>What the element types have in common.</summary>
internal static class OnnxDataTypes
{
    public static bool IsReal(this OnnxDataType type) =>
        type is OnnxDataType.Float or OnnxDataType.Double or OnnxDataType.Float16 or OnnxDataType.BFloat16;

    /// <summary>Whether values are whole numbers; truth values are not.</summary>
    public static bool IsInteger(this OnnxDataType type) => type is OnnxDataType.Int8 or OnnxDataType.UInt8 or OnnxDataType.Int16
        or OnnxDataType.UInt16 or OnnxDataType.Int32 or OnnxDataType.UInt32 or OnnxDataType.Int64 or OnnxDataType.UInt64;

    /// <summary>Whether integers of the type hold all those of another.</summary>
    public static bool Holds(this OnnxDataType type, OnnxDataType other) => type.IsInteger() && other.IsInteger()
        && (type == other || type == OnnxDataType.Int64 || (other.IsSigned() == type.IsSigned() && type.Size() >= other.Size())
            || (type.IsSigned() && type.Size() > other.Size()) || (type == OnnxDataType.Int32 && other.Size() == 8));

    private static bool IsSigned(this OnnxDataType type) =>
        type is OnnxDataType.Int8 or OnnxDataType.Int16 or OnnxDataType.Int32 or OnnxDataType.Int64;

    /// <summary>Bytes of an element; 0 for a type that no weight comes in.</summary>
    public static int Size(this OnnxDataType type) => type switch
    {
        OnnxDataType.Double or OnnxDataType.Int64 or OnnxDataType.UInt64 => 8,
        OnnxDataType.Float or OnnxDataType.Int32 or OnnxDataType.UInt32 => 4,
        OnnxDataType.Float16 or OnnxDataType.BFloat16 or OnnxDataType.Int16 or OnnxDataType.UInt16 => 2,
        OnnxDataType.Int8 or OnnxDataType.UInt8 or OnnxDataType.Bool => 1,
        _ => 0,
    };
}
