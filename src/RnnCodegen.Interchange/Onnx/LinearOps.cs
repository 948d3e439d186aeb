namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that multiply rows by a matrix or normalise them: MatMul, Gemm, BatchNormalization, LayerNormalization.</summary>
internal static class LinearOps
{
    public static GraphValue[] MatMul(NodeReader n)
    {
        if (n.Input(1) is not ConstantValue)
        {
            // Rows times rows is attention spelt out; a constant on the left would mix steps.
            throw n.Refuse(
                $"it multiplies {NodeReader.Kind(n.Input(0))} by {NodeReader.Kind(n.Input(1))}; a dense layer's matrix is the constant " +
                "on the right");
        }

        var matrix = n.Weights(1, "matrix");
        if (matrix.Shape.Length != 2)
        {
            throw n.Refuse($"its matrix {matrix} has not two axes");
        }

        var rows = n.Rows(0);
        return [Dense(n, rows, matrix.Shape[0], matrix.Shape[1], GateBlocks.Transpose(matrix.ToReals(), matrix.Shape[0], matrix.Shape[1]),
            null)];
    }

    public static GraphValue[] Gemm(NodeReader n)
    {
        n.Require("transA", 0, "a dense layer reads its rows as they are");
        var (alpha, beta) = (n.Real("alpha", 1), n.Real("beta", 1));
        var isTransposed = n.Integer("transB", 0) != 0;
        var matrix = n.Weights(1, "matrix");
        if (matrix.Shape.Length != 2)
        {
            throw n.Refuse($"its matrix {matrix} has not two axes");
        }

        var rows = n.Rows(0);
        var (inputs, units) = isTransposed ? (matrix.Shape[1], matrix.Shape[0]) : (matrix.Shape[0], matrix.Shape[1]);
        var values = isTransposed ? matrix.ToReals() : GateBlocks.Transpose(matrix.ToReals(), inputs, units);
        var bias = n.Has(2) ? n.Weights(2, "bias") : null;
        if (bias is not null && bias.Length != 1 && !(bias.Length == units && bias.Shape[^1] == units))
        {
            throw n.Refuse($"its bias {bias} is not one value for each of {units} outputs");
        }

        var shifts = bias is null ? null : bias.Length == 1 ? Enumerable.Repeat(bias.ToReals()[0], units).ToArray() : bias.ToReals();
        return [Dense(n, rows, inputs, units, Scaled(values, alpha), shifts is null ? null : Scaled(shifts, beta))];
    }

    public static GraphValue[] BatchNormalization(NodeReader n)
    {
        n.Require("training_mode", 0, "export the model for inference");
        n.RequireOneOutput("statistics are made in training: export the model for inference");
        n.Require("spatial", 1, "its statistics are one per feature");
        n.Real("momentum", 0.9f);
        var epsilon = n.Real("epsilon", 1e-5f);
        var rows = n.Rows(0);
        var (scale, shift) = (n.Weights(1, "scale").ToReals(), n.Weights(2, "shift").ToReals());
        var (mean, variance) = (n.Weights(3, "mean").ToReals(), n.Weights(4, "variance").ToReals());
        if (rows.Axes.Length < 2 || scale.Length != shift.Length || scale.Length != mean.Length || scale.Length != variance.Length)
        {
            throw n.Refuse("its scale, shift, mean and variance are not equally long");
        }

        RowLayers.RequireFeatures(n, rows, 1, scale.Length);
        var factors = scale.Zip(variance, (s, v) => s / Math.Sqrt(v + (double)epsilon)).ToArray();
        if (Array.FindIndex(factors, f => !float.IsFinite((float)f)) is >= 0 and var bad)
        {
            throw n.Refuse($"its variance {variance[bad]} of feature {bad}, with the epsilon {epsilon}, gives no number to divide by");
        }

        return [Affine(n, rows, [.. factors.Select(f => (float)f)], [.. shift.Select((b, k) => (float)(b - (factors[k] * mean[k])))])];
    }

    public static GraphValue[] LayerNormalization(NodeReader n)
    {
        var rows = n.Rows(0);
        n.Require("stash_type", 1, "the mean is computed in Float");
        var epsilon = n.Real("epsilon", 1e-5f);
        if (n.Axis(n.Integer("axis", -1), rows.Axes.Length) is var axis && axis != rows.Axes.Length - 1)
        {
            throw n.Refuse($"attribute axis is {axis}; a layer normalises the features alone, the last axis");
        }

        var width = RowLayers.Width(n, rows);
        RowLayers.RequireFeatures(n, rows, axis, width);
        var scale = RowLayers.AlongFeatures(n, rows, n.Weights(1, "scale"), "scale");
        var shift = n.Has(2) ? RowLayers.AlongFeatures(n, rows, n.Weights(2, "bias"), "bias") : new float[width];
        if (!(epsilon > 0) || !float.IsFinite(epsilon))
        {
            throw n.Refuse($"attribute epsilon is {epsilon}, not a positive number");
        }

        return [RowLayers.Add(n, rows, new LayerNormAttribute { Epsilon = epsilon }, layer => SetAffine(layer, scale, shift))];
    }

    /// <summary>A layer y = scale x + shift, feature by feature.</summary>
    public static RowsValue Affine(NodeReader n, RowsValue rows, float[] scale, float[] shift) =>
        RowLayers.Add(n, rows, new AffineAttribute(), layer => SetAffine(layer, scale, shift));

    private static void SetAffine(DraftLayer layer, float[] scale, float[] shift)
    {
        layer.Parameters.Add("weight", WeightValues.Vector(scale));
        layer.Parameters.Add("bias", WeightValues.Vector(shift));
    }

    private static RowsValue Dense(NodeReader n, RowsValue rows, int inputs, int units, float[] weight, float[]? bias)
    {
        if (inputs == 0 || units == 0 || rows.Axes.Length == 0)
        {
            throw n.Refuse("its matrix is empty");
        }

        RowLayers.RequireFeatures(n, rows, rows.Axes.Length - 1, inputs);
        var layer = new DraftLayer(n.Scope, units, rows.Source.IsSequence,
            rows.Source) { Options = new DenseAttribute(units) { Bias = bias is not null } };
        layer.Parameters.Add("weight", WeightValues.Matrix(units, inputs, weight));
        if (bias is not null)
        {
            layer.Parameters.Add("bias", WeightValues.Vector(bias));
        }

        return new RowsValue(n.Graph.Add(layer), [.. rows.Axes[..^1], new Axis(AxisRole.Feature, units)]);
    }

    private static float[] Scaled(float[] values, float factor) => factor == 1 ? values : [.. values.Select(v => v * factor)];
}
