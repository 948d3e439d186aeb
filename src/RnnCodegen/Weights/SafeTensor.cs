using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>One named tensor of a safetensors file.</summary>
public sealed class SafeTensor
{
    private const int Block = 1024;

    private readonly ElementType _type;
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>A tensor of floats to write; the values are not copied.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Sizes, outermost first; empty for a single value.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty or the format's reserved one, or the shape does not say how many values there are.
    /// </exception>
    public SafeTensor(string name, IReadOnlyList<int> shape, ReadOnlyMemory<float> values)
        : this(name, shape, ElementType.Float32, new ElementBytes<float>(values).Memory) => Check(name, shape, values.Length);

    internal SafeTensor(string name, IReadOnlyList<int> shape, ElementType type, ReadOnlyMemory<byte> bytes) =>
        (Name, Shape, _type, _bytes) = (name, shape, type, bytes);

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>Sizes, outermost first; empty for a single value.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>
    /// The format's name of the element type: F32, F64, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, ...
    /// </summary>
    public string DataType => _type.Name;

    /// <summary>Number of values.</summary>
    public int Count => _bytes.Length / _type.Size;

    /// <summary>The values of an F32 tensor, row-major.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not F32.</exception>
    public ReadOnlySpan<float> Floats => _type == ElementType.Float32
        ? MemoryMarshal.Cast<byte, float>(_bytes.Span)
        : throw new InvalidOperationException(
            $"Tensor '{Name}' is {DataType}, not F32; take its {nameof(ToFloats)} or read its {nameof(Bytes)}.");

    /// <summary>The values as the file holds them, little-endian.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    internal ElementType Type => _type;

    /// <summary>A tensor to write; the values are not copied.</summary>
    /// <typeparam name="T">
    /// float, double, Half, long, int, short, sbyte, ulong, uint, ushort, byte or bool; BF16 has a method of its own.
    /// </typeparam>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Sizes, outermost first; empty for a single value.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty or reserved, the shape does not say how many values there are, or the format has no such type.
    /// </exception>
    public static SafeTensor Of<T>(string name, IReadOnlyList<int> shape, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        Check(name, shape, values.Length);
        var type = ElementType.Find(typeof(T)) ?? throw new ArgumentException(
            $"Tensor '{name}': the safetensors format has no type for {typeof(T).Name}; it has {SafeTensorsTypes.Names}.", nameof(values));
        return new SafeTensor(name, shape, type, new ElementBytes<T>(values).Memory);
    }

    /// <summary>A tensor of BF16, the upper halves of floats, to write.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Sizes, outermost first; empty for a single value.</param>
    /// <param name="values">The values, row-major; they are rounded to nearest, ties to even.</param>
    /// <exception cref="ArgumentException">As for <see cref="Of{T}"/>, or a finite value is too large.</exception>
    public static SafeTensor RoundToBFloat16(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        Check(name, shape, values.Length);
        var halves = new ushort[values.Length];
        for (var i = 0; i < halves.Length; i++)
        {
            halves[i] = BFloat16Packer.Round(values[i]);
            if (float.IsFinite(values[i]) && (halves[i] & 0x7FFF) == 0x7F80)
            {
                throw new ArgumentException($"Tensor '{name}': value {i}, {values[i]}, is beyond BF16's range.", nameof(values));
            }
        }

        return new SafeTensor(name, shape, ElementType.BFloat16, new ElementBytes<ushort>(halves).Memory);
    }

    /// <summary>A tensor to write of any of the format's types, as bytes; they are not copied.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="dataType">The format's name of the element type, e.g. BF16.</param>
    /// <param name="shape">Sizes, outermost first; empty for a single value.</param>
    /// <param name="bytes">The values, row-major and little-endian.</param>
    /// <exception cref="ArgumentException">As for <see cref="Of{T}"/>.</exception>
    public static SafeTensor OfBytes(string name, string dataType, IReadOnlyList<int> shape, ReadOnlyMemory<byte> bytes)
    {
        var type = ElementType.Find(dataType) ?? throw new ArgumentException(
            $"Tensor '{name}': the safetensors format has no type '{dataType}'; it has {SafeTensorsTypes.Names}.", nameof(dataType));
        Check(name, shape, bytes.Length % type.Size == 0 ? bytes.Length / type.Size : -1);
        return new SafeTensor(name, shape, type, bytes);
    }

    /// <summary>The values, row-major, in their own type.</summary>
    /// <typeparam name="T">The .NET type of the tensor's elements.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    /// <exception cref="InvalidDataException">T is bool, and a value is neither 0 nor 1.</exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        if (_type.Type != typeof(T))
        {
            throw new InvalidOperationException($"Tensor '{Name}' is {DataType}, whose elements are not {typeof(T).Name}.");
        }

        if (typeof(T) == typeof(bool) && Bytes.IndexOfAnyExcept((byte)0, (byte)1) is >= 0 and var index)
        {
            throw new InvalidDataException($"Value {index} of the BOOL tensor '{Name}' is {Bytes[index]}, neither 0 nor 1.");
        }

        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>The values as floats, see <see cref="CopyTo"/>.</summary>
    public float[] ToFloats()
    {
        var floats = new float[Count];
        CopyTo(floats);
        return floats;
    }

    /// <summary>
    /// Copies the values as floats: exactly those of F32, F16, BF16, BOOL and of whole numbers up to 24 bits, rounded to the nearest float
    /// those of F64 and of longer whole numbers. NaN and infinities stay what they are.
    /// </summary>
    /// <param name="target">As many floats as the tensor has values.</param>
    /// <exception cref="ArgumentException">The target has another length.</exception>
    /// <exception cref="InvalidDataException">A finite value is beyond float's range; what was copied before it stays.</exception>
    /// <exception cref="InvalidOperationException">The type is one that is only read as bytes.</exception>
    public void CopyTo(Span<float> target)
    {
        if (target.Length != Count)
        {
            throw new ArgumentException($"Tensor '{Name}' has {Count} values, the target {target.Length}.", nameof(target));
        }

        Convert(Bytes, target);
        if (_type.Type == typeof(double))
        {
            var doubles = MemoryMarshal.Cast<byte, double>(Bytes);
            for (var i = 0; i < target.Length; i++)
            {
                if (float.IsInfinity(target[i]) && double.IsFinite(doubles[i]))
                {
                    throw new InvalidDataException($"Value {i} of tensor '{Name}' is {doubles[i]}, beyond float32's range.");
                }
            }
        }
    }

    /// <summary>The first value that is no finite float, and where it is; null where all are.</summary>
    internal (int Index, double Value)? FindNotFinite()
    {
        // All F32 weights are right but for a mistake: they are looked at where they lie, many at a time.
        if (_type == ElementType.Float32 && TensorPrimitives.IsFiniteAll(Floats))
        {
            return null;
        }

        Span<float> block = stackalloc float[Block];
        for (var start = 0; start < Count; start += Block)
        {
            var floats = block[..Math.Min(Block, Count - start)];
            var bytes = Bytes.Slice(start * _type.Size, floats.Length * _type.Size);
            Convert(bytes, floats);
            var index = floats.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (index >= 0)
            {
                return (start + index, _type.Type == typeof(double) ? MemoryMarshal.Cast<byte, double>(bytes)[index] : floats[index]);
            }
        }

        return null;
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        if (_type.ToFloats is null)
        {
            throw new InvalidOperationException(
                $"Tensor '{Name}' is {DataType}, which is not turned into floats; read its {nameof(Bytes)}.");
        }

        _type.ToFloats(bytes, floats);
    }

    private static void Check(string name, IReadOnlyList<int> shape, int given)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        if (name == SafeTensorsHeader.MetadataKey)
        {
            throw new ArgumentException($"The name '{name}' is reserved by the safetensors format.", nameof(name));
        }

        var count = shape.Contains(0) ? 0L : 1L;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = Math.Min(count, int.MaxValue) * size;
        }

        if (count != given)
        {
            throw new ArgumentException(
                $"Tensor '{name}' of shape {SafeTensorsHeader.Describe(shape)} has {count} values, but " +
                (given < 0 ? "its bytes are not whole values." : $"{given} were given."),
                nameof(shape));
        }
    }
}
