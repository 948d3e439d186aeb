namespace RnnCodegen.Interchange;

/// <summary>
/// Layers of two directions. Equal ones that are concatenated are one bidirectional layer; others become two layers and a join.
/// </summary>
internal static class KerasBidirectional
{
    public static KerasRows Read(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var forward = layer.Inner("layer");
        var backward = layer.IsNull("backward_layer") ? forward : layer.Inner("backward_layer");
        var isTimeMajor = KerasRecurrent.CheckSequence(import, layer, [forward, backward], source);
        if (forward.Flag("go_backwards", false) || (backward != forward && !backward.Flag("go_backwards", false)))
        {
            throw layer.Bad(
                "go_backwards of its layers is not false for the forward and true for the backward one, which is not supported.");
        }

        if (forward.ClassName == "RNN" || backward.ClassName == "RNN")
        {
            throw layer.Bad("two directions of an RNN of cells are not supported: use LSTM, GRU or SimpleRNN layers.");
        }

        var returnsSequences = forward.Flag("return_sequences", false);
        if (returnsSequences != backward.Flag("return_sequences", false))
        {
            throw layer.Bad("its two layers differ in return_sequences.");
        }

        KerasRecurrent.Note(import, layer, forward);
        if (backward != forward)
        {
            KerasRecurrent.Note(import, layer, backward);
        }

        var mode = MergeMode(layer);
        var weights = import.WeightsOf(layer);
        var rows = mode == "concat" && IsAlike(forward, backward)
            ? AddBoth(import, layer, forward, backward, source, weights, returnsSequences)
            : AddJoined(import, layer, forward, backward, source, weights, returnsSequences, mode);
        weights.Finish();

        // Keras sets zero_output_for_mask of the layers inside, whatever they say.
        forward.Config.Ignore("zero_output_for_mask");
        backward.Config.Ignore("zero_output_for_mask");
        rows = KerasRecurrent.Masked(layer, source, rows, isRepeated: false);
        return isTimeMajor ? rows with { Steps = 0 } : rows;
    }

    private static string MergeMode(KerasLayer layer)
    {
        var isNone = layer.Config.TryGetProperty("merge_mode", out _) && layer.IsNull("merge_mode");
        var mode = isNone ? "None" : layer.Text("merge_mode", "concat");
        return mode is "concat" or "sum" or "mul" or "ave"
            ? mode
            : throw layer.Bad($"merge_mode {mode} is not supported; supported are concat, sum, mul and ave, which give one output.");
    }

    private static bool IsAlike(KerasLayer forward, KerasLayer backward) =>
        forward.ClassName == backward.ClassName
        && Array.TrueForAll(
            ["units", "activation", "recurrent_activation", "use_bias", "reset_after"],
            option => (forward.IsNull(option) ? "" : forward.Config.GetProperty(option).GetRawText())
                == (backward.IsNull(option) ? "" : backward.Config.GetProperty(option).GetRawText()));

    private static KerasRows AddBoth(
        KerasImport import, KerasLayer layer, KerasLayer forward, KerasLayer backward, KerasRows source, KerasLayerWeights weights,
        bool returnsSequences)
    {
        var first = KerasCellWeights.Take(import, forward, weights, source);
        var second = KerasCellWeights.Take(import, backward, weights, source);
        var attribute = KerasRecurrent.Attribute(forward, first);
        attribute.Bidirectional = true;
        attribute.ReturnSequences = returnsSequences;
        var name = import.Builder.Chain(layer, attribute, source);
        KerasRecurrent.AddWeights(import, name, "l0", attribute.Units, first);
        KerasRecurrent.AddWeights(import, name, "l0_reverse", attribute.Units, second);
        return new KerasRows(name, 2 * attribute.Units, returnsSequences, returnsSequences ? source.Steps : 0);
    }

    private static KerasRows AddJoined(
        KerasImport import, KerasLayer layer, KerasLayer forward, KerasLayer backward, KerasRows source, KerasLayerWeights weights,
        bool returnsSequences, string mode)
    {
        var first = KerasRecurrent.Add(import, layer, forward, source, weights, isReverse: false, returnsSequences, "_forward");
        var second = KerasRecurrent.Add(import, layer, backward, source, weights, isReverse: true, returnsSequences, "_backward");
        string[] names = [first.Name, second.Name];
        LayerAttribute join = mode switch
        {
            "concat" => new ConcatAttribute(names),
            "mul" => new MultiplyAttribute(names),
            _ => new AddAttribute(names),
        };
        if (mode != "concat" && first.Width != second.Width)
        {
            throw layer.Bad($"its directions have {first.Width} and {second.Width} units; only concat can join them.");
        }

        var rows = first with
        {
            Name = import.Builder.Join(layer, join, [first, second], mode == "ave" ? "_sum" : ""),
            Width = mode == "concat" ? first.Width + second.Width : first.Width,
        };
        return mode == "ave" ? KerasMerges.Scale(import, layer, rows, 0.5f) : rows;
    }
}
