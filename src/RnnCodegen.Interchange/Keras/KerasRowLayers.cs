namespace RnnCodegen.Interchange;

/// <summary>Layers that work on each row by itself.</summary>
internal static class KerasRowLayers
{
    public static KerasRows Dense(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var weights = import.WeightsOf(layer);
        var units = layer.Size("units");
        if (source.Joined > 0)
        {
            return DenseOverSteps(import, layer, source, weights, units);
        }

        var shape = weights[0].Shape;
        var width = import.Builder.Width(layer, source, shape is [var rows, _] ? rows : 0);
        var kernel = weights.Take("kernel", width, units);
        var hasBias = layer.Flag("use_bias", true);
        var bias = hasBias ? weights.Take("bias", units) : null;
        weights.Finish();
        var activation = OutputActivation(import, layer, "activation");
        var name = import.Builder.Chain(layer,
            new DenseAttribute(units) { Activation = activation.Function, Alpha = activation.Alpha, Bias = hasBias }, source);
        import.Builder.Weight($"{name}.weight", [units, width], GateBlocks.Transpose(kernel.Values, width, units));
        if (bias is not null)
        {
            import.Builder.Weight($"{name}.bias", [units], bias.Values);
        }

        return source with { Name = name, Width = units };
    }

    /// <summary>A dense layer on the rows of all steps, in a row: a convolution of as many steps, which gives one row.</summary>
    private static KerasRows DenseOverSteps(
        KerasImport import, KerasLayer layer, KerasRows source, KerasLayerWeights weights, int units)
    {
        var (steps, width) = (source.Joined, source.Width);
        var kernel = weights.Take("kernel", (int)Math.Min((long)steps * width, int.MaxValue), units);
        var hasBias = layer.Flag("use_bias", true);
        var bias = hasBias ? weights.Take("bias", units) : null;
        weights.Finish();
        var activation = OutputActivation(import, layer, "activation");
        var name = import.Builder.Chain(layer,
            new Conv1dAttribute(units, steps) { Activation = activation.Function, Alpha = activation.Alpha, Bias = hasBias }, source);
        var columns = GateBlocks.Transpose(kernel.Values, steps * width, units);
        import.Builder.Weight($"{name}.weight", [units, width, steps],
            [.. columns.Chunk(steps * width).SelectMany(unit => GateBlocks.Transpose(unit, steps, width))]);
        if (bias is not null)
        {
            import.Builder.Weight($"{name}.bias", [units], bias.Values);
        }

        import.Builder.Note(layer, $"it reads the rows of {steps} steps at once: sequences have to have so many.");
        return KerasTimeLayers.LastRow(import, layer, source with { Name = name, Width = units, Steps = 1, Joined = 0 });
    }

    /// <summary>Reads the layer inside, which works on each row by itself here anyway.</summary>
    public static KerasRows TimeDistributed(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var inner = layer.Inner("layer");
        return inner.ClassName is "Dense" or "Activation" or "ReLU" or "LeakyReLU" or "ELU" or "Softmax" or "Dropout"
            or "LayerNormalization" or "BatchNormalization"
            ? Wrapped(layer, import.ReadOne(inner, source))
            : throw layer.Bad(
                $"it applies a layer of the class {inner.ClassName} to each step, which is not supported; Dense, activations and " +
                "normalisations are.");
    }

    private static KerasRows Wrapped(KerasLayer layer, KerasRows rows) => layer.Version.WrappersPassMask
        ? rows
        : rows with { Masked = KerasMasked.Lose(rows.Masked) };

    public static KerasRows Activate(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var activation = layer.ClassName == "Activation"
            ? OutputActivation(import, layer, "activation")
            : KerasActivations.OfLayer(layer)!.Value;
        return activation.Function == Activation.Linear
            ? source
            : source with { Name = import.Builder.Chain(layer, new ActivationAttribute(activation.Function) { Alpha = activation.Alpha },
                source) };
    }

    public static KerasRows Softmax(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var rank = source.HasTime ? 3 : 2;
        layer.RequireDefault("axis", layer.Axis("axis", -1, rank) == rank - 1, "only a softmax over features is supported");
        if (source.Masked is { IsLost: false })
        {
            throw layer.Bad(
                "Keras takes the mask of its input's steps for one of features; use softmax as the activation of the layer before.");
        }

        if (!import.IsOutput)
        {
            throw layer.Bad("a softmax is only supported at the model's output.");
        }

        import.Builder.Output = OutputTransform.Softmax;
        return source;
    }

    public static KerasRows PRelu(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var weights = import.WeightsOf(layer);
        var shape = weights[0].Shape;
        var width = import.Builder.Width(layer, source, shape.Length > 0 ? shape[^1] : 0);
        if (source.HasTime && shape is not [1, _])
        {
            throw layer.Bad($"its slopes have the shape {weights[0].ShapeText}, one for each step; only shared_axes=[1] is supported.");
        }

        var slopes = source.HasTime ? weights.Take("alpha", 1, width) : weights.Take("alpha", width);
        weights.Finish();
        var name = import.Builder.Chain(layer, new PReluAttribute(), source);
        import.Builder.Weight($"{name}.weight", [width], slopes.Values);
        return source with { Name = name, Width = width };
    }

    public static KerasRows Dropout(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var rate = layer.Number("rate", 0);
        if (rate is not (>= 0 and < 1))
        {
            throw layer.Bad($"its rate {rate} is not in [0, 1).");
        }

        if (!layer.IsNull("noise_shape") || rate == 0)
        {
            import.Builder.Note(layer, "drops nothing in inference, and is left out.");
            return source;
        }

        return source with { Name = import.Builder.Chain(layer, new DropoutAttribute(rate), source) };
    }

    public static KerasRows Embedding(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var weights = import.WeightsOf(layer);
        var (vocabulary, size) = (layer.Size("input_dim"), layer.Size("output_dim"));
        var table = weights.Take("embeddings", vocabulary, size);
        weights.Finish();
        var name = import.Builder.Embed(layer, new EmbeddingAttribute(vocabulary, size), source);
        import.Builder.Weight($"{name}.weight", [vocabulary, size], table.Values);
        var rows = source with { Name = name, Width = size };
        return layer.Flag("mask_zero", false)
            ? import.Builder.WithMask(rows, new KerasMask(layer, "mask_zero: Keras skips the steps whose id is 0"))
            : rows;
    }

    /// <summary>An activation that may be the model's output transform: a softmax is none of a layer's own.</summary>
    private static KerasActivation OutputActivation(KerasImport import, KerasLayer layer, string option)
    {
        OutputTransform? transform = KerasActivations.Name(layer, option) switch
        {
            "softmax" => OutputTransform.Softmax,
            "log_softmax" => OutputTransform.LogSoftmax,
            _ => null,
        };
        if (transform is null || !import.IsOutput)
        {
            return KerasActivations.Read(layer, option);
        }

        import.Builder.Output = transform.Value;
        return new KerasActivation(Activation.Linear);
    }
}
