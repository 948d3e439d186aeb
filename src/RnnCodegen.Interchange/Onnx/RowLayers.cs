namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// What operators on rows share: widths, constants laid along the features, and the layers that take rows apart or join them.
/// </summary>
internal static class RowLayers
{
    /// <summary>A layer of one source whose rows lie as the source's do.</summary>
    public static RowsValue Add(NodeReader n, RowsValue rows, LayerAttribute options, Action<DraftLayer>? fill = null)
    {
        var layer = new DraftLayer(n.Scope, Width(n, rows), rows.Source.IsSequence, rows.Source) { Options = options };
        fill?.Invoke(layer);
        return new RowsValue(n.Graph.Add(layer), rows.Axes);
    }

    /// <summary>Features of a row.</summary>
    public static int Width(NodeReader n, RowsValue rows) => rows.Source switch
    {
        DraftLayer layer => layer.Width,
        RecurrentRows recurrent => recurrent.Sequence.Width,
        _ => FeatureAxis(n, rows).Size is > 0 and <= int.MaxValue and { } size ? (int)size
            : throw n.Refuse(
                $"the size of the features of '{((InputRows)rows.Source).Name}' is not fixed; export the model with a fixed one"),
    };

    /// <summary>The axis of the features; the last one where none is known to be.</summary>
    public static Axis FeatureAxis(NodeReader n, RowsValue rows)
    {
        var axis = Array.Find(rows.Axes, a => a.Role == AxisRole.Feature) is { } found ? found.Split?.Whole ?? found
            : rows.Axes.LastOrDefault() ?? throw n.Refuse("it reads a single number");
        return axis.TryBe(AxisRole.Feature) ? axis : throw n.Refuse("its rows have no axis of features");
    }

    /// <summary>Says that an axis is the features' and holds them all.</summary>
    public static void RequireFeatures(NodeReader n, RowsValue rows, int axis, int width)
    {
        var features = rows.Axes[axis];
        if (IsElsewhere(rows, axis, AxisRole.Feature) || !features.TryBe(AxisRole.Feature) || !features.TryHave(width))
        {
            throw n.Refuse($"it needs {width} features in axis {axis} of its input, where there are {Describe(features)}");
        }

        if (Width(n, rows) != width)
        {
            throw n.Refuse($"it works on {width} features where a row has {Width(n, rows)}: directions have to be joined before");
        }
    }

    /// <summary>Gives an axis its meaning, which no other axis of the rows has.</summary>
    public static Axis Require(NodeReader n, RowsValue rows, int axis, AxisRole role) =>
        !IsElsewhere(rows, axis, role) && rows.Axes[axis].TryBe(role)
            ? rows.Axes[axis]
            : throw n.Refuse($"it takes axis {axis} of its input for {Name(role)}, where there are {Describe(rows.Axes[axis])}");

    private static bool IsElsewhere(RowsValue rows, int axis, AxisRole role) =>
        rows.Axes.Where((a, k) => k != axis && a.Find() != rows.Axes[axis].Find() && !a.IsOne).Any(a => a.Role == role);

    public static string Describe(Axis axis) =>
        $"{(axis.Parts.Length > 0 ? "steps and samples in one" : Name(axis.Role))}{(axis.Size is { } size ? $", {size} of them" : "")}";

    /// <summary>A constant as a vector of the features that it is broadcast to.</summary>
    public static float[] AlongFeatures(NodeReader n, RowsValue rows, Constant tensor, string what)
    {
        var values = tensor.ToReals();
        if (Array.FindIndex(values, v => !float.IsFinite(v)) is >= 0 and var bad)
        {
            throw n.Refuse($"value {bad} of its {what} is {values[bad]}; weights must be finite");
        }

        if (tensor.Length == 1)
        {
            return [.. Enumerable.Repeat(values[0], Width(n, rows))];
        }

        var axis = Array.FindIndex(tensor.Shape, s => s != 1);
        var own = axis - tensor.Shape.Length + rows.Axes.Length;
        if (tensor.Shape.Count(s => s != 1) != 1 || own < 0)
        {
            throw n.Refuse($"its {what} {tensor} differs along more than the features; a layer has one value per feature");
        }

        RequireFeatures(n, rows, own, tensor.Length);
        return values;
    }

    /// <summary>
    /// Checks that values can be combined element by element: the same axes from the last one on, but for those of size 1 before, and the
    /// same width.
    /// </summary>
    public static void RequireAlike(NodeReader n, RowsValue first, RowsValue other)
    {
        var both = first.Axes.Reverse().Zip(other.Axes.Reverse());
        var beyond = (first.Axes.Length > other.Axes.Length ? first : other).Axes[..^Math.Min(first.Axes.Length, other.Axes.Length)];
        if (first.Source.IsSequence != other.Source.IsSequence || !Array.TrueForAll(beyond, x => x.IsOne)
            || !both.All(p => p.First.IsOne == p.Second.IsOne && p.First.TryEqual(p.Second)))
        {
            throw n.Refuse("its inputs do not have the same steps and samples in the same axes; rows are not repeated along an axis");
        }

        if (Width(n, first) is var width && Width(n, other) != width)
        {
            throw n.Refuse($"its inputs have {width} and {Width(n, other)} features");
        }
    }

    /// <summary>Rows of a table, picked by token ids.</summary>
    public static RowsValue Embedded(NodeReader n, RowsValue ids, long axis)
    {
        var table = n.Weights(0, "table");
        if (ids.Source is not InputRows { IsTokens: true } input)
        {
            throw n.Refuse("it picks rows of a table by numbers that the graph computes; only the ids that are its input can");
        }

        if (table.Shape.Length != 2 || axis is not (0 or -2))
        {
            throw n.Refuse($"it picks along axis {axis} of a table {table}; an embedding's is [tokens, features]");
        }

        var layer = new DraftLayer(n.Scope, table.Shape[1], isSequence: true,
            input) { Options = new EmbeddingAttribute(table.Shape[0], table.Shape[1]) };
        layer.Parameters.Add("weight", WeightValues.Matrix(table.Shape[0], table.Shape[1], table.RealValues!));
        return new RowsValue(n.Graph.Add(layer), [.. ids.Axes, new Axis(AxisRole.Feature, table.Shape[1])]);
    }

    /// <summary>A part of a sequence: its last step, where that is a layer's final state, or all steps in reverse.</summary>
    public static RowsValue Sliced(NodeReader n, RowsValue rows, int axis, long start, long end, long step)
    {
        if (step == 1 && rows.TimePads == default && DirectionOps.Part(n, rows, axis, start, end) is { } direction)
        {
            return direction;
        }

        var size = rows.Axes[axis].Size;
        var isReversal = step == -1 && (start == -1 || start >= (size - 1 ?? int.MaxValue)) && (end <= -int.MaxValue || end == -1 - size);
        if (isReversal && rows.TimePads == default)
        {
            Require(n, rows, axis, AxisRole.Time);
            return Add(n, rows, new ReverseTimeAttribute());
        }

        var isFirst = step == 1 && start == 0 && end == 1;
        var isLast = step == 1 && (start == -1 || (start >= 0 && start == size - 1)) && (end > start || start == -1)
            && (end >= (size ?? int.MaxValue));
        if ((isFirst || isLast) && rows.Source is not InputRows && rows.Axes[axis].Role == AxisRole.Time)
        {
            Axis[] axes = [.. rows.Axes];
            axes[axis] = new Axis(size: 1);
            return new RowsValue(FinalOf(n, rows.Source, isFirst), axes);
        }

        throw n.Refuse($"it takes a part of axis {axis} ({Describe(rows.Axes[axis])}), which no layer does");
    }

    /// <summary>Rows side by side.</summary>
    public static RowsValue Concatenated(NodeReader n, long axisAttribute)
    {
        RowsValue[] parts = [.. Enumerable.Range(0, n.InputCount).Select(n.Rows)];
        var first = parts[0];
        var axis = n.Axis(axisAttribute, first.Axes.Length);
        if (parts.Any(p => p.Axes.Length != first.Axes.Length || p.Source.IsSequence != first.Source.IsSequence))
        {
            throw n.Refuse("it joins values with one row per step and one row per sequence");
        }

        var width = 0L;
        foreach (var part in parts)
        {
            var own = Width(n, part);
            RequireFeatures(n, part, axis, own);
            width += own;
            if (!Enumerable.Range(0, first.Axes.Length).All(a => a == axis || first.Axes[a].TryEqual(part.Axes[a])))
            {
                throw n.Refuse("its inputs do not have the same steps and samples in the same axes");
            }
        }

        if (width > int.MaxValue)
        {
            throw n.Refuse($"it makes rows of {width} features");
        }

        var layer = new DraftLayer(n.Scope, (int)width, first.Source.IsSequence,
            [.. parts.Select(p => p.Source)]) { Kind = "Concat", Join = names => new ConcatAttribute(names) };
        Axis[] axes = [.. first.Axes];
        axes[axis] = new Axis(AxisRole.Feature, width);
        return new RowsValue(n.Graph.Add(layer), axes);
    }

    /// <summary>Equally many rows of several sources, side by side.</summary>
    public static DraftLayer SideBySide(GraphImport graph, string scope, RowSource[] sources) => graph.Add(
        new DraftLayer(scope, sources.Sum(s => WidthOf(s)), sources[0].IsSequence, sources)
        {
            Kind = "Concat", Join = names => new ConcatAttribute(names),
        });

    private static int WidthOf(RowSource source) =>
        source is RecurrentRows recurrent ? recurrent.Sequence.Width : ((DraftLayer)source).Width;

    /// <summary>
    /// The layer that makes only the row of a sequence's last step (first, for a reverse layer): a recurrent layer's final state, and what
    /// layers without time make of it.
    /// </summary>
    private static DraftLayer FinalOf(NodeReader n, RowSource source, bool isFirst)
    {
        var above = new Stack<DraftLayer>();
        while (source is DraftLayer { Recurrent: null } layer)
        {
            if (layer.Options is not (DenseAttribute or AffineAttribute or ActivationAttribute or LayerNormAttribute or PReluAttribute))
            {
                throw n.Refuse("it takes one step of a sequence that is not a recurrent layer's; no layer does that");
            }

            above.Push(layer);
            source = layer.Sources[0];
        }

        var recurrent = (source as DraftLayer)?.Recurrent
            ?? source as RecurrentRows ?? throw n.Refuse("it takes one step of the model's input; no layer does that");
        if (recurrent.Options.Bidirectional || recurrent.Options.Reverse != isFirst)
        {
            throw n.Refuse(
                $"it takes the {(isFirst ? "first" : "last")} step " +
                $"of {(recurrent.Options.Bidirectional ? "a bidirectional" : recurrent.Options.Reverse ? "a reverse" : "a forward")}" +
                " layer, which is not its final state; no layer picks it");
        }

        // A layer weighs as much as a small constant.
        n.Graph.Spend(64 * (above.Count + 1));
        var result = n.Graph.UseFinal(recurrent);
        result.LastStepBy ??= isFirst ? null : n.Subject;
        foreach (var layer in above)
        {
            result = n.Graph.Add(layer.On(isSequence: false, result));
        }

        return result;
    }

    private static string Name(AxisRole role) => role switch
    {
        AxisRole.Time => "steps",
        AxisRole.Batch => "samples",
        AxisRole.Feature => "features",
        AxisRole.Direction => "directions",
        _ => "values of unknown meaning",
    };
}
