namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that take a part of a value (Slice, Gather, Split), join values (Concat) or pad them.</summary>
internal static class PartOps
{
    public static GraphValue[] Slice(NodeReader n)
    {
        var value = n.Input(0);
        var starts = n.List("starts", 1) ?? throw n.Refuse("it lacks its starts");
        var ends = n.List("ends", 2) ?? throw n.Refuse("it lacks its ends");
        var axes = n.List("axes", 3) ?? [.. Enumerable.Range(0, starts.Count)];
        var steps = n.OptionalConstant(4, "steps")?.IntegerValues ?? [.. starts.Select(_ => 1L)];
        if (ends.Count != starts.Count || axes.Count != starts.Count || steps.Length != starts.Count)
        {
            throw n.Refuse("its starts, ends, axes and steps are not equally many");
        }

        for (var k = 0; k < starts.Count && value is not RepeatedValue; k++)
        {
            value = Sliced(n, value, n.Axis(axes[k], LayoutOps.Rank(n, value)), starts[k], ends[k], steps[k]);
        }

        return value is RepeatedValue repeated && !LayoutOps.IsUniform(repeated)
            ? throw n.Refuse("it takes a part of a constant that is not the same everywhere")
            : [value is RepeatedValue part ? new RepeatedValue(part.Part.Uniform()) : value];
    }

    public static GraphValue[] Gather(NodeReader n)
    {
        var axisAttribute = n.Integer("axis", 0);
        switch (n.Input(0), n.Input(1))
        {
            case (ConstantValue { Tensor.RealValues: not null }, RowsValue ids):
                return [RowLayers.Embedded(n, ids, axisAttribute)];
            case (SizesValue { IsScalar: false } list, ConstantValue { Tensor: { IntegerValues: { } indices, Shape.Length: <= 1 } places }):
                n.Graph.Spend(indices.Length);
                return [SizeOps.Sized([.. indices.Select(i => list.Items[n.Axis(i, list.Items.Length)])], places.Shape.Length == 0)];
            case (RepeatedValue repeated, ConstantValue) when LayoutOps.IsUniform(repeated):
                return [new RepeatedValue(repeated.Part.Uniform())];
            case (ConstantValue { Tensor: var tensor }, ConstantValue { Tensor: { IntegerValues: { } indices } places }):
                return [new ConstantValue(Gathered(n, tensor, n.Axis(axisAttribute, tensor.Shape.Length), indices, places.Shape))];
            case (var value, ConstantValue { Tensor: { IntegerValues: [var index], Shape.Length: <= 1 } places })
                when value is RowsValue or StatesValue or InputPartValue:
                var axis = n.Axis(axisAttribute, LayoutOps.Rank(n, value));
                var end = index == -1 ? long.MaxValue : index + 1;
                return [WithoutAxis(Sliced(n, value, axis, index, end, 1), axis, isGone: places.Shape.Length == 0)];
            case (var value, var index):
                throw n.Refuse($"it picks from {NodeReader.Kind(value)} by {NodeReader.Kind(index)}, which has no counterpart");
        }
    }

    public static GraphValue[] Split(NodeReader n)
    {
        var value = n.Input(0);
        n.Integer("num_outputs", 0);
        var rank = LayoutOps.Rank(n, value);
        var axis = n.Axis(n.Integer("axis", 0), rank);
        var size = value switch
        {
            ConstantValue constant => constant.Tensor.Shape[axis],
            StatesValue states => states.Axes[axis].Size,
            RowsValue rows => rows.Axes[axis].Size,
            InputPartValue part => part.Axes[axis].Size,
            _ => null,
        } ?? throw n.Refuse("it splits an axis of unknown size");
        var parts = n.List("split", 1) ?? [.. Enumerable.Repeat(size / n.OutputCount, n.OutputCount)];
        if (parts.Any(p => p < 0) || parts.Aggregate(0L, (sum, p) => unchecked(sum + p)) != size || parts.Count != n.OutputCount)
        {
            throw n.Refuse($"its parts [{string.Join(", ", parts)}] are not {n.OutputCount} that make up {size}");
        }

        var start = 0L;
        return [.. parts.Select(p => Sliced(n, value, axis, start, start += p, 1))];
    }

    public static GraphValue[] Concat(NodeReader n)
    {
        GraphValue[] values = [.. Enumerable.Range(0, n.InputCount).Select(n.Input)];
        if (values.Length == 0)
        {
            throw n.Refuse("it joins nothing");
        }

        var axis = n.Integer("axis", int.MinValue);
        if (values.Length == 1)
        {
            return values;
        }

        if (values.All(v => v is ConstantValue))
        {
            return [new ConstantValue(Joined(n, [.. values.Select(v => ((ConstantValue)v).Tensor)], axis))];
        }

        if (values.All(SizeOps.IsSizes))
        {
            return [SizeOps.List(n, [.. values.SelectMany(v => SizeOps.Items(n, v))])];
        }

        if (values.All(v => v is StatesValue) && RecurrentOps.Joined(n, [.. values.Cast<StatesValue>()], axis) is { } states)
        {
            return [states];
        }

        if (values.All(v => v is InputPartValue) && JoinedParts(n, [.. values.Cast<InputPartValue>()], axis) is { } part)
        {
            return [part];
        }

        return values.All(
            v => v is RepeatedValue repeated && LayoutOps.IsUniform(repeated)
                && repeated.Part.ToReals()[0] == ((RepeatedValue)values[0]).Part.ToReals()[0])
            ? [new RepeatedValue(((RepeatedValue)values[0]).Part.Uniform())]
            : [RowLayers.Concatenated(n, axis)];
    }

    private static InputPartValue? JoinedParts(NodeReader n, InputPartValue[] parts, long axisAttribute)
    {
        var axis = n.Axis(axisAttribute, parts[0].Axes.Length);
        return parts.Skip(1).Aggregate((InputPartValue?)parts[0], (all, next) => all?.Joined(next, axis));
    }

    /// <summary>A Pad with zeros along time, for the convolution that follows.</summary>
    public static GraphValue[] Pad(NodeReader n)
    {
        if (n.Input(0) is not RowsValue { TimePads: (0, 0) } rows)
        {
            throw n.Refuse($"it pads {NodeReader.Kind(n.Input(0))}");
        }

        if (n.Text("mode", "constant") is var mode && mode != "constant")
        {
            throw n.Refuse($"attribute mode is {mode}; only zeros before and after the sequence have a counterpart, in a convolution");
        }

        var value = n.Real("value", 0) + (n.OptionalConstant(2, "constant_value")?.ToReals().FirstOrDefault() ?? 0);
        var pads = n.List("pads", 1) ?? throw n.Refuse("it lacks its pads");
        var listed = n.OptionalConstant(3, "axes")?.IntegerValues ?? [.. Enumerable.Range(0, rows.Axes.Length).Select(a => (long)a)];
        if (pads.Count != 2 * listed.Length)
        {
            throw n.Refuse($"its pads are {pads.Count} numbers for {listed.Length} axes");
        }

        var padded = Enumerable.Range(0, listed.Length).Where(k => pads[k] != 0 || pads[k + listed.Length] != 0).ToList();
        if (padded.Count == 0)
        {
            return [rows];
        }

        var (left, right) = (pads[padded[0]], pads[padded[0] + listed.Length]);
        var axis = n.Axis(listed[padded[0]], rows.Axes.Length);
        return padded.Count == 1 && value == 0 && left is >= 0 and < int.MaxValue / 2 && right is >= 0 and < int.MaxValue / 2
            && rows.Axes[axis].TryBe(AxisRole.Time)
            ? [new RowsValue(rows.Source, rows.Axes) { TimePads = ((int)left, (int)right) }]
            : throw n.Refuse("only zeros before and after the sequence have a counterpart, in a convolution");
    }

    private static GraphValue Sliced(NodeReader n, GraphValue value, int axis, long start, long end, long step)
    {
        if (step == 0)
        {
            throw n.Refuse("one of its steps is 0");
        }

        switch (value)
        {
            case ConstantValue { Tensor: var tensor }:
                return new ConstantValue(Gathered(n, tensor, axis, Range(tensor.Shape[axis], start, end, step)));
            case SizesValue { IsScalar: false } list:
                return SizeOps.List(n, [.. Range(list.Items.Length, start, end, step).Select(i => list.Items[i])]);
            case StatesValue states when axis == states.PartsAxis:
                return RecurrentOps.Sliced(n, states, Range(states.Parts.Length, start, end, step));
            case RowsValue or StatesValue or InputPartValue when IsWhole(value, axis, start, end, step):
                return value;
            case RowsValue rows:
                return SlicedRows(n, rows, axis, start, end, step);
            case InputPartValue part when part.Axes[axis].Size is { } size and <= int.MaxValue
                && part.Range(axis, Range((int)size, start, end, step)) is { } smaller:
                return smaller;
            default:
                throw n.Refuse($"it takes a part of {NodeReader.Kind(value)}");
        }
    }

    /// <summary>Rows that a layer makes of a part; of an input, the part itself, which may be a layer's initial state.</summary>
    private static GraphValue SlicedRows(NodeReader n, RowsValue rows, int axis, long start, long end, long step)
    {
        try
        {
            return RowLayers.Sliced(n, rows, axis, start, end, step);
        }
        catch (RefusalException e) when (rows.Source is InputRows && rows.Axes[axis].Size is > 0 and <= 1 << 16)
        {
            var size = (int)rows.Axes[axis].Size!.Value;
            if (InputPartValue.Whole(n.Graph, rows, e.Message)?.Range(axis, Range(size, start, end, step)) is { } part)
            {
                return part;
            }

            throw;
        }
    }

    private static bool IsWhole(GraphValue value, int axis, long start, long end, long step)
    {
        var size = (value switch
        {
            RowsValue rows => rows.Axes,
            InputPartValue part => part.Axes,
            _ => ((StatesValue)value).Axes,
        })[axis].Size;
        return step == 1 && (start == 0 || (size is not null && start <= -size)) && end >= (size ?? int.MaxValue);
    }

    /// <summary>The items that a slice takes.</summary>
    public static int[] Range(int size, long start, long end, long step)
    {
        var (lowest, highest) = step > 0 ? (0, size) : (-1, size - 1);
        var first = Math.Clamp(start < 0 ? start + size : start, Math.Max(lowest, 0), Math.Max(highest, 0));
        var last = Math.Clamp(end < 0 ? end + size : end, lowest, highest);
        var indices = new List<int>();
        for (var k = first; k < size && (step > 0 ? k < last : k > last); k = step > 0
            ? k + Math.Min(step, size)
            : k + Math.Max(step, -size))
        {
            indices.Add((int)k);
        }

        return [.. indices];
    }

    private static Constant Gathered(NodeReader n, Constant tensor, int axis, int[] indices) =>
        Gathered(n, tensor, axis, [.. indices.Select(i => (long)i)], [indices.Length]);

    private static Constant Gathered(NodeReader n, Constant tensor, int axis, long[] indices, int[] indexShape)
    {
        int[] shape = [.. tensor.Shape[..axis], .. indexShape, .. tensor.Shape[(axis + 1)..]];
        if (shape.Length > Constant.MaxRank)
        {
            throw n.Refuse($"it makes {shape.Length} axes, more than the {Constant.MaxRank} that are followed");
        }

        var inner = tensor.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size);
        var outer = tensor.Shape[..axis].Aggregate(1, (product, size) => product * size);
        var count = shape.Aggregate(1L, (product, length) => Math.Min(product * length, int.MaxValue));
        n.Graph.Spend(count);
        if (count == 0)
        {
            return tensor.Taken(shape, []);
        }

        var size = tensor.Shape[axis];
        var places = new int[count];
        var next = 0;
        for (var o = 0; o < outer; o++)
        {
            foreach (var index in indices)
            {
                var first = ((o * size) + n.Axis(index, size)) * inner;
                for (var i = 0; i < inner; i++)
                {
                    places[next++] = first + i;
                }
            }
        }

        return tensor.Taken(shape, places);
    }

    private static Constant Joined(NodeReader n, Constant[] tensors, long axisAttribute)
    {
        var first = tensors[0];
        var axis = n.Axis(axisAttribute, first.Shape.Length);
        if (tensors.Any(t => t.Shape.Length != first.Shape.Length || (t.RealValues is null) != (first.RealValues is null)
            || !t.Shape.Where((_, a) => a != axis).SequenceEqual(first.Shape.Where((_, a) => a != axis))))
        {
            throw n.Refuse("it joins constants of shapes that do not fit");
        }

        var total = tensors.Sum(t => (long)t.Length);
        n.Graph.Spend(total);
        if (total == 0)
        {
            return first;
        }

        int[] shape = [.. first.Shape[..axis], (int)tensors.Sum(t => (long)t.Shape[axis]), .. first.Shape[(axis + 1)..]];
        var outer = first.Shape[..axis].Aggregate(1, (product, size) => product * size);
        return first.RealValues is not null
            ? Constant.Of(shape, Interleaved(tensors, outer, t => t.RealValues!))
            : Constant.Of(shape, Interleaved(tensors, outer, t => t.IntegerValues!));
    }

    private static T[] Interleaved<T>(Constant[] tensors, int outer, Func<Constant, T[]> values) =>
        [.. Enumerable.Range(0, outer)
            .SelectMany(o => tensors.SelectMany(t => values(t).AsSpan(o * (t.Length / outer), t.Length / outer).ToArray()))];

    /// <summary>A value of which one item of an axis was picked, without that axis where the index was a number.</summary>
    private static GraphValue WithoutAxis(GraphValue value, int axis, bool isGone) => !isGone ? value : value switch
    {
        StatesValue states => new StatesValue(
            states.Parts, [.. states.Axes.Where((_, a) => a != axis)],
            axis == states.PartsAxis ? -1 : states.PartsAxis > axis ? states.PartsAxis - 1 : states.PartsAxis),
        RowsValue rows => new RowsValue(rows.Source, [.. rows.Axes.Where((_, a) => a != axis)]),
        InputPartValue part => part.Moved([.. part.Axes.Where((_, a) => a != axis)],
            [.. Enumerable.Range(0, part.Axes.Length).Where(a => a != axis)]),
        _ => value,
    };
}
