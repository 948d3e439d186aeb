namespace RnnCodegen.Interchange;

/// <summary>Writes recurrent layers: a Keras layer for each stacked one.</summary>
internal static class KerasRecurrentExport
{
    public static void Add(KerasExport export, LayerDescription layer, RecurrentAttribute options, KerasNode source)
    {
        Check(layer, options);
        for (var index = 0; index < options.Layers; index++)
        {
            var isLast = index == options.Layers - 1;
            if (index > 0 && options.Dropout > 0)
            {
                source = export.Add(export.Unused($"{layer.Name}_dropout_{index}"), "Dropout", new() { ["rate"] = options.Dropout },
                    [source.Name], source.Width, hasTime: true);
            }

            source = AddOne(export, layer, options, source, index, isLast ? layer.Name : export.Unused($"{layer.Name}_{index}"),
                options.ReturnSequences || !isLast);
        }
    }

    private static KerasNode AddOne(
        KerasExport export, LayerDescription layer, RecurrentAttribute options, KerasNode source, int index, string name,
        bool returnsSequences)
    {
        var (className, _) = Kind(layer, options);
        var config = Config(layer, options, returnsSequences);
        var node = options.Bidirectional
            ? export.Add(name, "Bidirectional",
                new() { ["layer"] = KerasNode.Serialized(className, config, $"forward_{name}"), ["merge_mode"] = "concat" }, [source.Name],
                2 * options.Units, returnsSequences)
            : export.Add(name, className, config, [source.Name], options.Units, returnsSequences);
        AddWeights(export, layer, options, node, source.Width, $"l{index}", options.Bidirectional ? "forward_layer/cell" : "cell");
        if (options.Bidirectional)
        {
            AddWeights(export, layer, options, node, source.Width, $"l{index}_reverse", "backward_layer/cell");
        }

        return node;
    }

    /// <summary>Keras' class, and its gates.</summary>
    private static (string ClassName, int Gates) Kind(LayerDescription layer, RecurrentAttribute options) => options switch
    {
        LstmAttribute => ("LSTM", 4),
        GruAttribute => ("GRU", 3),
        ElmanAttribute => ("SimpleRNN", 1),
        _ => throw KerasExport.Refused(layer, "there is no such layer in Keras"),
    };

    private static void Check(LayerDescription layer, RecurrentAttribute options)
    {
        (bool Is, string What)[] refused =
        [
            (options.Clip != 0, "Clip"),
            (options.LearnedInitialState, "LearnedInitialState"),
            (options is { Reverse: true, Layers: > 1 }, "Reverse with Layers > 1"),
            (CellOptions.HasZoneout(options), "Zoneout"),
            (CellOptions.IsNormalised(options), "Normalization"),
            (options is LstmAttribute { Projection: > 0 }, "Projection"),
            (options is LstmAttribute { Peepholes: true }, "Peepholes"),
            (options is LstmAttribute { CoupledInputForget: true }, "CoupledInputForget"),
            (options is LstmAttribute { CellClip: not 0 }, "CellClip"),
            (options is LstmAttribute lstm && lstm.CellActivation != lstm.Activation, "a CellActivation other than Activation"),
        ];
        foreach (var (isSaid, what) in refused)
        {
            if (isSaid)
            {
                throw KerasExport.Refused(layer, $"its layers have no {what}");
            }
        }
    }

    private static Dictionary<string, object?> Config(LayerDescription layer, RecurrentAttribute options, bool returnsSequences)
    {
        var config = new Dictionary<string, object?>
        {
            ["units"] = options.Units,
            ["return_sequences"] = returnsSequences,
            ["go_backwards"] = options.Reverse,
            ["use_bias"] = options.Bias,

            // A GRU of Keras drops the state that z keeps as well, which would be another function to train.
            ["recurrent_dropout"] = options is GruAttribute ? 0f : CellOptions.RecurrentDropout(options),
        };
        switch (options)
        {
            case LstmAttribute lstm:
                config["activation"] = KerasLayerExport.Activation(layer, lstm.Activation, lstm.Alpha);
                config["recurrent_activation"] = KerasLayerExport.Activation(layer, lstm.GateActivation, lstm.GateAlpha);
                break;
            case GruAttribute gru:
                config["activation"] = KerasLayerExport.Activation(layer, gru.Activation, gru.Alpha);
                config["recurrent_activation"] = KerasLayerExport.Activation(layer, gru.GateActivation, gru.GateAlpha);
                config["reset_after"] = gru.ResetAfter;
                break;
            case ElmanAttribute elman:
                config["activation"] = KerasLayerExport.Activation(layer, elman.Activation, elman.Alpha);
                break;
            default:
                throw KerasExport.Refused(layer, "there is no such layer in Keras");
        }

        return config;
    }

    private static void AddWeights(
        KerasExport export, LayerDescription layer, RecurrentAttribute options, KerasNode node, int width, string end, string path)
    {
        var units = options.Units;
        var isGru = options is GruAttribute;
        var rows = units * (Kind(layer, options).Gates);
        Variable([width, rows], GateBlocks.Transpose(Keras(export.Weight($"{layer.Name}.weight_ih_{end}", rows, width)), rows, width));
        Variable([units, rows], GateBlocks.Transpose(Keras(export.Weight($"{layer.Name}.weight_hh_{end}", rows, units)), rows, units));
        if (!options.Bias)
        {
            return;
        }

        var input = Keras(export.Weight($"{layer.Name}.bias_ih_{end}", rows));
        var hidden = Keras(export.Weight($"{layer.Name}.bias_hh_{end}", rows));
        if (options is GruAttribute { ResetAfter: true })
        {
            Variable([2, rows], [.. input, .. hidden]);
            return;
        }

        Variable([rows], [.. input.Zip(hidden, (a, b) => a + b)]);

        float[] Keras(float[] values) => isGru ? GateBlocks.Reorder(values, GateBlocks.GruFromUpdateFirst) : values;

        void Variable(int[] shape, float[] values) => node.Variables.Add((path, new KerasArray(layer.Name, shape, values)));
    }
}
