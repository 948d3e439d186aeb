using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>One named tensor of a safetensors file.</summary>
public sealed class SafeTensor
{
    private readonly ReadOnlyMemory<float> _floats;
    private readonly byte[]? _bytes;

    /// <summary>A tensor to write; the values are not copied.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Sizes, outermost first; empty for a single value.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty or the format's reserved one, or the shape does not say how many values there are.
    /// </exception>
    public SafeTensor(string name, IReadOnlyList<int> shape, ReadOnlyMemory<float> values)
        : this(name, shape, SafeTensorsHeader.Float32)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        if (name == SafeTensorsHeader.MetadataKey)
        {
            throw new ArgumentException($"The name '{name}' is reserved by the safetensors format.", nameof(name));
        }

        var count = 1L;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        if (count != values.Length)
        {
            throw new ArgumentException(
                $"Tensor '{name}' of shape {SafeTensorsHeader.Describe(shape)} has {count} values, but {values.Length} were given.",
                nameof(values));
        }

        _floats = values;
    }

    internal SafeTensor(string name, IReadOnlyList<int> shape, string dataType, byte[] bytes)
        : this(name, shape, dataType) => _bytes = bytes;

    private SafeTensor(string name, IReadOnlyList<int> shape, string dataType) => (Name, Shape, DataType) = (name, shape, dataType);

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>Sizes, outermost first; empty for a single value.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The format's name of the element type: F32, I32, I8, ...</summary>
    public string DataType { get; }

    /// <summary>The values of an F32 tensor, row-major.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not F32.</exception>
    public ReadOnlySpan<float> Floats => _bytes is null
        ? _floats.Span
        : throw new InvalidOperationException($"Tensor '{Name}' is {DataType}, not F32; read its Bytes.");

    /// <summary>The values as the file holds them, little-endian.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? MemoryMarshal.AsBytes(_floats.Span);
}
