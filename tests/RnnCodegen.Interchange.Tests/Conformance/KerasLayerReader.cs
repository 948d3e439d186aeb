using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>A Keras layer as its test constructs it, with constant weights, as a model.</summary>
internal static class KerasLayerReader
{
    /// <summary>Reads a layer.</summary>
    /// <param name="layer">Class, arguments and initializers.</param>
    /// <param name="inputSize">Features of its input.</param>
    public static ModelDescription Read(JsonElement layer, int inputSize)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = inputSize } };
        switch (layer.GetProperty("class").GetString())
        {
            case "Bidirectional":
                AddBidirectional(model, layer);
                break;
            case "RNN":
                AddStack(model, layer.GetProperty("args")[0]);
                break;
            default:
                var options = Options(layer);
                options.Reverse = Flag(layer, "go_backwards", false);
                model.Add("Cell", options);
                AddWeights(model, "Cell", options, layer, "l0");
                break;
        }

        return model;
    }

    private static void AddBidirectional(ModelDescription model, JsonElement wrapper)
    {
        var ahead = wrapper.GetProperty("layer");
        var back = wrapper.TryGetProperty("backward_layer", out var own) ? own : ahead;
        var merge = wrapper.TryGetProperty("merge_mode", out var mode) ? mode.GetString() : "concat";
        var options = Options(ahead);
        if (merge is null or "concat")
        {
            options.Bidirectional = true;
            model.Add("Cell", options);
            AddWeights(model, "Cell", options, ahead, "l0");
            AddWeights(model, "Cell", options, back, "l0_reverse");
            return;
        }

        var reverse = Options(back);
        (reverse.Reverse, reverse.From) = (true, RnnModelAttribute.Input);
        model.Add("Ahead", options);
        model.Add("Back", reverse);
        AddWeights(model, "Ahead", options, ahead, "l0");
        AddWeights(model, "Back", reverse, back, "l0");
        model.Add("Merged", merge == "mul" ? new MultiplyAttribute("Ahead", "Back") : new AddAttribute("Ahead", "Back"));
        if (merge == "ave")
        {
            model.Add("Half", new AffineAttribute());
            model.AddWeight("Half.weight", [options.Units], [.. Enumerable.Repeat(0.5f, options.Units)]);
            model.AddWeight("Half.bias", [options.Units], new float[options.Units]);
        }
    }

    /// <summary>
    /// Cells of one kind in a row, whose kernels are ones and whose biases are the default's: zeros, and ones for the forget gate.
    /// </summary>
    private static void AddStack(ModelDescription model, JsonElement cells)
    {
        var units = cells[0].GetProperty("units").GetInt32();
        model.Add("Cell", new LstmAttribute(units) { Layers = cells.GetArrayLength(), ReturnSequences = false });
        for (var k = 0; k < cells.GetArrayLength(); k++)
        {
            var width = k == 0 ? model.Model.InputSize : units;
            var (kernel, recurrent) = (Filled(width * 4 * units, 1), Filled(units * 4 * units, 1));
            ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.LstmFromKeras, kernel, recurrent, ForgetBias(new float[4 * units]),
                end: $"l{k}");
        }
    }

    private static RecurrentAttribute Options(JsonElement layer)
    {
        var units = layer.GetProperty("args")[0].GetInt32();
        RecurrentAttribute options = layer.GetProperty("class").GetString() switch
        {
            "GRU" => new GruAttribute(units) { ResetAfter = Flag(layer, "reset_after", true) },
            "LSTM" => new LstmAttribute(units),
            _ => new ElmanAttribute(units),
        };
        options.ReturnSequences = Flag(layer, "return_sequences", false);
        options.Bias = Flag(layer, "use_bias", true);
        return options;
    }

    private static void AddWeights(ModelDescription model, string name, RecurrentAttribute options, JsonElement layer, string end)
    {
        ReadOnlySpan<int> order = options switch
        {
            GruAttribute => GateBlocks.GruFromUpdateFirst,
            LstmAttribute => GateBlocks.LstmFromKeras,
            _ => [0],
        };
        var rows = order.Length * options.Units;
        var bias = options.Bias ? Filled(rows, Constant(layer, "bias_initializer")) : null;
        var hiddenBias = bias is not null && options is GruAttribute { ResetAfter: true } ? bias : null;
        if (bias is not null && options is LstmAttribute && Flag(layer, "unit_forget_bias", true))
        {
            bias = ForgetBias(bias);
        }

        var kernel = Filled(rows * model.Model.InputSize, Constant(layer, "kernel_initializer"));
        var recurrent = Filled(rows * options.Units, Constant(layer, "recurrent_initializer"));
        ColumnLayout.AddRecurrent(model, name, order, kernel, recurrent, bias, hiddenBias, end);
    }

    /// <summary>
    /// Keras' unit_forget_bias replaces the initializer by ones in the second of the blocks i, f, c, o; nothing is added at run time.
    /// </summary>
    private static float[] ForgetBias(float[] bias)
    {
        bias.AsSpan(bias.Length / 4, bias.Length / 4).Fill(1);
        return bias;
    }

    private static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];

    private static float Constant(JsonElement layer, string initializer) => layer.GetProperty(initializer).GetProperty("args")[0]
        .GetSingle();

    private static bool Flag(JsonElement layer, string name, bool otherwise) =>
        layer.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;
}
