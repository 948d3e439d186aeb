namespace RnnCodegen.Interchange.Onnx;

/// <summary>LSTM, GRU and RNN nodes, and what is done with the states they end in.</summary>
internal static class RecurrentOps
{
    private const int Lengths = 4;
    private const int InitialHidden = 5;
    private const int InitialCell = 6;

    public static GraphValue[] Follow(NodeReader n)
    {
        var cell = RecurrentCell.Of(n.Op);
        var isBatchFirst = n.Integer("layout", 0) switch
        {
            0 => false,
            1 => true,
            var layout => throw n.Refuse($"attribute layout is {layout}, neither 0 nor 1"),
        };
        var rows = n.Rows(0);
        if (rows.Axes.Length != 3 || !rows.Source.IsSequence)
        {
            throw n.Refuse($"its input '{n.InputName(0)}' is not a sequence of rows with three axes");
        }

        var time = RowOps.Require(n, rows, isBatchFirst ? 1 : 0, AxisRole.Time);
        var batch = RowOps.Require(n, rows, isBatchFirst ? 0 : 1, AxisRole.Batch);
        CheckLengths(n, Lengths, time);

        var weights = new RecurrentWeights(n, cell);
        RowOps.RequireFeatures(n, rows, 2, weights.InputSize);
        var node = Draft(n, rows.Source, weights, InitialStates(n, weights, isBatchFirst));
        var directions = weights.Directions == 2 ? new Axis(AxisRole.Direction, 2) : new Axis(size: 1);
        var units = new Axis(AxisRole.Feature, weights.Units);
        Axis[] stateAxes = isBatchFirst ? [batch, directions, units] : [directions, batch, units];
        GraphValue State(bool isCell) => new StatesValue(
            [.. Enumerable.Range(0, weights.Directions).Select(d => new StatePart(node, d, isCell))], stateAxes, isBatchFirst ? 1 : 0);
        var y = new RowsValue(node, isBatchFirst ? [batch, time, directions, units] : [time, directions, batch, units]);
        return cell == RecurrentCell.Lstm ? [y, State(isCell: false), State(isCell: true)] : [y, State(isCell: false)];
    }

    /// <summary>
    /// The sequences' lengths: an input of the graph, or the whole length for all. Others would have to be said at each call.
    /// </summary>
    public static void CheckLengths(NodeReader n, int index, Axis time)
    {
        switch (n.Peek(index))
        {
            case null:
                return;
            case RowsValue { Source: InputRows { IsTokens: true } input, Axes.Length: 1 }:
                n.Graph.UseAsLengths(input.Name);
                return;
            case RepeatedSizeValue { Item: var size } when size.Equals(Extent.Of(time)):
                return;
            case ConstantValue { Tensor.IntegerValues: { } lengths } when lengths.All(l => l == time.Size):
                return;
            case SizesValue { Items: [var size] } when size.Equals(Extent.Of(time)):
                return;
            case var value:
                throw n.Refuse(
                    $"its sequence_lens, '{n.InputName(index)}', are {(value is ConstantValue ? "constants other than the input's fixed length" : "computed by the graph")}; " +
                    "lengths are an argument of each call: make them an input of the graph, or leave them out");
        }
    }

    /// <summary>The rows that final states are: those of one layer, of both its directions or of its only one.</summary>
    public static RowsValue ToRows(NodeReader n, StatesValue states) => ToRows(n.Graph, states, n.Refuse);

    /// <inheritdoc cref="ToRows(NodeReader, StatesValue)"/>
    public static RowsValue ToRows(GraphImport graph, StatesValue states, Func<string, Exception> refuse)
    {
        var node = states.Parts[0].Node;
        if (states.Parts.Any(p => p.IsCell))
        {
            throw refuse("it takes the final cell state, Y_c, for rows; a layer's output is its hidden state");
        }

        return IsWhole(states.Parts)
            ? new RowsValue(graph.UseFinal(node), states.Axes)
            : throw refuse("it takes final states of several layers, or of one direction of a bidirectional one, for rows; a layer's output is the state of all its directions");
    }

    /// <summary>Final states side by side: both directions' in one row, or more parts along the axis that counts them; null for anything else.</summary>
    public static GraphValue? Joined(NodeReader n, StatesValue[] states, long axisAttribute)
    {
        var first = states[0];
        var axis = n.Axis(axisAttribute, first.Axes.Length);
        StatePart[] parts = [.. states.SelectMany(s => s.Parts)];
        n.Graph.Spend(parts.Length);
        if (states.Any(s => s.Axes.Length != first.Axes.Length || s.PartsAxis != first.PartsAxis
            || !Enumerable.Range(0, first.Axes.Length).All(a => a == axis || first.Axes[a].TryEqual(s.Axes[a]))))
        {
            return null;
        }

        Axis[] axes = [.. first.Axes];
        if (axis == first.PartsAxis)
        {
            axes[axis] = PartsAxis(parts);
            return new StatesValue(parts, axes, axis);
        }

        if (states.Length == 2 && states.All(s => s.Parts.Length == 1) && IsWhole(parts) && !parts[0].IsCell && axes[axis].Role == AxisRole.Feature)
        {
            axes[axis] = new Axis(AxisRole.Feature, 2 * axes[axis].Size);
            return new RowsValue(n.Graph.UseFinal(parts[0].Node), axes);
        }

        return null;
    }

    /// <summary>Some of the parts.</summary>
    public static GraphValue Sliced(NodeReader n, StatesValue states, int[] indices)
    {
        if (indices.Length == 0)
        {
            throw n.Refuse("it takes none of the final states");
        }

        StatePart[] parts = [.. indices.Select(i => states.Parts[i])];
        Axis[] axes = [.. states.Axes];
        axes[states.PartsAxis] = PartsAxis(parts);
        return new StatesValue(parts, axes, states.PartsAxis);
    }

    private static bool IsWhole(StatePart[] parts) =>
        parts.Length == parts[0].Node.Directions && parts.Select((p, d) => p.Node == parts[0].Node && p.Direction == d && p.IsCell == parts[0].IsCell).All(same => same);

    private static Axis PartsAxis(StatePart[] parts) => IsWhole(parts) && parts.Length == 2 ? new Axis(AxisRole.Direction, 2) : new Axis(size: parts.Length);

    private static RecurrentRows Draft(NodeReader n, RowSource source, RecurrentWeights weights, Weights?[] initial)
    {
        var isLearned = initial.Any(s => s is not null);
        var sequence = new DraftLayer(n.Scope, weights.Directions * weights.Units, isSequence: true, source) { Options = weights.Options(isLearned, returnsSequences: true) };
        weights.AddTo(sequence);
        for (var d = 0; d < weights.Directions && isLearned; d++)
        {
            foreach (var (kind, values) in new[] { "h0", "c0" }.Zip(initial))
            {
                var start = values is null ? new float[weights.Units] : values.Values.AsSpan(d * weights.Units, weights.Units).ToArray();
                sequence.Parameters.Add($"{kind}_{RecurrentWeights.End(d)}", Weights.Vector(start));
            }
        }

        // Either joins the model where it is read, but stands where the node does.
        sequence.Order = n.Graph.NodeIndex;
        var final = sequence.On(isSequence: false, source);
        final.Order = sequence.Order;
        final.Options = weights.Options(isLearned, returnsSequences: false);
        return new RecurrentRows(sequence, final);
    }

    /// <summary>The initial h and, for LSTM, c [D, H], where they are constants other than zero.</summary>
    private static Weights?[] InitialStates(NodeReader n, RecurrentWeights weights, bool isBatchFirst)
    {
        var isLstm = weights.Cell == RecurrentCell.Lstm;
        Weights?[] states = isLstm
            ? [InitialState(n, weights, InitialHidden, "initial_h", isBatchFirst), InitialState(n, weights, InitialCell, "initial_c", isBatchFirst)]
            : [InitialState(n, weights, InitialHidden, "initial_h", isBatchFirst)];
        var inputs = Enumerable.Range(InitialHidden, states.Length).Count(k => n.Peek(k)?.Origin == Origin.Inputs);
        return inputs > 0 && states.Any(s => s is not null)
            ? throw n.Refuse("one of initial_h and initial_c is an input and the other a constant other than zero; a layer learns both or neither")
            : states;
    }

    private static Weights? InitialState(NodeReader n, RecurrentWeights weights, int index, string name, bool isBatchFirst)
    {
        var value = n.Peek(index);
        if (value is null)
        {
            return null;
        }

        if (value.Origin == Origin.Inputs)
        {
            n.Graph.UseAsState(value.Inputs, $"{name} of {n.Subject}");
            return null;
        }

        if (value.Origin != Origin.None)
        {
            throw n.Refuse($"its {name}, '{n.InputName(index)}', is computed from rows or another layer's state; a layer's initial state is an argument of the call, zeros or learned");
        }

        var part = n.Input(index) switch
        {
            ConstantValue constant => constant.Tensor,
            RepeatedValue repeated => repeated.Part,
            var other => throw n.Refuse($"its {name} is {NodeReader.Kind(other)}"),
        };
        var reals = part.ToReals();
        if (Array.TrueForAll(reals, v => v == 0))
        {
            return null;
        }

        if (Array.FindIndex(reals, v => !float.IsFinite(v)) is >= 0 and var bad)
        {
            throw n.Refuse($"value {bad} of its {name} is {reals[bad]}; weights must be finite");
        }

        return Weights.Matrix(weights.Directions, weights.Units, OneRowADirection(n, part, weights, name, isBatchFirst));
    }

    private static float[] OneRowADirection(NodeReader n, Constant part, RecurrentWeights weights, string name, bool isBatchFirst)
    {
        int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, 3 - part.Shape.Length)), .. part.Shape];
        var (directions, samples) = isBatchFirst ? (1, 0) : (0, 1);
        if (shape.Length != 3 || (shape[2] != weights.Units && shape[2] != 1) || (shape[directions] != weights.Directions && shape[directions] != 1))
        {
            throw n.Refuse($"its {name} {part} is not [directions {weights.Directions}, samples, units {weights.Units}]");
        }

        var strides = Places.Strides(shape);
        var reals = part.ToReals();
        var result = new float[weights.Directions * weights.Units];
        for (var d = 0; d < weights.Directions; d++)
        {
            for (var unit = 0; unit < weights.Units; unit++)
            {
                var first = ((shape[directions] == 1 ? 0 : d) * strides[directions]) + (shape[2] == 1 ? 0 : unit);
                for (var sample = 1; sample < shape[samples]; sample++)
                {
                    if (reals[first + (sample * strides[samples])] != reals[first])
                    {
                        throw n.Refuse($"its {name} is a constant that differs between samples; a layer learns one initial state for all");
                    }
                }

                result[(d * weights.Units) + unit] = reals[first];
            }
        }

        return result;
    }
}
