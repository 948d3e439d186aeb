namespace RnnCodegen.Interchange.Onnx;

/// <summary>LSTM, GRU and RNN nodes, and what is done with the states they end in.</summary>
internal static class RecurrentOps
{
    private const int Lengths = 4;

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

        var time = RowLayers.Require(n, rows, isBatchFirst ? 1 : 0, AxisRole.Time);
        var batch = RowLayers.Require(n, rows, isBatchFirst ? 0 : 1, AxisRole.Batch);
        var lengths = LengthsOf(n, Lengths, time);
        var weights = new RecurrentTensors(n, cell);
        RowLayers.RequireFeatures(n, rows, 2, weights.InputSize);
        var start = InitialStates.Inputs(n, weights, isBatchFirst);
        var initial = InitialStates.Constants(n, weights, start, isBatchFirst);
        RecurrentRows[] nodes = weights.AreAlike
            ? [Draft(n, rows.Source, weights, initial, start, lengths, direction: null)]
            : [.. Enumerable.Range(0, 2).Select(d => Draft(n, rows.Source, weights, initial, start, lengths, d))];
        n.Graph.Recurrents.AddRange(nodes);
        var directions = weights.Directions == 2 ? new Axis(AxisRole.Direction, 2) : new Axis(size: 1);
        var units = new Axis(AxisRole.Feature, weights.Units);
        Axis[] stateAxes = isBatchFirst ? [batch, directions, units] : [directions, batch, units];
        GraphValue State(bool isCell) => new StatesValue(
            [.. Enumerable.Range(0, weights.Directions).Select(d => nodes is [var both]
                ? new StatePart(both, d, isCell)
                : new StatePart(nodes[d], 0, isCell))],
            stateAxes, isBatchFirst ? 1 : 0);
        Axis[] axes = isBatchFirst ? [batch, time, directions, units] : [time, directions, batch, units];
        var y = new RowsValue(nodes is [var only] ? only : RowLayers.SideBySide(n.Graph, n.Scope, [.. nodes]), axes);
        return cell == RecurrentCell.Lstm ? [y, State(isCell: false), State(isCell: true)] : [y, State(isCell: false)];
    }

    /// <summary>
    /// The input of the graph that gives the sequences' lengths; null where they are the whole length for all. Others would have to be said
    /// at each call.
    /// </summary>
    public static string? LengthsOf(NodeReader n, int index, Axis time) => n.Peek(index) switch
    {
        null => null,
        RowsValue { Source: InputRows { IsTokens: true } input, Axes.Length: 1 } => input.Name,
        RepeatedSizeValue { Item: var size } when size.Equals(AxisSize.Of(time)) => null,
        ConstantValue { Tensor.IntegerValues: { } lengths } when lengths.All(l => l == time.Size) => null,
        SizesValue { Items: [var size] } when size.Equals(AxisSize.Of(time)) => null,
        var value => throw n.Refuse(
            $"its sequence_lens, '{n.InputName(index)}', " +
            $"are {(value is ConstantValue ? "constants other than the input's fixed length" : "computed by the graph")}; lengths are an " +
            "argument of each call: make them an input of the graph, or leave them out"),
    };

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

        if (IsWhole(states.Parts))
        {
            return new RowsValue(graph.UseFinal(node), states.Axes);
        }

        if (states.PartsAxis < 0 || states.Parts.Any(p => p.Node.Directions != 1))
        {
            throw refuse(
                "it takes final states of several layers, or of one direction of a bidirectional one, for rows; a layer's output is the " +
                "state of all its directions");
        }

        // Several layers' states, side by side once the axis that counts them is joined with the units.
        Axis[] axes = [.. states.Axes];
        axes[states.PartsAxis] = new Axis(AxisRole.Direction, states.Parts.Length);
        return new RowsValue(RowLayers.SideBySide(graph, "", [.. states.Parts.Select(p => (RowSource)graph.UseFinal(p.Node))]), axes);
    }

    /// <summary>
    /// Final states side by side: both directions' in one row, or more parts along the axis that counts them; null for anything else.
    /// </summary>
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

        if (states.Length == 2 && states.All(s => s.Parts.Length == 1) && IsWhole(parts) && !parts[0].IsCell
            && axes[axis].Role == AxisRole.Feature)
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
        parts.Length == parts[0].Node.Directions
            && parts.Select((p, d) => p.Node == parts[0].Node && p.Direction == d && p.IsCell == parts[0].IsCell).All(same => same);

    private static Axis PartsAxis(StatePart[] parts) => IsWhole(parts) && parts.Length == 2
        ? new Axis(AxisRole.Direction, 2)
        : new Axis(size: parts.Length);

    /// <summary>A layer of all the node's directions, or of one of them.</summary>
    private static RecurrentRows Draft(
        NodeReader n, RowSource source, RecurrentTensors weights, WeightValues?[] initial, NodeStart start, string? lengths, int? direction)
    {
        int[] directions = direction is { } only ? [only] : [.. Enumerable.Range(0, weights.Directions)];
        var isLearned = initial.Any(s => s is not null);
        var sequence = new DraftLayer(n.Scope, directions.Length * weights.Units, isSequence: true, source)
        {
            Options = weights.Options(direction, isLearned, returnsSequences: true), Lengths = lengths,
        };
        for (var k = 0; k < directions.Length; k++)
        {
            weights.AddTo(sequence, directions[k], RecurrentTensors.End(k));
            foreach (var (kind, values) in isLearned ? new[] { "h0", "c0" }.Zip(initial) : [])
            {
                var first = values is null
                    ? new float[weights.Units]
                    : values.Values.AsSpan(directions[k] * weights.Units, weights.Units).ToArray();
                sequence.Parameters.Add($"{kind}_{RecurrentTensors.End(k)}", WeightValues.Vector(first));
            }
        }

        // Either joins the model where it is read, but stands where the node does.
        sequence.Order = n.Graph.NodeIndex;
        var final = sequence.On(isSequence: false, source);
        final.Order = sequence.Order;
        final.Options = weights.Options(direction, isLearned, returnsSequences: false);
        var own = direction is { } d ? start.OfDirection(d) : start;
        return new RecurrentRows(sequence, final, own,
            weights.Directions == 1 || direction is not null
                ? null
                : k => Draft(n, source, weights, initial, start, lengths, k));
    }
}
