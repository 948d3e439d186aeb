namespace RnnCodegen.Interchange;

/// <summary>Layers that see several steps at once, and those that only change shapes.</summary>
internal static class KerasTimeLayers
{
    public static KerasRows Masking(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var value = layer.Number("mask_value", 0);
        return import.Builder.WithMask(source, new KerasMask(layer, $"Keras skips the steps whose features all equal {value}", value));
    }

    public static KerasRows Conv1d(KerasImport import, KerasLayer layer, KerasRows source)
    {
        import.CheckSequence(layer, source);
        CheckFormat(layer);
        layer.RequireDefault("groups", layer.Size("groups", 1) == 1, "groups of channels are not supported");
        var weights = import.WeightsOf(layer);
        var (filters, size) = (layer.Size("filters"), layer.Size("kernel_size"));
        var (stride, dilation) = (layer.Size("strides", 1), layer.Size("dilation_rate", 1));
        var kernel = TakeKernel(import, layer, weights, source, size, filters);
        var hasBias = layer.Flag("use_bias", true);
        var bias = hasBias ? weights.Take("bias", filters) : null;
        weights.Finish();
        var activation = KerasActivations.Read(layer, "activation");
        var attribute = new Conv1dAttribute(filters, size)
        {
            Stride = stride, Dilation = dilation, Activation = activation.Function, Alpha = activation.Alpha, Bias = hasBias,
        };
        var steps = Pad(import, layer, attribute, source.Steps);
        var name = import.Builder.Chain(layer, attribute, source);
        var width = kernel.Shape[1];
        NoteBackend(import, layer, size);
        var values = Swap(kernel.Values, size, width, filters, layer.Version.IsOnTheano);
        import.Builder.Weight($"{name}.weight", [filters, width, size], values);
        if (bias is not null)
        {
            import.Builder.Weight($"{name}.bias", [filters], bias.Values);
        }

        return new KerasRows(name, filters, HasTime: true, steps) { Masked = KerasMasked.Drop(layer, source.Masked) };
    }

    public static KerasRows Pool(KerasImport import, KerasLayer layer, KerasRows source)
    {
        import.CheckSequence(layer, source);
        CheckFormat(layer);
        var size = layer.Size("pool_size", 2);
        var stride = layer.Size("strides", size);
        var padding = layer.Text("padding", "valid");
        var isWhole = source.Steps > 0 && Padding(source.Steps, size, stride) == 0;
        if (padding != "valid" && !(padding == "same" && isWhole))
        {
            throw layer.Bad(
                $"padding '{padding}' is not supported where windows reach outside of the sequence or its length is not fixed; " +
                "use 'valid'.");
        }

        var pooling = layer.ClassName == "MaxPooling1D" ? Pooling.Max : Pooling.Average;
        var name = import.Builder.Chain(layer, new Pool1dAttribute(pooling, size) { Stride = stride == size ? 0 : stride }, source);
        return source with
        {
            Name = name,
            Steps = source.Steps >= size ? ((source.Steps - size) / stride) + 1 : 0,
            Masked = KerasMasked.Drop(layer, source.Masked)
        };
    }

    public static KerasRows GlobalPool(KerasImport import, KerasLayer layer, KerasRows source)
    {
        import.CheckSequence(layer, source);
        CheckFormat(layer);
        layer.RequireDefault("keepdims", !layer.Flag("keepdims", false), "an axis of one step is not supported");
        var pooling = layer.ClassName == "GlobalMaxPooling1D" ? Pooling.Max : Pooling.Average;

        // A mean leaves masked steps out; a maximum does not, which changes nothing where they repeat the rows before.
        _ = pooling == Pooling.Average || source.Masked is { IsRepeated: true }
            ? KerasMasked.Use(layer, source.Masked)
            : KerasMasked.Drop(layer, source.Masked);
        return source with
        {
            Name = import.Builder.Chain(layer, new GlobalPoolAttribute(pooling), source),
            HasTime = false,
            Steps = 0,
            Masked = null
        };
    }

    /// <summary>textgenrnn's layer: the mean of all steps, weighted by a softmax over time of x W.</summary>
    public static KerasRows AttentionPool(KerasImport import, KerasLayer layer, KerasRows source)
    {
        import.CheckSequence(layer, source);
        layer.RequireDefault("return_attention", !layer.Flag("return_attention", false), "a second output is not supported");
        var weights = import.WeightsOf(layer);
        var width = import.Builder.Width(layer, source, weights[0].Shape is [var rows, _] ? rows : 0);
        var vector = weights.Take("W", width, 1);
        weights.Finish();
        var name = import.Builder.Chain(layer, new AttentionPoolAttribute(), source);
        import.Builder.Weight($"{name}.weight", [width], vector.Values);
        _ = KerasMasked.Use(layer, source.Masked);
        return source with { Name = name, Width = width, HasTime = false, Steps = 0, Masked = null };
    }

    public static KerasRows Flatten(KerasImport import, KerasLayer layer, KerasRows source)
    {
        if (source.HasTime)
        {
            import.CheckSequence(layer, source);
        }

        if (source.HasTime && source.Steps == 0)
        {
            throw layer.Bad(
                "it joins the rows of all steps, and the file does not say how many these are; save the model with a fixed length, pool " +
                "over time, or let the layer before it return its last row.");
        }

        return !source.HasTime ? source
            : source.Steps == 1 ? LastRow(import, layer, source)
            : source with { Joined = source.Steps, Masked = KerasMasked.Drop(layer, source.Masked) };
    }

    public static KerasRows Reshape(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var shape = layer.Shape("target_shape") ?? throw layer.Bad("it has no option target_shape.");
        var isSame = source.HasTime
            ? shape is [var steps, var width] && (width == source.Width || width == -1)
                && (steps == -1 ? width != -1 : steps == source.Steps && steps > 0)
            : shape is [var only] && (only == source.Width || only == -1);
        if (source.HasTime)
        {
            import.CheckSequence(layer, source);
        }

        if (!isSame && import.IsOutput && !source.HasTime && Fits(shape, source.Width))
        {
            import.Builder.Note(layer, $"an output row of {source.Width} features is {KerasArray.Text(shape)} in Keras, row after row.");
            return source;
        }

        return isSame
            ? source with { Masked = KerasMasked.Lose(source.Masked) }
            : throw layer.Bad($"the new shape {KerasArray.Text(shape)} is another one, which is not supported.");
    }

    /// <summary>Whether a shape, in which one size may be open, has as many values.</summary>
    private static bool Fits(int[] shape, int count)
    {
        var known = shape.Where(s => s > 0).Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue));
        return shape.Count(s => s <= 0) switch
        {
            0 => known == count,
            1 => count % known == 0,
            _ => false,
        };
    }

    /// <summary>The mean of the only step is that step.</summary>
    public static KerasRows LastRow(KerasImport import, KerasLayer layer, KerasRows source) =>
        source with { Name = import.Builder.Chain(layer, new GlobalPoolAttribute(Pooling.Average),
            source), HasTime = false, Steps = 0, Masked = null };

    /// <summary>Says the padding, and how many steps come out; 0 where that is open.</summary>
    private static int Pad(KerasImport import, KerasLayer layer, Conv1dAttribute attribute, int steps)
    {
        var reach = (long)attribute.Dilation * (attribute.Kernel - 1);
        if (reach > int.MaxValue / 2)
        {
            throw layer.Bad("its kernel reaches further than can be computed.");
        }

        switch (layer.Text("padding", "valid"))
        {
            case "valid":
                return steps > reach ? (int)((steps - reach - 1) / attribute.Stride) + 1 : 0;
            case "causal":
                attribute.Padding = TimePadding.Causal;
                break;
            case "same" when attribute.Stride == 1:
                attribute.Padding = TimePadding.Same;
                break;
            case "same" when steps > 0:
                var total = Padding(steps, (int)reach + 1, attribute.Stride);
                attribute.PadLeft = total / 2;
                attribute.PadRight = total - (total / 2);
                import.Builder.Note(layer,
                    $"padding 'same' with strides is that of the fixed length {steps}; other lengths are padded alike here, but " +
                    "not in Keras.");
                break;
            case "same":
                throw layer.Bad("padding 'same' with strides depends on the sequence's length, which the file leaves open.");
            case var other:
                throw layer.Bad($"padding '{other}' is not supported.");
        }

        return steps > 0 ? (int)(((long)steps + attribute.Stride - 1) / attribute.Stride) : 0;
    }

    /// <summary>Rows that 'same' adds, so that the output has a step for each stride.</summary>
    private static int Padding(int steps, int window, int stride)
    {
        var outputs = ((long)steps + stride - 1) / stride;
        return (int)Math.Clamp(((outputs - 1) * stride) + window - steps, 0, int.MaxValue);
    }

    private static void CheckFormat(KerasLayer layer) =>
        layer.RequireDefault("data_format", layer.Text("data_format", "channels_last") == "channels_last",
            "only channels_last is supported");

    /// <summary>Takes a kernel [K, I, F]; Keras 1 has [K, 1, I, F].</summary>
    private static KerasArray TakeKernel(
        KerasImport import, KerasLayer layer, KerasLayerWeights weights, KerasRows source, int size, int filters)
    {
        var shape = weights[0].Shape;
        var width = import.Builder.Width(layer, source, shape.Length is 3 or 4 ? shape[^2] : 0);
        return shape.Length == 4
            ? weights.Take("kernel", size, 1, width, filters) with { Shape = [size, width, filters] }
            : weights.Take("kernel", size, width, filters);
    }

    /// <summary>Says what was done, or cannot be known, about kernels of Theano, which stand in files as it reads them.</summary>
    private static void NoteBackend(KerasImport import, KerasLayer layer, int size)
    {
        if (size > 1 && layer.Version.IsOnTheano)
        {
            import.Builder.Note(layer, "Keras ran on Theano, which reads kernels from the last step to the first; it is turned around.");
        }
        else if (size > 1 && layer.Version.Major < 2)
        {
            import.Builder.Note(
                layer,
                "its kernel is read from the first step to the last, as TensorFlow does; files of Keras 1 do not say whether it ran " +
                "on Theano, which turns kernels around.");
        }
    }

    /// <summary>[K, I, F] as [F, I, K], also from the last k to the first.</summary>
    private static float[] Swap(float[] kernel, int size, int width, int filters, bool isReversed)
    {
        var result = new float[kernel.Length];
        for (var k = 0; k < size; k++)
        {
            for (var i = 0; i < width; i++)
            {
                for (var f = 0; f < filters; f++)
                {
                    result[(((f * width) + i) * size) + (isReversed ? size - 1 - k : k)] = kernel[(((k * width) + i) * filters) + f];
                }
            }
        }

        return result;
    }
}
