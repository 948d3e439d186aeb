namespace RnnCodegen.Interchange.TensorFlow.Lite;

/// <summary>TensorFlow Lite's operators of recurrent layers: a matrix a gate, [units, inputs], and one bias.</summary>
internal static class LiteRecurrent
{
    // Where an LSTM's inputs stand, in the format's order i, f, c, o.
    private const int Kernels = 1;
    private const int Recurrents = 5;
    private const int Peepholes = 9;
    private const int Biases = 12;
    private const int Projection = 16;
    private const int States = 18;
    private const int Norms = 20;

    public static string Lstm(LiteTranslation t, LiteOperator op)
    {
        var (units, inputs) = Sizes(t, op, Kernels + 1, Recurrents + 1);
        Refuse(t, op, Projection, "its projection");
        Refuse(t, op, Norms + 1, "its layer normalisation");
        var isCoupled = t.Tensor(op, Kernels) is null;
        var zeros = new float[units];
        var cell = new RecurrentWeights(
            "LSTM", inputs, units, Gates(Kernels, units, inputs), Gates(Recurrents, units, units), Gates(Biases, units),
            [zeros, zeros, zeros, zeros], ["Sigmoid", Function(t, op, 0), Function(t, op, 0)])
        {
            CellClip = op.Options?.Float(1) ?? 0,
            Peepholes = t.Tensor(op, Peepholes + 1) is null ? null
                : [Gate(Peepholes, 0, units), Gate(Peepholes, 2, units), Gate(Peepholes, 1, units)],
        };
        return Rows(t, op, cell, States, op.Options?.Flag(3) == true);

        // ONNX's order is i, o, f, c.
        float[][] Gates(int first, params int[] shape) =>
            [Gate(first, 0, shape), Gate(first, 3, shape), Gate(first, 1, shape), Gate(first, 2, shape)];

        // Without an input gate, it is 1 less the forget gate: the sigmoid of the negative of what that has.
        float[] Gate(int first, int gate, params int[] shape) => (isCoupled && gate == 0
            ? Array.ConvertAll(t.Weights(op, first + 1, shape) ?? [], v => -v)
            : t.Weights(op, first + gate, shape)) is { Length: > 0 } values
                ? values
                : throw t.To.Refuse(t.Named(op), $"its input {first + gate} is missing");
    }

    public static string Simple(LiteTranslation t, LiteOperator op)
    {
        var (units, inputs) = Sizes(t, op, 1, 2);
        var cell = new RecurrentWeights(
            "RNN", inputs, units, [t.Weights(op, 1, units, inputs)!], [t.Weights(op, 2, units, units)!],
            [t.Weights(op, 3, units) ?? new float[units]], [new float[units]], [Function(t, op, 1)]);
        return Rows(t, op, cell, 4, op.Options?.Flag(0) == true);
    }

    /// <summary>The node over rows, whose axes of steps and samples ONNX has the other way around.</summary>
    private static string Rows(LiteTranslation t, LiteOperator op, RecurrentWeights cell, int states, bool isTimeMajor)
    {
        for (var k = states; k < op.Inputs.Length && t.Tensor(op, k) is { } state && k < states + 2; k++)
        {
            if (state.IsConstant && state.Reals() is not null and var first && first.AsSpan().IndexOfAnyExcept(0f) >= 0)
            {
                throw t.To.Refuse(t.Named(op), $"it starts from '{state.Name}', which is not zeros");
            }
        }

        var layer = Translation.Layer(t.Output(op).Name, cell.Op.ToLowerInvariant());
        var value = t.Value(op, 0);
        var rows = t.To.Recurrent(layer, cell, isTimeMajor ? value : t.To.Transposed(value, 1, 0, 2)).Rows;
        return isTimeMajor ? rows : t.To.Transposed(rows, 1, 0, 2);
    }

    private static (int Units, int Inputs) Sizes(LiteTranslation t, LiteOperator op, int kernel, int recurrent) =>
        (t.Tensor(op, kernel)?.Shape, t.Tensor(op, recurrent)?.Shape) is ([var units, var inputs], [var own, var state])
            && units == own && units == state
            ? (units, inputs)
            : throw t.To.Refuse(t.Named(op), "its matrices are not [units, inputs] and [units, units]");

    private static string Function(LiteTranslation t, LiteOperator op, int field) => t.Fused(op, field) ?? "Affine";

    private static void Refuse(LiteTranslation t, LiteOperator op, int input, string what)
    {
        if (t.Tensor(op, input) is not null)
        {
            throw t.To.Refuse(t.Named(op), $"{what} has no counterpart here");
        }
    }
}
