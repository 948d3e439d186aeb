namespace RnnCodegen.Interchange;

/// <summary>Writes the layers that read one other and have no state.</summary>
internal static class KerasLayerExport
{
    public static void Add(KerasExport export, LayerDescription layer, ChainedLayerAttribute options, KerasNode source)
    {
        var name = layer.Name;
        var width = source.Width;
        switch (options)
        {
            case DenseAttribute dense:
                AddDense(
                    Activation(layer, dense.Activation, dense.Alpha), export.Weight($"{name}.weight", dense.Units, width), dense.Units,
                    dense.Bias ? export.Weight($"{name}.bias", dense.Units) : null);
                break;
            case RowConv1dAttribute inRow:
                // Keras has no convolution inside the rows of a sequence, but the matrix that does the same.
                AddDense(
                    Activation(layer, inRow.Activation, inRow.Alpha),
                    RowConvolutions.Matrix(inRow, width, export.Weight($"{name}.weight", inRow.Filters, inRow.Channels, inRow.Kernel)),
                    inRow.Filters * RowConvolutions.Positions(inRow, width),
                    inRow.Bias ? RowConvolutions.Bias(inRow, width, export.Weight($"{name}.bias", inRow.Filters)) : null);
                break;
            case Conv1dAttribute conv:
                AddConvolution(conv);
                break;
            case Pool1dAttribute pool:
                var config = new Dictionary<string, object?>
                {
                    ["pool_size"] = pool.Size,
                    ["strides"] = pool.Stride == 0 ? pool.Size : pool.Stride,
                    ["padding"] = "valid"
                };
                Chain(pool.Pooling == Pooling.Max ? "MaxPooling1D" : "AveragePooling1D", config, width);
                break;
            case GlobalPoolAttribute pool:
                export.Add(name, pool.Pooling == Pooling.Max ? "GlobalMaxPooling1D" : "GlobalAveragePooling1D", [], [source.Name], width,
                    hasTime: false);
                break;
            case AffineAttribute:
                // With mean 0, variance 1 and epsilon 0, a batch normalisation is its scale and its shift.
                var affine = Chain(
                    "BatchNormalization", new() { ["axis"] = -1, ["epsilon"] = 0.0, ["center"] = true, ["scale"] = true }, width);
                Variable(affine, [width], export.Weight($"{name}.weight", width));
                Variable(affine, [width], export.Weight($"{name}.bias", width));
                Variable(affine, [width], new float[width]);
                Variable(affine, [width], [.. Enumerable.Repeat(1f, width)]);
                break;
            case LayerNormAttribute norm:
                var normNode = Chain("LayerNormalization",
                    new() { ["axis"] = -1, ["epsilon"] = norm.Epsilon, ["center"] = true, ["scale"] = true }, width);
                Variable(normNode, [width], export.Weight($"{name}.weight", width));
                Variable(normNode, [width], export.Weight($"{name}.bias", width));
                break;
            case ActivationAttribute activation:
                Chain("Activation", new() { ["activation"] = Activation(layer, activation.Activation, activation.Alpha) }, width);
                break;
            case PReluAttribute:
                var prelu = Chain("PReLU", new() { ["shared_axes"] = source.HasTime ? new[] { 1 } : null }, width);
                Variable(prelu, source.HasTime ? [1, width] : [width], export.Weight($"{name}.weight", width));
                break;
            case DropoutAttribute dropout:
                Chain("Dropout", new() { ["rate"] = dropout.Probability }, width);
                break;
            default:
                throw KerasExport.Refused(layer, "there is no such layer in Keras");
        }

        KerasNode Chain(string className, Dictionary<string, object?> config, int outputs) => export.Add(name, className, config,
            [source.Name], outputs, source.HasTime);

        void Variable(KerasNode node, int[] shape, float[] values) => node.Variables.Add(("", new KerasArray(name, shape, values)));

        void Bias(KerasNode node, bool hasBias, int length)
        {
            if (hasBias)
            {
                Variable(node, [length], export.Weight($"{name}.bias", length));
            }
        }

        void AddDense(object activation, float[] matrix, int units, float[]? bias)
        {
            var node = Chain(
                "Dense", new() { ["units"] = units, ["activation"] = activation, ["use_bias"] = bias is not null }, units);
            Variable(node, [width, units], GateBlocks.Transpose(matrix, units, width));
            if (bias is not null)
            {
                Variable(node, [units], bias);
            }
        }

        void AddConvolution(Conv1dAttribute conv)
        {
            if (conv.PadLeft != 0 || conv.PadRight != 0 || (conv.Padding == TimePadding.Same && conv.Stride != 1))
            {
                throw KerasExport.Refused(layer,
                    "its padding is not one that Keras' Conv1D has: use Valid without PadLeft and PadRight, Causal, or Same " +
                    "without a stride");
            }

            var node = Chain(
                "Conv1D",
                new()
                {
                    ["filters"] = conv.Filters, ["kernel_size"] = new[] { conv.Kernel }, ["strides"] = new[] { conv.Stride },
                    ["dilation_rate"] = new[] { conv.Dilation },
                    ["padding"] = conv.Padding switch { TimePadding.Valid => "valid", TimePadding.Same => "same", _ => "causal" },
                    ["activation"] = Activation(layer, conv.Activation, conv.Alpha), ["use_bias"] = conv.Bias,
                },
                conv.Filters);
            var kernel = export.Weight($"{name}.weight", conv.Filters, width, conv.Kernel);
            Variable(node, [conv.Kernel, width, conv.Filters], GateBlocks.Transpose(
                Swapped(kernel, conv.Filters, width, conv.Kernel), conv.Filters, conv.Kernel * width));
            Bias(node, conv.Bias, conv.Filters);
        }
    }

    /// <summary>An activation as Keras 3 serialises it: a name, or a layer where it has an alpha other than its name's.</summary>
    public static object Activation(LayerDescription layer, Activation activation, float alpha) => activation switch
    {
        RnnCodegen.Activation.Linear => "linear",
        RnnCodegen.Activation.Sigmoid => "sigmoid",
        RnnCodegen.Activation.Tanh => "tanh",
        RnnCodegen.Activation.Relu => "relu",
        RnnCodegen.Activation.HardSigmoid => "hard_sigmoid",
        RnnCodegen.Activation.Silu => "silu",
        RnnCodegen.Activation.Gelu => "gelu",
        RnnCodegen.Activation.Softplus => "softplus",
        RnnCodegen.Activation.Mish => "mish",
        RnnCodegen.Activation.HardSwish => "hard_silu",
        RnnCodegen.Activation.Elu when float.IsNaN(alpha) || alpha == 1 => "elu",
        RnnCodegen.Activation.Elu => KerasNode.Serialized("ELU", new() { ["alpha"] = alpha }),
        RnnCodegen.Activation.LeakyRelu => KerasNode.Serialized("LeakyReLU",
            new() { ["negative_slope"] = float.IsNaN(alpha) ? 0.01f : alpha }),
        _ => throw KerasExport.Refused(layer, $"the activation {activation} is not Keras 3's"),
    };

    /// <summary>[F, I, K] as [F, K, I].</summary>
    private static float[] Swapped(float[] kernel, int filters, int width, int size)
    {
        var result = new float[kernel.Length];
        for (var f = 0; f < filters; f++)
        {
            GateBlocks.Transpose(kernel.AsSpan(f * width * size, width * size), width, size).CopyTo(result, f * width * size);
        }

        return result;
    }
}
