namespace RnnCodegen.Interchange;

/// <summary>Layers that normalise.</summary>
internal static class KerasNormalization
{
    /// <summary>
    /// After training, a batch normalisation is y = s x + t. Behind a linear Dense or Conv1D that nothing else reads, it becomes part of
    /// their weights; else a layer of its own.
    /// </summary>
    public static KerasRows Batch(KerasImport import, KerasLayer layer, KerasRows source)
    {
        CheckAxis(layer, source);
        layer.RequireDefault("mode", layer.Number("mode", 0) == 0,
            "only the normalisation of features with the training's mean and variance is supported");
        var weights = import.WeightsOf(layer);
        var width = import.Builder.Width(layer, source, weights[0].Shape is [var length] ? length : 0);
        var gamma = layer.Flag("scale", true) ? weights.Take("gamma", width).Values : Filled(width, 1);
        var beta = layer.Flag("center", true) ? weights.Take("beta", width).Values : new float[width];
        var mean = weights.Take("moving mean", width).Values;
        var variance = weights.Take("moving variance", width).Values;
        weights.Finish();
        var epsilon = (double)layer.Number("epsilon", 1e-3f);
        var (scale, shift) = (new double[width], new double[width]);
        for (var i = 0; i < width; i++)
        {
            scale[i] = gamma[i] / Math.Sqrt(variance[i] + epsilon);
            shift[i] = beta[i] - (mean[i] * scale[i]);
            if (!float.IsFinite((float)scale[i]) || !float.IsFinite((float)shift[i]))
            {
                throw layer.Bad(
                    $"its moving variance {variance[i]} of feature {i}, with the epsilon {epsilon}, gives no number to divide by.");
            }
        }

        // One without an epsilon is what the exporter makes of an Affine layer, and becomes one again.
        if (epsilon > 0 && import.IsOnlyReader && import.Builder.IsLast(source) && Fold(import.Builder, scale, shift))
        {
            import.Builder.Note(layer, $"is folded into the weights of '{source.Name}'.");
            return source;
        }

        var name = import.Builder.Chain(layer, new AffineAttribute(), source);
        import.Builder.Weight($"{name}.weight", [width], Array.ConvertAll(scale, v => (float)v));
        import.Builder.Weight($"{name}.bias", [width], Array.ConvertAll(shift, v => (float)v));
        return source with { Name = name, Width = width };
    }

    public static KerasRows Layer(KerasImport import, KerasLayer layer, KerasRows source)
    {
        CheckAxis(layer, source);
        layer.RequireDefault("rms_scaling", !layer.Flag("rms_scaling", false),
            "only the normalisation with mean and variance is supported");
        var weights = import.WeightsOf(layer);
        var width = import.Builder.Width(layer, source, weights.Count > 0 && weights[0].Shape is [var length] ? length : 0);
        var gamma = layer.Flag("scale", true) ? weights.Take("gamma", width).Values : Filled(width, 1);
        var beta = layer.Flag("center", true) ? weights.Take("beta", width).Values : new float[width];
        weights.Finish();
        var name = import.Builder.Chain(layer, new LayerNormAttribute { Epsilon = layer.Number("epsilon", 1e-3f) }, source);
        import.Builder.Weight($"{name}.weight", [width], gamma);
        import.Builder.Weight($"{name}.bias", [width], beta);
        return source with { Name = name, Width = width };
    }

    private static void CheckAxis(KerasLayer layer, KerasRows source)
    {
        var rank = source.HasTime ? 3 : 2;
        layer.RequireDefault("axis", layer.Axis("axis", -1, rank) == rank - 1, "only features can be normalised");
    }

    /// <summary>Multiplies the last layer's rows of weights, and its bias, where it is linear.</summary>
    private static bool Fold(KerasBuilder builder, double[] scale, double[] shift)
    {
        var (name, options) = builder.Layers[^1];
        LayerAttribute? biased = options switch
        {
            DenseAttribute { Activation: Activation.Linear } d => new DenseAttribute(d.Units) { From = d.From },
            Conv1dAttribute { Activation: Activation.Linear } c => new Conv1dAttribute(c.Filters, c.Kernel)
            {
                From = c.From, Stride = c.Stride, Dilation = c.Dilation, Padding = c.Padding, PadLeft = c.PadLeft, PadRight = c.PadRight,
            },
            _ => null,
        };
        if (biased is null)
        {
            return false;
        }

        builder.Layers[^1] = new LayerDescription(name, biased);
        var weight = builder.Weights[$"{name}.weight"].Values;
        var bias = builder.Weights.TryGetValue($"{name}.bias", out var tensor) ? tensor.Values : new float[scale.Length];
        var columns = weight.Length / scale.Length;
        for (var i = 0; i < weight.Length; i++)
        {
            weight[i] = (float)(weight[i] * scale[i / columns]);
        }

        for (var i = 0; i < scale.Length; i++)
        {
            bias[i] = (float)((bias[i] * scale[i]) + shift[i]);
        }

        builder.Weights[$"{name}.bias"] = new NamedTensor($"{name}.bias", [scale.Length], bias);
        return true;
    }

    private static float[] Filled(int width, float value)
    {
        var values = new float[width];
        Array.Fill(values, value);
        return values;
    }
}
