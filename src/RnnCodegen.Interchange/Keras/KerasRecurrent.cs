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
        var isTimeMajor = CheckSequence(import, layer, [layer], source);
        Note(import, layer, layer);
        var weights = import.WeightsOf(layer);
        var isReverse = layer.Flag("go_backwards", false);
        var rows = Add(import, layer, layer, source, weights, isReverse, layer.Flag("return_sequences", false), "");
        weights.Finish();
        return Finished(import, layer, source, isReverse, isTimeMajor, rows);
    }

    /// <summary>Reads an RNN layer of one cell or of stacked ones: a layer a cell.</summary>
    public static KerasRows ReadCells(KerasImport import, KerasLayer layer, KerasRows source)
    {
        var isTimeMajor = CheckSequence(import, layer, [layer], source);
        Note(import, layer, layer);
        var weights = import.WeightsOf(layer);
        var isReverse = layer.Flag("go_backwards", false);
        var rows = source;
        var (cells, isStack) = Cells(layer);
        for (var i = 0; i < cells.Count; i++)
        {
            NoteDropout(import, layer, cells[i]);
            var returnsSequences = i < cells.Count - 1 || layer.Flag("return_sequences", false);
            rows = Add(import, layer, cells[i], rows, weights, isReverse, returnsSequences, isStack ? $"_{i}" : "");
        }

        weights.Finish();
        return Finished(import, layer, source, isReverse, isTimeMajor, rows);
    }

    /// <summary>The cells of an RNN layer, and whether the file says that they are a stack.</summary>
    public static (IReadOnlyList<KerasLayer> Cells, bool IsStack) Cells(KerasLayer layer)
    {
        if (layer.IsNull("cell"))
        {
            throw layer.Bad("it has no option cell.");
        }

        var isList = layer.Config.GetProperty("cell").ValueKind == JsonValueKind.Array;
        var (owner, key) = (layer, "cell");
        if (!isList)
        {
            var cell = layer.Inner("cell");
            if (cell.ClassName != "StackedRNNCells")
            {
                return ([cell], false);
            }

            (owner, key) = (cell, "cells");
        }

        var list = owner.Config.Find(key);
        return list is { ValueKind: JsonValueKind.Array } cells && cells.GetArrayLength() > 0
            ? (owner.Inner("cells", () => cells.EnumerateArray()), true)
            : throw layer.Bad("its stack has no cells.");
    }

    /// <summary>Adds one recurrent layer and its weights.</summary>
    /// <param name="import">The import.</param>
    /// <param name="layer">The layer that gives the name.</param>
    /// <param name="cell">The layer or cell that has the options.</param>
    /// <param name="source">What it reads.</param>
    /// <param name="weights">Where its weights are taken from.</param>
    /// <param name="isReverse">Whether it runs from the last step to the first.</param>
    /// <param name="returnsSequences">Whether it gives one row per step.</param>
    /// <param name="suffix">What comes behind the layer's name.</param>
    public static KerasRows Add(
        KerasImport import, KerasLayer layer, KerasLayer cell, KerasRows source, KerasLayerWeights weights, bool isReverse,
        bool returnsSequences, string suffix)
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
            return new ElmanAttribute(units)
            {
                Activation = activation.Function, Alpha = activation.Alpha, Bias = hasBias, RecurrentDropout = RecurrentDropout(layer),
            };
        }

        var isCudnn = layer.ClassName.StartsWith("CuDNN", StringComparison.Ordinal);
        var gate = KerasActivations.Read(layer, "recurrent_activation", layer.Version.Major >= 3 || isCudnn ? "sigmoid" : "hard_sigmoid");
        return kind == "LSTM"
            ? new LstmAttribute(units)
            {
                Activation = activation.Function, Alpha = activation.Alpha, GateActivation = gate.Function, GateAlpha = gate.Alpha,
                Bias = hasBias, RecurrentDropout = RecurrentDropout(layer),
            }
            : new GruAttribute(units)
            {
                Activation = activation.Function, Alpha = activation.Alpha, GateActivation = gate.Function, GateAlpha = gate.Alpha,
                Bias = hasBias,
                ResetAfter = values.ResetAfter,
            };
    }

    /// <summary>
    /// Checks that a layer reads sequences, whose steps are the first axis where it or a layer inside it is time_major; whether they are.
    /// </summary>
    public static bool CheckSequence(KerasImport import, KerasLayer layer, IEnumerable<KerasLayer> options, KerasRows source)
    {
        var isTimeMajor = options.Select(o => o.Flag("time_major", false)).ToList();
        if (isTimeMajor.Contains(true) && isTimeMajor.Contains(false))
        {
            throw layer.Bad("only one of its directions is time_major.");
        }

        import.CheckSequence(layer, source, isTimeMajor[0]);
        return isTimeMajor[0];
    }

    /// <summary>The rows of a layer as Keras returns them.</summary>
    private static KerasRows Finished(
        KerasImport import, KerasLayer layer, KerasRows source, bool isReverse, bool isTimeMajor, KerasRows rows)
    {
        if (layer.ClassName.StartsWith("CuDNN", StringComparison.Ordinal) && source.Masked is { IsLost: false })
        {
            throw layer.Bad("it reads masked steps, which layers of cuDNN cannot.");
        }

        rows = Masked(layer, source, rows, isRepeated: !layer.Flag("zero_output_for_mask", false));
        if (isTimeMajor)
        {
            rows = rows with { Steps = 0 };
        }

        if (!isReverse || !rows.HasTime)
        {
            return rows;
        }

        // A backward layer's sequence stands in the order it was made, masked steps first, but its mask stays that of its input.
        return rows with
        {
            Name = import.Builder.Chain(layer, new ReverseTimeAttribute(), rows, "_reversed"),
            Masked = rows.Masked is null ? null : KerasMasked.Drop(layer, rows.Masked),
        };
    }

    /// <summary>Rows with the mask that a recurrent layer passes on.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="source">What it reads.</param>
    /// <param name="rows">What it gives.</param>
    /// <param name="isRepeated">Whether it repeats a row at masked steps; it gives zeros otherwise.</param>
    public static KerasRows Masked(KerasLayer layer, KerasRows source, KerasRows rows, bool isRepeated)
    {
        var masked = KerasMasked.Use(layer, source.Masked, isRepeated);
        masked = layer.Version.WrappersPassMask ? masked : KerasMasked.Lose(masked);
        return rows with { Masked = rows.HasTime ? masked : null };
    }

    /// <summary>Says which options were read but do not show in inference.</summary>
    public static void Note(KerasImport import, KerasLayer layer, KerasLayer options)
    {
        if (options.Flag("stateful", false))
        {
            import.Builder.Note(layer,
                "it is stateful: keep the state from call to call, as a stream does, instead of starting from zeros.");
        }

        if (options.Flag("time_major", false))
        {
            import.Builder.Note(layer, "it is time_major in Keras; sequences are always time-major here.");
        }

        if (options.Flag("return_state", false))
        {
            import.Builder.Note(layer, "its returned states are not outputs here; the model's state has them.");
        }

        NoteDropout(import, layer, options);
    }

    private static void NoteDropout(KerasImport import, KerasLayer layer, KerasLayer options)
    {
        if (options.Number("dropout", 0) != 0)
        {
            import.Builder.Note(layer, "its dropout of the input acts in training only, and is left out.");
        }

        if (options.Number("recurrent_dropout", 0) != 0 && Kind(options) == "GRU")
        {
            import.Builder.Note(
                layer, "its recurrent_dropout, which drops the state that z keeps as well, acts in training only, and is left out.");
        }
    }

    private static float RecurrentDropout(KerasLayer layer)
    {
        var share = layer.Number("recurrent_dropout", 0);
        return share is >= 0 and < 1 ? share : throw layer.Bad($"its recurrent_dropout is {share}; it is a share from 0 up to 1.");
    }
}
