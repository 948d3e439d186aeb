using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>Operators that look along time: convolutions, pooling, means and maxima, and reversal.</summary>
internal static class TimeOps
{
    public static GraphValue[] Conv(NodeReader n)
    {
        n.Require("group", 1, "each output of a Conv1d layer sees all features");
        var weight = n.Weights(1, "kernel");
        var bias = n.Has(2) ? n.Weights(2, "bias") : null;
        var rows = n.PaddedRows(0, out var left, out var right);
        var window = Window(n, rows, weight.Shape.Length > 2 ? [.. weight.Shape[2..].Select(s => (long)s)] : []);
        var (filters, inputs) = (weight.Shape[0], weight.Shape[1]);
        if (filters == 0 || inputs == 0 || (bias is not null && !bias.Shape.SequenceEqual([filters])))
        {
            throw n.Refuse($"its kernel is {weight} and its bias {bias}");
        }

        RowLayers.RequireFeatures(n, rows, 1, inputs);
        var time = RowLayers.Require(n, rows, window.Axis, AxisRole.Time);
        var options = new Conv1dAttribute(filters,
            window.Kernel) { Stride = window.Stride, Dilation = window.Dilation, Bias = bias is not null };
        Pad(n, options, (left + window.Left, right + window.Right), window.IsSame);

        var layer = new DraftLayer(n.Scope, filters, isSequence: true, rows.Source) { Options = options };
        layer.Parameters.Add("weight", new WeightValues([filters, inputs, window.Kernel], weight.ToReals()));
        if (bias is not null)
        {
            layer.Parameters.Add("bias", WeightValues.Vector(bias.ToReals()));
        }

        Axis[] axes = [.. rows.Axes];
        axes[1] = new Axis(AxisRole.Feature, filters);
        axes[window.Axis] = options.Padding == TimePadding.Valid || options.Stride > 1
            ? Resized(time, options.Padding == TimePadding.Valid ? options.PadLeft + options.PadRight : window.Reach, window.Reach,
                options.Stride)
            : time;
        return [new RowsValue(n.Graph.Add(layer), axes)];
    }

    public static GraphValue[] Pool(NodeReader n)
    {
        n.Require("ceil_mode", 0, "a window that is not full gives no row");
        n.Require("storage_order", 0, "rows are in the order of time");
        n.Integer("count_include_pad", 0);
        var rows = n.Rows(0);
        var kernel = n.Integers("kernel_shape") ?? throw n.Refuse("it lacks its kernel_shape");
        var window = Window(n, rows, [.. kernel]);
        if (window.Dilation != 1 || window.Left != 0 || window.Right != 0 || window.IsSame)
        {
            throw n.Refuse("attributes pads, dilations, auto_pad: a pooling layer's windows are whole, without padding or gaps");
        }

        RowLayers.Require(n, rows, 1, AxisRole.Feature);
        RowLayers.RequireFeatures(n, rows, 1, RowLayers.Width(n, rows));
        var time = RowLayers.Require(n, rows, window.Axis, AxisRole.Time);
        var options = new Pool1dAttribute(n.Op == "MaxPool" ? Pooling.Max : Pooling.Average,
            window.Kernel) { Stride = window.Stride == window.Kernel ? 0 : window.Stride };
        var result = RowLayers.Add(n, rows, options);
        Axis[] axes = [.. rows.Axes];
        axes[window.Axis] = Resized(time, 0, window.Kernel - 1, window.Stride);
        return [new RowsValue(result.Source, axes)];
    }

    public static GraphValue[] GlobalPool(NodeReader n)
    {
        var rows = n.Rows(0);
        if (rows.Axes.Length < 3)
        {
            throw n.Refuse("it pools rows without an axis of steps");
        }

        RowLayers.Require(n, rows, 1, AxisRole.Feature);
        RowLayers.RequireFeatures(n, rows, 1, RowLayers.Width(n, rows));
        return [Pooled(n, rows, [.. Enumerable.Range(2, rows.Axes.Length - 2)], n.Op == "GlobalMaxPool" ? Pooling.Max : Pooling.Average,
            keepsAxes: true)];
    }

    public static GraphValue[] Reduce(NodeReader n)
    {
        var keepsAxes = n.Integer("keepdims", 1) != 0;
        n.Integer("noop_with_empty_axes", 0);
        var listed = n.List("axes", 1);
        if (n.Input(0) is RowsValue { TimePads: (0, 0) } value && listed is { Count: > 0 }
            && DirectionOps.Reduced(n, value, [.. listed.Select(a => n.Axis(a, value.Axes.Length))], keepsAxes) is { } directions)
        {
            return [directions];
        }

        if (n.Op == "ReduceSum")
        {
            return n.Input(0) is StepWeightsValue { IsSummand: true } weighted ? [AttentionOps.Pooled(n, weighted, listed, keepsAxes)]
                : throw n.Refuse("it sums; a layer pools steps by their mean or maximum, or by weights that softmax gives");
        }

        var rows = n.Rows(0);
        int[] axes = listed is { Count: > 0 }
            ? [.. listed.Select(a => n.Axis(a, rows.Axes.Length))]
            : throw n.Refuse("it reduces all axes at once; a layer pools steps");
        return [Pooled(n, rows, axes, n.Op == "ReduceMax" ? Pooling.Max : Pooling.Average, keepsAxes)];
    }

    /// <summary>
    /// Whether a node takes the mean of features rather than of steps: along a last axis of fixed size that nothing says to be time, and
    /// with the axis kept, as normalisations do.
    /// </summary>
    public static bool IsOverFeatures(NodeProto node, GraphValue?[] inputs)
    {
        if (node.Op != "ReduceMean" || inputs is not [RowsValue { Axes: { Length: > 1 } axes }, ..])
        {
            return false;
        }

        var listed = node.Attributes.Find(a => a.Name == "axes")?.Integers
            ?? (inputs.ElementAtOrDefault(1) as ConstantValue)?.Tensor.IntegerValues?.ToList();
        return listed is [var axis] && (axis == -1 || axis == axes.Length - 1)
            && (axes[^1].Role == AxisRole.Feature || (axes[^1] is { Role: AxisRole.Unknown, Size: not null, Parts.Length: 0 }
                && node.Attributes.TrueForAll(a => a.Name != "keepdims" || a.Integer != 0)));
    }

    public static GraphValue[] ReverseSequence(NodeReader n)
    {
        var rows = n.Rows(0);
        var time = n.Axis(n.Integer("time_axis", 0), rows.Axes.Length);
        var batch = n.Axis(n.Integer("batch_axis", 1), rows.Axes.Length);
        RowLayers.Require(n, rows, batch, AxisRole.Batch);
        var lengths = RecurrentOps.LengthsOf(n, 1, RowLayers.Require(n, rows, time, AxisRole.Time));
        return [RowLayers.Add(n, rows, new ReverseTimeAttribute(), layer => layer.Lengths = lengths)];
    }

    /// <summary>The axis of the steps, among axes of which the others may have size 1.</summary>
    public static int TimeAxis(NodeReader n, RowsValue rows, IReadOnlyList<int> axes)
    {
        int[] candidates = [.. axes.Where(a => !rows.Axes[a].IsOne)];
        return candidates.Length == 1 ? candidates[0]
            : candidates.Length == 0 && axes.Count > 0 ? axes.FirstOrDefault(a => rows.Axes[a].Role == AxisRole.Time, axes[0])
            : throw n.Refuse("it works along several axes at once; a layer's steps are one axis");
    }

    private static RowsValue Pooled(NodeReader n, RowsValue rows, int[] axes, Pooling pooling, bool keepsAxes)
    {
        var time = TimeAxis(n, rows, axes);
        RowLayers.Require(n, rows, time, AxisRole.Time);
        if (!rows.Source.IsSequence)
        {
            throw n.Refuse("it pools the steps of rows that have none");
        }

        var layer = new DraftLayer(n.Scope, RowLayers.Width(n, rows), isSequence: false,
            rows.Source) { Options = new GlobalPoolAttribute(pooling) };
        return new RowsValue(n.Graph.Add(layer), Without(rows.Axes, axes, keepsAxes));
    }

    /// <summary>Axes of which some are gone, or have size 1.</summary>
    public static Axis[] Without(Axis[] axes, IReadOnlyList<int> gone, bool keepsAxes) =>
        [.. axes.Select((axis, a) => gone.Contains(a) ? new Axis(size: 1) : axis).Where((_, a) => keepsAxes || !gone.Contains(a))];

    private static void Pad(NodeReader n, Conv1dAttribute options, (long Left, long Right) pads, bool isSame)
    {
        var reach = (long)options.Dilation * (options.Kernel - 1);
        if (isSame && (options.Stride > 1 || pads != (0, 0)))
        {
            throw n.Refuse(
                "attribute auto_pad: with a stride, or beside a Pad, how much it pads depends on the sequence's length; export the " +
                "model with pads");
        }

        if (isSame)
        {
            // The format's SAME_UPPER has the smaller half before, as the layer's padding; SAME_LOWER has it after.
            pads = n.Text("auto_pad", "") == "SAME_UPPER" ? (reach / 2, reach - (reach / 2)) : (reach - (reach / 2), reach / 2);
        }

        options.Padding = reach == 0 || pads.Left + pads.Right != reach ? TimePadding.Valid
            : pads.Left == reach ? TimePadding.Causal
            : pads.Left == reach / 2 ? TimePadding.Same
            : TimePadding.Valid;
        if (options.Padding == TimePadding.Valid)
        {
            (options.PadLeft, options.PadRight) = pads is { Left: <= int.MaxValue / 4, Right: <= int.MaxValue / 4 }
                ? ((int)pads.Left, (int)pads.Right)
                : throw n.Refuse("attribute pads is past all sense");
        }
    }

    /// <summary>Where a window of steps lies, from attributes that list every axis behind the features'.</summary>
    private static (int Axis, int Kernel, int Stride, int Dilation, long Left, long Right, int Reach, bool IsSame) Window(NodeReader n,
        RowsValue rows, long[] kernel)
    {
        var count = rows.Axes.Length - 2;
        var strides = n.Integers("strides") ?? [.. Enumerable.Repeat(1L, Math.Max(0, count))];
        var dilations = n.Integers("dilations") ?? [.. Enumerable.Repeat(1L, Math.Max(0, count))];
        var pads = n.Integers("pads") ?? [.. Enumerable.Repeat(0L, 2 * Math.Max(0, count))];
        var shape = n.Integers("kernel_shape") ?? kernel;
        var autoPad = n.Text("auto_pad", "NOTSET");
        if (count < 1 || !shape.SequenceEqual(kernel) || kernel.Length != count || strides.Count != count || dilations.Count != count
            || pads.Count != 2 * count)
        {
            throw n.Refuse("its kernel, strides, dilations and pads do not have the axes of its input");
        }

        if (autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
        {
            throw n.Refuse($"attribute auto_pad is {autoPad}");
        }

        if (autoPad != "NOTSET" && pads.Any(p => p != 0))
        {
            throw n.Refuse($"attribute auto_pad is {autoPad}, beside pads of its own; the format allows one of the two");
        }

        // A convolution along one axis may be written as one over an image that is one pixel high.
        RowLayers.Require(n, rows, 0, AxisRole.Batch);
        var flat = Enumerable.Range(0, count)
            .Where(k => rows.Axes[k + 2].IsOne && kernel[k] == 1 && strides[k] == 1 && pads[k] == 0 && pads[k + count] == 0).ToList();
        var own = count == 1 ? [0] : Enumerable.Range(0, count).Except(flat).ToList();
        if (own is not [var index] || kernel[index] is < 1 or > int.MaxValue / 4 || strides[index] is < 1 or > int.MaxValue / 4
            || dilations[index] is < 1 or > int.MaxValue / 4 || pads[index] < 0 || pads[index + count] < 0)
        {
            throw n.Refuse(
                $"it works along {own.Count} axes; a layer's steps are one axis, with positive kernel, strides and dilations, and pads " +
                "that are not negative");
        }

        var reach = dilations[index] * (kernel[index] - 1);
        return reach > int.MaxValue / 4 ? throw n.Refuse("its kernel and dilations are past all sense")
            : (index + 2, (int)kernel[index], (int)strides[index], (int)dilations[index], pads[index], pads[index + count], (int)reach,
                autoPad.StartsWith("SAME", StringComparison.Ordinal));
    }

    private static Axis Resized(Axis time, long pads, long reach, long stride) =>
        new(AxisRole.Time,
            time.Size is { } size && size <= int.MaxValue && size + pads > reach ? ((size + pads - reach - 1) / stride) + 1 : null);
}
