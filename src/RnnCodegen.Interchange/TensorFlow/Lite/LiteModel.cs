using System.Runtime.InteropServices;

namespace RnnCodegen.Interchange.TensorFlow.Lite;

/// <summary>A value of a TensorFlow Lite graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Signature">Its sizes, below 0 where a caller may choose; as the shape where the file does not say.</param>
/// <param name="Type">The number of its type.</param>
/// <param name="Data">Its values where it is a constant; otherwise empty.</param>
/// <param name="Scales">What quantised values are multiplied by, a number an item of the axis; none where they are not quantised.</param>
/// <param name="Zeros">The quantised values that stand for 0.</param>
/// <param name="QuantizedAxis">The axis of the scales.</param>
internal sealed record LiteTensor(
    string Name, int[] Shape, int[] Signature, int Type, ReadOnlyMemory<byte> Data, float[] Scales, long[] Zeros, int QuantizedAxis)
{
    private const int Float32 = 0;
    private const int Float16 = 1;
    private const int Int32 = 2;
    private const int Int64 = 4;
    private const int Int8 = 9;

    private static readonly string[] s_types =
        ["float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64"];

    public bool IsConstant => Data.Length > 0;

    public bool IsInteger => Type is Int32 or Int64;

    public bool IsFloat => Type is Float32 or Float16;

    public string TypeName => Type < s_types.Length ? s_types[Type] : $"type {Type}";

    private long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The values of weights; null where it is no constant of a type of weights, or not as long as its shape says.</summary>
    public float[]? Reals()
    {
        var bytes = Data.Span;
        switch (Type)
        {
            case Float32 when bytes.Length == Count * sizeof(float):
                return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
            case Float16 when bytes.Length == Count * 2:
                return Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), h => (float)h);
            case Int8 when bytes.Length == Count && Scales.Length > 0 && Shape.Length > QuantizedAxis
                && (Scales.Length == 1 || Scales.Length == Shape[QuantizedAxis]):
                var inner = Shape[(QuantizedAxis + 1)..].Aggregate(1, (product, size) => product * size);
                var values = new float[bytes.Length];
                for (var k = 0; k < values.Length; k++)
                {
                    var part = Scales.Length == 1 ? 0 : k / inner % Scales.Length;
                    values[k] = Scales[part] * ((sbyte)bytes[k] - (Zeros.Length == 0 ? 0 : Zeros[Zeros.Length == 1 ? 0 : part]));
                }

                return values;
            default:
                return null;
        }
    }

    /// <summary>The values of a list of whole numbers; null where it is no such constant.</summary>
    public int[]? Integers() => Type switch
    {
        Int32 when IsConstant => MemoryMarshal.Cast<byte, int>(Data.Span).ToArray(),
        Int64 when IsConstant => Array.ConvertAll(
            MemoryMarshal.Cast<byte, long>(Data.Span).ToArray(), v => (int)Math.Clamp(v, int.MinValue, int.MaxValue)),
        _ => null,
    };
}

/// <summary>An operator of a TensorFlow Lite graph.</summary>
/// <param name="Code">The number of its kind.</param>
/// <param name="Custom">Its name where it is none of the format's own.</param>
/// <param name="Inputs">Numbers of the values it reads; -1 for one left out.</param>
/// <param name="Outputs">Numbers of the values it makes.</param>
/// <param name="Options">Its options; null for none.</param>
internal sealed record LiteOperator(int Code, string Custom, int[] Inputs, int[] Outputs, LiteTable? Options);

/// <summary>A TensorFlow Lite file: its main graph.</summary>
internal sealed class LiteModel
{
    private LiteModel(LiteTensor[] tensors, LiteOperator[] operators, int[] inputs, int[] outputs, int graphs) =>
        (Tensors, Operators, Inputs, Outputs, Graphs) = (tensors, operators, inputs, outputs, graphs);

    public LiteTensor[] Tensors { get; }

    public LiteOperator[] Operators { get; }

    public int[] Inputs { get; }

    public int[] Outputs { get; }

    /// <summary>How many graphs the file has; those behind the first are bodies of loops and branches.</summary>
    public int Graphs { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A place that is named is not in the file.</exception>
    /// <exception cref="IndexOutOfRangeException">As above.</exception>
    public static LiteModel Read(byte[] bytes)
    {
        var root = LiteTable.Root(bytes);
        var codes = root.Tables(1);
        var buffers = root.Tables(4);
        var graphs = root.Tables(2);
        var main = graphs[0];
        var tensors = Array.ConvertAll(main.Tables(0), t => Tensor(t, buffers));
        var operators = Array.ConvertAll(main.Tables(3), o =>
        {
            // Newer writers put the number into a field of more bits; older ones know the first alone.
            var code = codes[o.Int(0)];
            return new LiteOperator(Math.Max(code.Byte(0), code.Int(3)), code.Text(1), Known(o.Ints(1)), Known(o.Ints(2)), o.Table(4));
        });
        return new LiteModel(tensors, operators, Known(main.Ints(1)), Known(main.Ints(2)), graphs.Length);

        int[] Known(int[] values) => Array.TrueForAll(values, v => v >= -1 && v < tensors.Length)
            ? values
            : throw new ArgumentOutOfRangeException(nameof(root), "a value that is read is not there");
    }

    private static LiteTensor Tensor(LiteTable table, LiteTable[] buffers)
    {
        var shape = table.Ints(0);
        var data = buffers[table.Int(2)].Bytes(0);
        var quantization = table.Table(4);
        return Array.TrueForAll(shape, s => s >= 0) && shape.Length < 8
            ? new LiteTensor(
                table.Text(3), shape, table.Has(7) ? table.Ints(7) : shape, table.Byte(1), data,
                quantization?.Floats(2) ?? [], quantization?.Longs(3) ?? [], quantization?.Int(6) ?? 0)
            : throw new ArgumentOutOfRangeException(nameof(table), "a value has sizes below 0");
    }
}
