namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>
/// Published weights whose columns are the outputs, as Keras, TensorFlow and RNNoise write them, in this project's names and layout.
/// </summary>
internal static class ColumnLayout
{
    /// <summary>Adds a recurrent layer's weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="order">Source block of each of this project's gates.</param>
    /// <param name="kernel">[I, G H].</param>
    /// <param name="recurrent">[H, G H].</param>
    /// <param name="bias">[G H]; none where null.</param>
    /// <param name="hiddenBias">[G H]; zeros where null.</param>
    /// <param name="end">Layer and direction of a stack.</param>
    public static void AddRecurrent(
        ModelDescription model,
        string layer,
        ReadOnlySpan<int> order,
        float[] kernel,
        float[] recurrent,
        float[]? bias,
        float[]? hiddenBias = null,
        string end = "l0")
    {
        var rows = (int)Math.Round(Math.Sqrt((double)recurrent.Length * order.Length)); // H times G H values
        AddMatrix(model, $"{layer}.weight_ih_{end}", order, kernel, rows);
        AddMatrix(model, $"{layer}.weight_hh_{end}", order, recurrent, rows);
        if (bias is not null)
        {
            model.AddWeight($"{layer}.bias_ih_{end}", [rows], GateBlocks.Reorder(bias, order));
            model.AddWeight($"{layer}.bias_hh_{end}", [rows], GateBlocks.Reorder(hiddenBias ?? new float[rows], order));
        }
    }

    /// <summary>Adds a dense layer's weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="units">Columns of the kernel.</param>
    /// <param name="kernel">[K, N].</param>
    /// <param name="bias">[N]; none where null.</param>
    public static void AddDense(ModelDescription model, string layer, int units, float[] kernel, float[]? bias)
    {
        AddMatrix(model, $"{layer}.weight", [0], kernel, units);
        if (bias is not null)
        {
            model.AddWeight($"{layer}.bias", [units], bias);
        }
    }

    private static void AddMatrix(ModelDescription model, string name, ReadOnlySpan<int> order, float[] columns, int rows)
    {
        var width = columns.Length / rows;
        model.AddWeight(name, [rows, width], GateBlocks.Reorder(GateBlocks.Transpose(columns, width, rows), order));
    }
}
