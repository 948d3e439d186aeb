namespace RnnCodegen.Interchange;

/// <summary>A recurrent layer's weights in this project's layout: gates i, f, g, o and r, z, n, a row an output.</summary>
/// <param name="Width">I, the features it reads.</param>
/// <param name="Input">[G H, I].</param>
/// <param name="Hidden">[G H, H].</param>
/// <param name="InputBias">[G H]; null where the layer has none.</param>
/// <param name="HiddenBias">[G H]; zeros where Keras has one bias.</param>
/// <param name="ResetAfter">Of a GRU, whether its reset gate acts after the recurrent product.</param>
internal sealed record KerasCellWeights(int Width, float[] Input, float[] Hidden, float[]? InputBias, float[]? HiddenBias, bool ResetAfter)
{
    /// <summary>Keras 1's LSTM keeps i, c, f, o; the order of Keras 2 is i, f, c, o.</summary>
    private static ReadOnlySpan<int> LstmOfKeras1 => [0, 2, 1, 3];

    /// <summary>Takes a layer's weights and converts them.</summary>
    /// <param name="import">The import, whose model's input may get its width from here.</param>
    /// <param name="layer">The layer's options.</param>
    /// <param name="weights">Where the weights are taken from.</param>
    /// <param name="source">What the layer reads.</param>
    public static KerasCellWeights Take(KerasImport import, KerasLayer layer, KerasLayerWeights weights, KerasRows source)
    {
        var kind = KerasRecurrent.Kind(layer);
        var units = layer.Size("units");
        var gates = kind switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
        var hasBias = layer.Flag("use_bias", true);
        var first = weights[0].Shape;
        var width = import.Builder.Width(layer, source, first.Length == 2 ? first[0] : 0);
        if ((long)gates * units * Math.Max(width, units) > Array.MaxLength)
        {
            throw layer.Bad($"{units} units on {width} features are more than can be read.");
        }

        var (kernel, recurrent, bias) = gates > 1 && first is [_, var columns] && columns == units
            ? TakeGates(weights, width, units, gates)
            : (weights.Take("kernel", width, gates * units), weights.Take("recurrent kernel", units, gates * units),
                hasBias ? weights.Take("bias", BiasShape(weights, layer)) : null);
        var (isCudnn, resetAfter) = Layout(layer, weights, kind, gates * units, bias);
        var input = isCudnn ? FromCudnn(kernel, gates, units) : GateBlocks.Transpose(kernel.Values, width, gates * units);
        var hidden = isCudnn ? FromCudnn(recurrent, gates, units) : GateBlocks.Transpose(recurrent.Values, units, gates * units);
        var inputBias = bias?.Values[..(gates * units)];
        var hiddenBias = bias is null
            ? null
            : bias.Values.Length > gates * units ? bias.Values[(gates * units)..]
            : new float[gates * units];
        return kind == "GRU"
            ? new KerasCellWeights(width, FromKeras(input), FromKeras(hidden), FromKeras(inputBias), FromKeras(hiddenBias), resetAfter)
            : new KerasCellWeights(width, input, hidden, inputBias, hiddenBias, resetAfter);
    }

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(gru))]
    private static float[]? FromKeras(float[]? gru) => gru is null ? null : GateBlocks.Reorder(gru, GateBlocks.GruFromUpdateFirst);

    private static int[] BiasShape(KerasLayerWeights weights, KerasLayer layer) => weights[0].Shape.Length switch
    {
        1 => [-1],
        2 => [2, -1],
        _ => throw layer.Bad($"its bias has the shape {weights[0].ShapeText}."),
    };

    /// <summary>
    /// What the bias's shape says of the layout: cuDNN keeps two halves in one vector, and its matrices otherwise than Keras.
    /// </summary>
    private static (bool IsCudnn, bool ResetAfter) Layout(
        KerasLayer layer, KerasLayerWeights weights, string kind, int rows, KerasArray? bias)
    {
        var isCudnnClass = layer.ClassName.StartsWith("CuDNN", StringComparison.Ordinal);
        var resetAfter = kind == "GRU" && (isCudnnClass || layer.Flag("reset_after", layer.Version.Major >= 3));
        if (bias is null)
        {
            return (false, resetAfter);
        }

        if (bias.Shape is [var length] && length == 2 * rows && (kind == "LSTM" || resetAfter))
        {
            return (true, resetAfter);
        }

        _ = resetAfter ? weights.Check(bias, "bias", 2, rows) : weights.Check(bias, "bias", rows);
        return (false, resetAfter);
    }

    /// <summary>
    /// cuDNN's matrices [G H, I] stand gate by gate in Keras' columns: a gate's
    /// numbers, read row after row, are its matrix with a row an output.
    /// </summary>
    private static float[] FromCudnn(KerasArray matrix, int gates, int units)
    {
        var rows = matrix.Shape[0];
        var result = new float[matrix.Values.Length];
        for (var gate = 0; gate < gates; gate++)
        {
            for (var row = 0; row < rows; row++)
            {
                matrix.Values.AsSpan((row * gates * units) + (gate * units), units)
                    .CopyTo(result.AsSpan((gate * rows * units) + (row * units)));
            }
        }

        return result;
    }

    /// <summary>Takes Keras 1's matrices and biases of single gates, and puts them together as later versions have them.</summary>
    private static (KerasArray Kernel, KerasArray Recurrent, KerasArray? Bias) TakeGates(
        KerasLayerWeights weights, int width, int units, int gates)
    {
        var kernel = new KerasArray(weights[0].Name, [width, gates * units], new float[width * gates * units]);
        var recurrent = new KerasArray(weights[0].Name, [units, gates * units], new float[units * gates * units]);
        var bias = new KerasArray(weights[0].Name, [gates * units], new float[gates * units]);
        for (var i = 0; i < gates; i++)
        {
            var gate = gates == 4 ? LstmOfKeras1[i] : i;
            Place(weights.Take("gate's kernel", width, units), kernel);
            Place(weights.Take("gate's recurrent kernel", units, units), recurrent);
            Place(weights.Take("gate's bias", units), bias);

            void Place(KerasArray part, KerasArray whole)
            {
                for (var row = 0; row < part.Values.Length / units; row++)
                {
                    part.Values.AsSpan(row * units, units).CopyTo(whole.Values.AsSpan((row * gates * units) + (gate * units)));
                }
            }
        }

        return (kernel, recurrent, bias);
    }
}
