using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>Recurrent layers of one direction, and stacks of cells.</summary>
internal static class KerasRecurrent
{
    /// <summary>LSTM, GRU or SimpleRNN, of a layer, a cell, or a layer that runs on cuDNN.</summary>
    public static string Kind(KerasLayer layer) => layer.ClassName switch
    {
        "LSTM" or "LSTMCell" or "CuDNNLSTM" => "LSTM",
        "GRU" or "GRUCell" or "CuDNNGRU" => "GRU",
        "SimpleRNN" or "SimpleRNNCell" => "SimpleRNN",
        _ => throw layer.Bad($"{layer.ClassName} is not a supported recurrent layer or cell; supported are LSTM, GRU and SimpleRNN."),
    };

    public static KerasRows Read(KerasImport import, KerasLayer layer, KerasRows source)
    {
        CheckSequence(layer, source);
        Note(import, layer, layer);
        var weights = import.WeightsOf(layer);
        var isReverse = layer.Flag("go_backwards", false);
        var rows = Add(import, layer, layer, source, weights, isReverse, layer.Flag("return_sequences", false), "");
        weights.Finish();
        return isReverse ? Reversed(import, layer, rows) : rows;
    }

    /// <summary>Reads an RNN layer of one cell or of stacked ones: a layer a cell.</summary>
    public static KerasRows ReadCells(KerasImport import, KerasLayer layer, KerasRows source)
    {
        CheckSequence(layer, source);
        Note(import, layer, layer);
        var weights = import.WeightsOf(layer);
        var isReverse = layer.Flag("go_backwards", false);
        var rows = source;
        var (cells, isStack) = Cells(layer);
        for (var i = 0; i < cells.Count; i++)
        {
            Note(import, layer, cells[i]);
            var returnsSequences = i < cells.Count - 1 || layer.Flag("return_sequences", false);
            rows = Add(import, layer, cells[i], rows, weights, isReverse, returnsSequences, isStack ? $"_{i}" : "");
        }

        weights.Finish();
        return isReverse ? Reversed(import, layer, rows) : rows;
    }

    /// <summary>The cells of an RNN layer, and whether the file says that they are a stack.</summary>
    public static (IReadOnlyList<KerasLayer> Cells, bool IsStack) Cells(KerasLayer layer)
    {
        if (layer.IsNull("cell"))
        {
            throw layer.Bad("it has no option cell.");
        }

        var value = layer.Config.GetProperty("cell");
        var cell = value.ValueKind == JsonValueKind.Array ? null : layer.Inner(value);
        if (cell is not null && cell.ClassName != "StackedRNNCells")
        {
            return ([cell], false);
        }

        var list = cell is null ? value : cell.IsNull("cells") ? default : cell.Config.GetProperty("cells");
        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? ([.. list.EnumerateArray().Select(layer.Inner)], true)
            : throw layer.Bad("its stack has no cells.");
    }

    /// <summary>Adds one recurrent layer and its weights.</summary>
    /// <param name="import">The import.</param>
    /// <param name="layer">The layer that gives the name.</param>
    /// <param name="cell">The layer or cell that has the options.</param>
    /// <param name="source">What it reads.</param>
    /// <param name="weights">Where its weights are taken from.</param>
    /// <param name="isReverse">Whether it runs from the last step to the first.</param>
    /// <param name="returnsSequences">Whether it gives a row a step.</param>
    /// <param name="suffix">What comes behind the layer's name.</param>
    public static KerasRows Add(
        KerasImport import, KerasLayer layer, KerasLayer cell, KerasRows source, KerasLayerWeights weights, bool isReverse, bool returnsSequences, string suffix)
    {
        var values = KerasCellWeights.Take(import, cell, weights, source);
        var attribute = Attribute(cell, values);
        attribute.Reverse = isReverse;
        attribute.ReturnSequences = returnsSequences;
        var name = import.Builder.Chain(layer, attribute, source, suffix);
        AddWeights(import, name, "l0", attribute.Units, values);
        return new KerasRows(name, attribute.Units, returnsSequences, returnsSequences ? source.Steps : 0);
    }

    public static void AddWeights(KerasImport import, string name, string end, int units, KerasCellWeights values)
    {
        var rows = values.Input.Length / values.Width;
        import.Builder.Weight($"{name}.weight_ih_{end}", [rows, values.Width], values.Input);
        import.Builder.Weight($"{name}.weight_hh_{end}", [rows, units], values.Hidden);
        if (values is { InputBias: not null, HiddenBias: not null })
        {
            import.Builder.Weight($"{name}.bias_ih_{end}", [rows], values.InputBias);
            import.Builder.Weight($"{name}.bias_hh_{end}", [rows], values.HiddenBias);
        }
    }

    /// <summary>What the layer's options say, without direction and output.</summary>
    public static RecurrentAttribute Attribute(KerasLayer layer, KerasCellWeights values)
    {
        var units = layer.Size("units");
        var kind = Kind(layer);
        var activation = KerasActivations.Read(layer, "activation", "tanh");
        var hasBias = values.InputBias is not null;
        if (kind == "SimpleRNN")
        {
            return new ElmanAttribute(units) { Activation = activation.Function, Alpha = activation.Alpha, Bias = hasBias };
        }

        var isCudnn = layer.ClassName.StartsWith("CuDNN", StringComparison.Ordinal);
        var gate = KerasActivations.Read(layer, "recurrent_activation", layer.Version >= 3 || isCudnn ? "sigmoid" : "hard_sigmoid");
        return kind == "LSTM"
            ? new LstmAttribute(units)
            {
                Activation = activation.Function, Alpha = activation.Alpha, GateActivation = gate.Function, GateAlpha = gate.Alpha, Bias = hasBias,
            }
            : new GruAttribute(units)
            {
                Activation = activation.Function, Alpha = activation.Alpha, GateActivation = gate.Function, GateAlpha = gate.Alpha, Bias = hasBias,
                ResetAfter = values.ResetAfter,
            };
    }

    /// <summary>Keras returns a backward layer's sequence in the order it was made.</summary>
    private static KerasRows Reversed(KerasImport import, KerasLayer layer, KerasRows rows) =>
        rows.HasTime ? rows with { Name = import.Builder.Chain(layer, new ReverseTimeAttribute(), rows, "_reversed") } : rows;

    public static void CheckSequence(KerasLayer layer, KerasRows source)
    {
        if (!source.HasTime)
        {
            throw layer.Bad("it reads single rows, not sequences.");
        }
    }

    /// <summary>Says which options were read but do not show in inference.</summary>
    public static void Note(KerasImport import, KerasLayer layer, KerasLayer options)
    {
        if (options.Flag("stateful", false))
        {
            import.Builder.Note(layer, "it is stateful: keep the state from call to call, as a stream does, instead of starting from zeros.");
        }

        if (options.Flag("time_major", false))
        {
            import.Builder.Note(layer, "it is time_major in Keras; sequences are always time-major here.");
        }

        if (options.Flag("return_state", false))
        {
            import.Builder.Note(layer, "its returned states are not outputs here; the model's state has them.");
        }

        if (options.Number("dropout", 0) != 0 || options.Number("recurrent_dropout", 0) != 0)
        {
            import.Builder.Note(layer, "its dropout inside the cell acts in training only, and is left out.");
        }
    }
}
