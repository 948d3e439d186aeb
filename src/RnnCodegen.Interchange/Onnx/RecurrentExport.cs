namespace RnnCodegen.Interchange.Onnx;

/// <summary>Writes a recurrent layer: a node for each layer of its stack.</summary>
internal sealed class RecurrentExport
{
    private readonly ModelExport _export;
    private readonly LayerDescription _layer;
    private readonly RecurrentAttribute _options;
    private readonly RecurrentCell _cell;
    private readonly int _directions;
    private readonly int _projection;
    private readonly bool _coupled;

    public RecurrentExport(ModelExport export, LayerDescription layer, RecurrentAttribute options)
    {
        (_export, _layer, _options) = (export, layer, options);
        _cell = options switch
        {
            LstmAttribute => RecurrentCell.Lstm,
            GruAttribute => RecurrentCell.Gru,
            ElmanAttribute => RecurrentCell.Elman,
            _ => throw ModelExport.Refuse(layer, AttributeText.Name(options), "ONNX has no operator for it"),
        };
        _directions = options.Bidirectional ? 2 : 1;
        if (CellOptions.HasZoneout(options))
        {
            throw ModelExport.Refuse(layer, "Zoneout", "ONNX's cells do not keep a share of the old state");
        }

        if (CellOptions.IsNormalised(options))
        {
            throw ModelExport.Refuse(layer, "Normalization", "ONNX's cells do not normalise their gates");
        }

        if (CellOptions.RecurrentDropout(options) > 0)
        {
            export.Notes.Add($"The recurrent dropout of '{layer.Name}' is left out: the file is for inference.");
        }

        if (options is not LstmAttribute lstm)
        {
            return;
        }

        (_projection, _coupled) = (lstm.Projection, lstm.CoupledInputForget);
        if (lstm.CellClip > 0)
        {
            throw ModelExport.Refuse(layer, $"{nameof(LstmAttribute.CellClip)} = {lstm.CellClip}",
                "ONNX bounds the gates' sums (Clip), never the cell");
        }

        if (lstm is { Projection: > 0, LearnedInitialState: true })
        {
            throw ModelExport.Refuse(layer, nameof(LstmAttribute.Projection),
                "ONNX has none, and as a layer of its own behind the LSTM it would not reach the learned initial state");
        }
    }

    private int Units => _options.Units;

    private int Size => _projection > 0 ? _projection : Units;

    /// <summary>Adds the nodes.</summary>
    public ExportedRows Write(ExportedRows rows)
    {
        for (var layer = 0; layer < _options.Layers; layer++)
        {
            rows = WriteLayer(rows, layer, isLast: layer == _options.Layers - 1);
        }

        if (_options.Dropout > 0)
        {
            _export.Notes.Add($"The dropout between the layers of '{_layer.Name}' is left out: the file is for inference.");
        }

        return rows;
    }

    private ExportedRows WriteLayer(ExportedRows rows, int layer, bool isLast)
    {
        var graph = _export.Graph;
        string[] ends = [.. Enumerable.Range(0, _directions).Select(d => $"l{layer}{(d == 1 ? "_reverse" : "")}")];
        string Weight(string name, IReadOnlyList<int> shape, Func<string, float[]> values) =>
            graph.Constant($"{_layer.Name}.{name}_l{layer}", shape, [.. ends.SelectMany(values)]);

        var gates = _cell.Gates;
        List<string> inputs =
        [
            rows.Value,
            Weight("W", [_directions, gates * Units, rows.Width], end => Gates(end, "weight_ih", rows.Width)),
            Weight("R", [_directions, gates * Units, Units], Recurrent),
            _options.Bias
                ? Weight("B", [_directions, 2 * gates * Units], end => [.. Gates(end, "bias_ih", 0), .. Gates(end, "bias_hh", 0)])
                : "",
            "",
            Start("h", layer, ends, Weight),
        ];
        if (_cell == RecurrentCell.Lstm)
        {
            inputs.Add(Start("c", layer, ends, Weight));
            inputs.Add(_options is LstmAttribute { Peepholes: true } ? Weight("P", [_directions, 3 * Units], Peepholes) : "");
        }

        while (inputs[^1].Length == 0)
        {
            inputs.RemoveAt(inputs.Count - 1);
        }

        var states = _export.States.AreWritten;
        var outputs = graph.Node(_layer.Name, _cell.Op, inputs, Attributes(), outputs: states && _cell == RecurrentCell.Lstm ? 3 : 2);
        if (states)
        {
            string[] names = _cell == RecurrentCell.Lstm ? ["h", "c"] : ["h"];
            foreach (var (k, name) in names.Index())
            {
                _export.States.End(outputs[k + 1], $"{_layer.Name}.{name}_l{layer}", Units);
            }
        }

        var isSequence = !isLast || _options.ReturnSequences;
        var value = isSequence ? Rows(outputs[0], layer, [0, 2, 1, 3], [0, 0, -1], 1)
            : states ? LastRow(outputs[0], layer)
            : Rows(outputs[1], layer, [1, 0, 2], [0, -1], 0);
        if (_projection > 0)
        {
            value = graph.Node(_layer.Name, "MatMul", value,
                graph.Constant($"{_layer.Name}.projection_l{layer}", [_directions * Units, _directions * Size], Projections(ends)));
            _export.Notes.Add(
                $"The projection of '{_layer.Name}' is written as a dense layer behind the LSTM, whose recurrent weights contain it too: " +
                "the file computes the same, up to rounding, and is read back as those two layers.");
        }

        return rows with { Value = value, Width = _directions * Size, IsSequence = isSequence };
    }

    /// <summary>A node's [.., D, B, H] as rows: without the axis of one direction, or with both directions' features in one row.</summary>
    private string Rows(string value, int layer, long[] order, long[] shape, int directionAxis)
    {
        var graph = _export.Graph;
        if (_directions == 1)
        {
            return graph.Node(_layer.Name, "Squeeze", value, graph.Constant($"{_layer.Name}.axes_l{layer}", [(long)directionAxis]));
        }

        var moved = graph.Node(_layer.Name, "Transpose", [value], [ExportGraph.Attribute("perm", order)]);
        return graph.Node(_layer.Name, "Reshape", moved, graph.Constant($"{_layer.Name}.shape_l{layer}", shape));
    }

    /// <summary>The last step's rows: the state of the same values is an output by itself.</summary>
    private string LastRow(string rows, int layer) => _export.Graph.Node(_layer.Name, "Gather",
        [Rows(rows, layer, [0, 2, 1, 3], [0, 0, -1], 1), _export.Graph.Scalar($"{_layer.Name}.last_l{layer}", -1)],
        [ExportGraph.Attribute("axis", 0L)]);

    /// <summary>What a state starts from: an input, or what is learned; nothing for zeros.</summary>
    private string Start(string name, int layer, string[] ends,
        Func<string, IReadOnlyList<int>, Func<string, float[]>, string> weight) =>
        _export.States.AreWritten ? _export.States.Start($"{_layer.Name}.{name}_l{layer}", Units)
        : _options.LearnedInitialState ? InitialState($"{name}0", ends, weight)
        : "";

    /// <summary>A learned state [D, 1, H], repeated for each sample.</summary>
    private string InitialState(string name, string[] ends, Func<string, IReadOnlyList<int>, Func<string, float[]>, string> weight)
    {
        var graph = _export.Graph;
        var state = weight(name, [_directions, 1, Units], end => _export.Parameter(_layer, $"{name}_{end}", Units));
        string[] sizes = [graph.Constant($"{_layer.Name}.directions", [(long)_directions]), _export.BatchSize(),
            graph.Constant($"{_layer.Name}.units", [(long)Units])];
        var shape = graph.Node(_layer.Name, "Concat", sizes, [ExportGraph.Attribute("axis", 0L)]);
        return graph.Node(_layer.Name, "Expand", state, shape);
    }

    private List<Format.AttributeProto> Attributes()
    {
        List<Format.AttributeProto> attributes =
        [
            ExportGraph.Attribute("hidden_size", Units),
            ExportGraph.Attribute("direction", _options.Bidirectional ? "bidirectional" : _options.Reverse ? "reverse" : "forward"),
        ];
        if (_options is GruAttribute { ResetAfter: var resetsAfter })
        {
            attributes.Add(ExportGraph.Attribute("linear_before_reset", resetsAfter ? 1L : 0L));
        }

        if (_coupled)
        {
            attributes.Add(ExportGraph.Attribute("input_forget", 1L));
        }

        if (_options.Clip > 0)
        {
            attributes.Add(ExportGraph.Attribute("clip", _options.Clip));
        }

        (Activation Function, float Alpha)[] functions = _options switch
        {
            LstmAttribute l => [(l.GateActivation, l.GateAlpha), (l.Activation, l.Alpha), (l.CellActivation, l.Alpha)],
            GruAttribute g => [(g.GateActivation, g.GateAlpha), (g.Activation, g.Alpha)],
            ElmanAttribute e => [(e.Activation, e.Alpha)],
            _ => throw ModelExport.Refuse(_layer, AttributeText.Name(_options), "ONNX has no operator for it"),
        };
        foreach (var (function, _) in functions.Where(f => !ActivationNames.IsRecurrent(f.Function)))
        {
            throw ModelExport.Refuse(_layer, $"{function}", $"ONNX's {_cell.Op} does not know this function");
        }

        if (!functions.Select(f => f.Function).SequenceEqual(_cell.Defaults))
        {
            AddFunctions(attributes, [.. Enumerable.Repeat(functions, _directions).SelectMany(f => f)]);
        }

        return attributes;
    }

    private static void AddFunctions(List<Format.AttributeProto> attributes, (Activation Function, float Alpha)[] functions)
    {
        var (alphas, betas) = (new List<float>(), new List<float>());
        foreach (var (function, alpha) in functions)
        {
            var (_, takesAlpha, takesBeta) = ActivationNames.Of(function);
            if (takesAlpha)
            {
                alphas.Add(ActivationNames.AlphaOf(function, alpha));
            }

            if (takesBeta)
            {
                betas.Add(function == Activation.Linear ? 0 : ActivationNames.HardSigmoidBeta);
            }
        }

        attributes.Add(ExportGraph.Attribute("activations", functions.Select(f => ActivationNames.Of(f.Function).Name)));
        if (alphas.Count > 0)
        {
            attributes.Add(ExportGraph.Attribute("activation_alpha", alphas));
        }

        if (betas.Count > 0)
        {
            attributes.Add(ExportGraph.Attribute("activation_beta", betas));
        }
    }

    /// <summary>A parameter's blocks in ONNX's order; a coupled forget gate, which has none, gets zeros.</summary>
    private float[] Gates(string end, string name, int columns)
    {
        var gates = _coupled ? _cell.Gates - 1 : _cell.Gates;
        int[] shape = columns == 0 ? [gates * Units] : [gates * Units, columns];
        return Gates(_export.Parameter(_layer, $"{name}_{end}", shape));
    }

    private float[] Gates(float[] own)
    {
        if (_coupled)
        {
            var block = own.Length / (_cell.Gates - 1);
            own = [.. own[..block], .. new float[block], .. own[block..]];
        }

        return GateBlocks.Reorder(own, GateBlocks.Inverse(_cell.Order));
    }

    /// <summary>
    /// Recurrent weights [G H, H]; with a projection U W_hr, since U then sees W_hr times what an unprojected layer returns.
    /// </summary>
    private float[] Recurrent(string end)
    {
        if (_projection == 0)
        {
            return Gates(end, "weight_hh", Units);
        }

        var rows = (_coupled ? _cell.Gates - 1 : _cell.Gates) * Units;
        var u = _export.Parameter(_layer, $"weight_hh_{end}", rows, Size);
        var w = _export.Parameter(_layer, $"weight_hr_{end}", Size, Units);
        var product = new float[rows * Units];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < Units; column++)
            {
                var sum = 0.0;
                for (var k = 0; k < Size; k++)
                {
                    sum += u[(row * Size) + k] * (double)w[(k * Units) + column];
                }

                product[(row * Units) + column] = (float)sum;
            }
        }

        return Gates(product);
    }

    /// <summary>The directions' projections [D H, D P], each on its own features.</summary>
    private float[] Projections(string[] ends)
    {
        var columns = ends.Length * Size;
        var result = new float[ends.Length * Units * columns];
        for (var d = 0; d < ends.Length; d++)
        {
            var w = _export.Parameter(_layer, $"weight_hr_{ends[d]}", Size, Units);
            for (var unit = 0; unit < Units; unit++)
            {
                for (var p = 0; p < Size; p++)
                {
                    result[(((d * Units) + unit) * columns) + (d * Size) + p] = w[(p * Units) + unit];
                }
            }
        }

        return result;
    }

    /// <summary>ONNX's order is i, o, f.</summary>
    private float[] Peepholes(string end) =>
    [
        .. _export.Parameter(_layer, $"weight_ci_{end}", Units),
        .. _export.Parameter(_layer, $"weight_co_{end}", Units),
        .. _coupled ? new float[Units] : _export.Parameter(_layer, $"weight_cf_{end}", Units),
    ];
}
