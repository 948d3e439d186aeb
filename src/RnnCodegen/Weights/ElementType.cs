using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>One of the element types that safetensors files have.</summary>
/// <param name="Name">The format's name, e.g. F32.</param>
/// <param name="Type">The .NET type of an element; null where there is none.</param>
/// <param name="ToFloats">Turns elements into floats, rounded to nearest; null where that is not defined here.</param>
internal sealed record ElementType(string Name, Type? Type, ElementType.Converter? ToFloats)
{
    /// <summary>The types of <see cref="SafeTensorsTypes"/>. .NET 10 has no type for BF16, and floats of 8 bits are bytes here.</summary>
    private static readonly ElementType[] All =
    [
        Of<float>("F32"), Of<double>("F64"), Of<Half>("F16"), new("BF16", null, WidenBFloat16),
        Of<long>("I64"), Of<int>("I32"), Of<short>("I16"), Of<sbyte>("I8"),
        Of<ulong>("U64"), Of<uint>("U32"), Of<ushort>("U16"), Of<byte>("U8"), new("BOOL", typeof(bool), WidenBooleans),
        new("F8_E4M3", null, null), new("F8_E5M2", null, null), new("F8_E8M0", null, null), new("F8_E4M3FNUZ", null, null),
        new("F8_E5M2FNUZ", null, null), new("C64", null, null),
    ];

    private static readonly Dictionary<string, ElementType> ByName = All.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>Reads elements, little-endian, into as many floats.</summary>
    public delegate void Converter(ReadOnlySpan<byte> elements, Span<float> floats);

    /// <summary>32-bit floats, what parameters are made of.</summary>
    public static ElementType Float32 => All[0];

    /// <summary>The upper halves of 32-bit floats.</summary>
    public static ElementType BFloat16 => All[3];

    /// <summary>Bytes of an element.</summary>
    public int Size { get; } = SafeTensorsTypes.SizeOf(Name);

    /// <summary>
    /// Whether the type holds real numbers, so that a tensor of it may be weights; whole numbers mean something else without their scales.
    /// </summary>
    public bool IsReal => Name is "F32" or "F64" or "F16" or "BF16";

    /// <summary>The type of the given name, or null.</summary>
    public static ElementType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The type whose elements are of a .NET type, or null.</summary>
    public static ElementType? Find(Type type) => Array.Find(All, t => t.Type == type);

    private static ElementType Of<T>(string name)
        where T : unmanaged, INumberBase<T> =>
        new(name, typeof(T), static (elements, floats) =>
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(elements), floats));

    private static void WidenBFloat16(ReadOnlySpan<byte> elements, Span<float> floats)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(elements);
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }
    }

    private static void WidenBooleans(ReadOnlySpan<byte> elements, Span<float> floats)
    {
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = elements[i] == 0 ? 0 : 1;
        }
    }
}
