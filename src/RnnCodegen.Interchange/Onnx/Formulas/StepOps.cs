using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>
/// Operators inside a step: the body of Loop or Scan, or a graph that is one step. Sizes are known there, but for the samples, so that
/// whatever moves values about is a list of places, and whatever mixes them a matrix.
/// </summary>
internal static class StepOps
{
    /// <summary>Stands for the number of samples in shapes: no size that a file says, and none that another can be computed to.</summary>
    public const long Samples = 2_147_483_629;

    private static readonly Dictionary<string, Func<NodeReader, GraphValue[]>> s_table = new(StringComparer.Ordinal)
    {
        ["LSTM"] = StepRecurrent.Follow,
        ["GRU"] = StepRecurrent.Follow,
        ["RNN"] = StepRecurrent.Follow,
        ["MatMul"] = StepProducts.MatMul,
        ["Gemm"] = StepProducts.Gemm,
        ["Conv"] = StepProducts.Conv,
        ["Pad"] = StepProducts.Pad,
        ["Shape"] = Shape,
        ["Size"] = n => [SizeOps.Sized([AxisSize.Of(Value(n).Formula.Width)], isScalar: true)],
        ["Transpose"] = Transpose,
        ["Squeeze"] = Squeeze,
        ["Unsqueeze"] = Unsqueeze,
        ["Flatten"] = Flatten,
        ["Reshape"] = Reshape,
        ["Slice"] = Slice,
        ["Gather"] = Gather,
        ["Split"] = Split,
        ["Concat"] = Concat,
        ["Expand"] = Expand,
        ["ConstantOfShape"] = ConstantOfShape,
        ["If"] = ControlOps.If,
        ["Loop"] = n => throw n.Refuse("it is inside a step, or another loop; only one loop over the steps of a sequence is followed"),
    };

    /// <summary>Follows an operator that reads what depends on the step.</summary>
    public static GraphValue[] Follow(NodeReader n) => s_table.TryGetValue(n.Op, out var follow) ? follow(n)
        : FormulaOps.Takes(n.Op) ? FormulaOps.Follow(n)
        : throw n.Refuse("this operator is not followed inside a step: a cell is made of products, sums and functions");

    /// <summary>Whether a node makes a constant of as many rows as there are samples.</summary>
    public static bool CountsSamples(NodeProto node, GraphValue?[] inputs) => node.Op is "ConstantOfShape" or "Expand"
        && inputs is [.., ConstantValue { Tensor.IntegerValues: { } sizes }] && sizes.Contains(Samples);

    /// <summary>An operand, of which a whole sequence is none.</summary>
    public static FormulaValue Value(NodeReader n, int index = 0) => FormulaOps.Operand(n, index);

    /// <summary>Values from places of another one.</summary>
    public static FormulaValue Picked(NodeReader n, FormulaValue value, int[] places, int[] shape, Axis?[] free) =>
        new(n.Graph.Formulas.Graph.Pick(value.Formula, places), shape, free);

    private static GraphValue[] Shape(NodeReader n)
    {
        var value = Value(n);
        long[] sizes = [.. value.Shape.Select((s, k) => value.Free[k] is { } free ? free.Size ?? Samples : s)];
        var start = (int)Math.Clamp(n.Integer("start", 0) is < 0 and var s ? s + sizes.Length : n.Integer("start", 0), 0, sizes.Length);
        var end = n.Integer("end", sizes.Length);
        end = Math.Clamp(end < 0 ? end + sizes.Length : end, start, sizes.Length);
        return [new ConstantValue(Constant.Of([(int)end - start], sizes[start..(int)end]))];
    }

    private static GraphValue[] Transpose(NodeReader n)
    {
        var value = Value(n);
        var rank = value.Shape.Length;
        int[] from = n.Integers("perm") is { } order ? [.. order.Select(a => n.Axis(a, rank))] : [.. Enumerable.Range(0, rank).Reverse()];
        if (from.Length != rank || from.Distinct().Count() != rank)
        {
            throw n.Refuse($"attribute perm [{string.Join(", ", from)}] is not an order of {rank} axes");
        }

        var (shape, strides) = (from.Select(f => value.Shape[f]).ToArray(), Places.Strides(value.Shape));
        return [Picked(n, value, Places.Of(shape, 0, [.. from.Select(f => strides[f])]), shape, [.. from.Select(f => value.Free[f])])];
    }

    private static GraphValue[] Squeeze(NodeReader n)
    {
        var value = Value(n);
        var axes = n.List("axes", 1)?.Select(a => n.Axis(a, value.Shape.Length)).ToHashSet()
            ?? [.. Enumerable.Range(0, value.Shape.Length).Where(k => value.Shape[k] == 1 && value.Free[k] is not { Size: not 1 })];
        if (axes.FirstOrDefault(a => value.Shape[a] != 1 || value.Free[a] is { Size: not 1 }, -1) is >= 0 and var wrong)
        {
            throw n.Refuse($"it removes axis {wrong} of {Constant.Describe(value.Shape)}, whose size is not always 1");
        }

        return [Kept(value, [.. Enumerable.Range(0, value.Shape.Length).Where(k => !axes.Contains(k))])];
    }

    private static GraphValue[] Unsqueeze(NodeReader n)
    {
        var value = Value(n);
        var listed = n.List("axes", 1) ?? throw n.Refuse("it lacks its axes");
        var rank = value.Shape.Length + listed.Count;
        var axes = listed.Select(a => n.Axis(a, rank)).ToHashSet();
        if (axes.Count != listed.Count || rank > Constant.MaxRank)
        {
            throw n.Refuse("one of its axes occurs twice, or there are too many");
        }

        var next = 0;
        return [Kept(value, [.. Enumerable.Range(0, rank).Select(k => axes.Contains(k) ? -1 : next++)])];
    }

    private static FormulaValue Kept(FormulaValue value, int[] from) => new(value.Formula,
        [.. from.Select(f => f < 0 ? 1 : value.Shape[f])], [.. from.Select(f => f < 0 ? null : value.Free[f])]);

    private static GraphValue[] Flatten(NodeReader n)
    {
        var value = Value(n);
        var axis = n.Integer("axis", 1) is var given && given == value.Shape.Length ? (int)given : n.Axis(given, value.Shape.Length);
        return [Reshaped(n, value, [SizeOf(value, 0, axis), SizeOf(value, axis, value.Shape.Length)])];
    }

    private static long SizeOf(FormulaValue value, int from, int to) => Enumerable.Range(from, to - from).Aggregate(1L,
        (product, k) => value.Free[k] is { } free && (free.Size ?? Samples) is var size && size != 1 ? size : product * value.Shape[k]);

    private static GraphValue[] Reshape(NodeReader n)
    {
        var value = Value(n);
        var allowsZero = n.Integer("allowzero", 0) != 0;
        var target = n.Constant(1, "shape").IntegerValues ?? throw n.Refuse("its shape is not of integers");
        var sizes = target.Select((t, k) => t != 0 || allowsZero ? t
            : k >= value.Shape.Length ? throw n.Refuse($"its size {k} is that of an axis which is not there")
            : value.Free[k] is { } free ? free.Size ?? Samples : value.Shape[k]).ToArray();
        return [Reshaped(n, value, sizes)];
    }

    /// <summary>A value in another shape, in which the samples' axis stays one of its own.</summary>
    private static FormulaValue Reshaped(NodeReader n, FormulaValue value, long[] target)
    {
        var free = value.Free.Where(f => f is not null).ToList();
        var samples = free.Find(f => f!.Size != 1);
        var width = (long)value.Formula.Width;
        if (target.Length > Constant.MaxRank || free.Count(f => f!.Size != 1) > 1)
        {
            throw n.Refuse("it mixes axes: steps, samples and features have to stay apart");
        }

        // The samples are outside of all else, or inside: what is before them is what was.
        var place = -1;
        if (samples is not null)
        {
            var before = value.Shape[..Array.IndexOf(value.Free, samples)].Aggregate(1L, (product, s) => product * s);
            var count = samples.Size ?? Samples;
            place = Array.IndexOf(target, count);
            place = place >= 0 ? place : Array.IndexOf(target, -1);
            if (place < 0 || target[..place].Aggregate(1L, (product, s) => product * s) != before)
            {
                throw n.Refuse("it mixes axes: steps, samples and features have to stay apart");
            }
        }

        var known = target.Where((t, k) => k != place && t != -1).Aggregate(1L, (product, t) => t is >= 0 and <= int.MaxValue
            ? Math.Min(product * t, int.MaxValue)
            : throw n.Refuse($"its size {t} is no size"));
        var rest = target.Where((t, k) => k != place && t == -1).Count();
        if (rest > 1 || known == 0 || (rest == 0 ? known != width : width % known != 0))
        {
            throw n.Refuse($"it gives {width} values the shape [{string.Join(", ", target.Select(t => t == Samples ? -1 : t))}]");
        }

        return new FormulaValue(value.Formula, [.. target.Select((t, k) => k == place ? 1 : t == -1 ? (int)(width / known) : (int)t)],
            [.. target.Select((_, k) => k == place ? samples : null)]);
    }

    private static GraphValue[] Slice(NodeReader n)
    {
        var starts = n.List("starts", 1) ?? throw n.Refuse("it lacks its starts");
        var ends = n.List("ends", 2) ?? throw n.Refuse("it lacks its ends");
        var value = Value(n);
        var axes = n.List("axes", 3) ?? [.. Enumerable.Range(0, starts.Count)];
        var steps = n.OptionalConstant(4, "steps")?.IntegerValues ?? [.. starts.Select(_ => 1L)];
        if (ends.Count != starts.Count || axes.Count != starts.Count || steps.Length != starts.Count || steps.Contains(0))
        {
            throw n.Refuse("its starts, ends, axes and steps are not equally many, or a step is 0");
        }

        for (var k = 0; k < starts.Count; k++)
        {
            var axis = n.Axis(axes[k], value.Shape.Length);
            if (value.Free[axis] is not null && starts[k] == 0 && ends[k] >= int.MaxValue && steps[k] == 1)
            {
                continue;
            }

            value = Along(n, value, axis, PartOps.Range(value.Shape[axis], starts[k], ends[k], steps[k]));
        }

        return [value];
    }

    private static GraphValue[] Gather(NodeReader n)
    {
        var axisAttribute = n.Integer("axis", 0);
        var places = n.Constant(1, "index");
        var indices = places.IntegerValues ?? throw n.Refuse("its index is no integer");
        if (n.Input(0) is RowsValue { TimePads: (0, 0) } rows)
        {
            var time = n.Axis(axisAttribute, rows.Axes.Length);
            return indices is [var index]
                ? [n.Graph.Step!.Take(n, rows, time, index, keepsAxis: places.Shape.Length == 1)]
                : throw n.Refuse("it picks several steps of a sequence at once");
        }

        var value = Value(n);
        var axis = n.Axis(axisAttribute, value.Shape.Length);
        var picked = Along(n, value, axis, [.. indices.Select(i => n.Axis(i, value.Shape[axis]))]);
        return [new FormulaValue(picked.Formula, [.. picked.Shape[..axis], .. places.Shape, .. picked.Shape[(axis + 1)..]],
            [.. picked.Free[..axis], .. new Axis?[places.Shape.Length], .. picked.Free[(axis + 1)..]])];
    }

    private static GraphValue[] Split(NodeReader n)
    {
        var value = Value(n);
        n.Integer("num_outputs", 0);
        var axis = n.Axis(n.Integer("axis", 0), value.Shape.Length);
        var size = value.Shape[axis];
        var parts = n.List("split", 1) ?? [.. Enumerable.Repeat((long)size / n.OutputCount, n.OutputCount)];
        if (parts.Any(p => p < 0) || parts.Sum() != size || parts.Count != n.OutputCount)
        {
            throw n.Refuse($"its parts [{string.Join(", ", parts)}] are not {n.OutputCount} that make up {size}");
        }

        var start = 0;
        return [.. parts.Select(p => Along(n, value, axis, [.. Enumerable.Range((start += (int)p) - (int)p, (int)p)]))];
    }

    private static GraphValue[] Concat(NodeReader n)
    {
        FormulaValue[] parts = [.. Enumerable.Range(0, n.InputCount).Select(k => Value(n, k))];
        var (first, graph) = (parts[0], n.Graph.Formulas.Graph);
        var axis = n.Axis(n.Integer("axis", int.MinValue), first.Shape.Length);
        if (parts.Any(p => p.Shape.Length != first.Shape.Length || p.Free[axis] is not null
            || Enumerable.Range(0, first.Shape.Length).Any(k => k != axis && p.Shape[k] != first.Shape[k])))
        {
            throw n.Refuse("it joins values of shapes that do not fit, or along the samples");
        }

        int[] shape = [.. first.Shape];
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        var outer = first.Shape[..axis].Aggregate(1, (product, s) => product * s);
        var blocks = Enumerable.Range(0, outer).SelectMany(o => parts.Select(p =>
        {
            var length = p.Formula.Width / outer;
            return graph.Pick(p.Formula, [.. Enumerable.Range(o * length, length)]);
        }));
        var free = Enumerable.Range(0, shape.Length).Select(k => parts.Select(p => p.Free[k]).FirstOrDefault(f => f is not null));
        return [new FormulaValue(graph.Join([.. blocks]), shape, [.. free])];
    }

    private static GraphValue[] ConstantOfShape(NodeReader n)
    {
        var fill = n.Tensor("value") is { } tensor ? n.Graph.Read(tensor).ToReals() : [0];
        var target = n.Constant(0, "shape").IntegerValues!;
        var graph = n.Graph.Formulas.Graph;
        return [Spread(n, new FormulaValue(graph.Constant([fill.FirstOrDefault()]), [1], [null]), target)];
    }

    private static GraphValue[] Expand(NodeReader n)
    {
        var target = n.Constant(1, "shape").IntegerValues ?? throw n.Refuse("its shape is not of integers");
        return [Spread(n, Value(n), target)];
    }

    private static FormulaValue Spread(NodeReader n, FormulaValue value, long[] target)
    {
        var count = target.Where(t => t != Samples).Aggregate(1L, (product, t) => Math.Min(product * Math.Clamp(t, 0, 1 << 24), 1 << 24));
        var zeros = new FormulaValue(n.Graph.Formulas.Graph.Constant(new double[count]),
            [.. target.Select(t => t == Samples ? 1 : (int)Math.Min(t, int.MaxValue))], new Axis?[target.Length]);
        return FormulaOps.Broadcast(n, value, zeros).A;
    }

    /// <summary>Some of the items of an axis.</summary>
    private static FormulaValue Along(NodeReader n, FormulaValue value, int axis, int[] items)
    {
        if (value.Free[axis] is not null && items is not [0])
        {
            throw n.Refuse("it takes some of the samples");
        }

        int[] shape = [.. value.Shape];
        shape[axis] = items.Length;
        var strides = Places.Strides(value.Shape);
        var inner = strides[axis];
        var places = new List<int>();
        var outer = value.Shape[..axis].Aggregate(1, (product, s) => product * s);
        for (var o = 0; o < outer; o++)
        {
            foreach (var item in items)
            {
                places.AddRange(Enumerable.Range((((o * value.Shape[axis]) + item) * inner), inner));
            }
        }

        return Picked(n, value, [.. places], shape, value.Free);
    }
}
