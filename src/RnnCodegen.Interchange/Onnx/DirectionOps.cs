namespace RnnCodegen.Interchange.Onnx;

/// <summary>
/// What graphs do with the two directions of a recurrent node other than putting them side by side: each is a layer of its own then.
/// </summary>
internal static class DirectionOps
{
    /// <summary>The rows of one direction, where a range of an axis of both is that; null where it is not.</summary>
    /// <param name="n">The node.</param>
    /// <param name="rows">The rows of both.</param>
    /// <param name="axis">The axis of directions, or that of the features of both in one row.</param>
    /// <param name="start">The first item.</param>
    /// <param name="end">Behind the last item.</param>
    public static RowsValue? Part(NodeReader n, RowsValue rows, int axis, long start, long end)
    {
        var (role, size) = (rows.Axes[axis].Role, rows.Axes[axis].Size);
        if (Both(rows) is not { } both || role is not (AxisRole.Direction or AxisRole.Feature) || size != (role == AxisRole.Direction ? 2
            : both.Sequence.Width))
        {
            return null;
        }

        var half = size.Value / 2;
        var (first, last) = (start < 0 ? start + size.Value : start, end < 0 ? end + size.Value : Math.Min(end, size.Value));
        if ((first, last) != (0, half) && (first, last) != (half, size.Value))
        {
            return null;
        }

        Axis[] axes = [.. rows.Axes];
        axes[axis] = role == AxisRole.Direction ? new Axis(size: 1) : new Axis(AxisRole.Feature, half);
        return new RowsValue(both.Single(n.Graph, first == 0 ? 0 : 1), axes);
    }

    /// <summary>The sum or the mean of both directions; null where the axes are others than the directions'.</summary>
    public static RowsValue? Reduced(NodeReader n, RowsValue rows, IReadOnlyList<int> axes, bool keepsAxes)
    {
        if (axes is not [var axis] || rows.Axes[axis].Role != AxisRole.Direction || Both(rows) is not { } both)
        {
            return null;
        }

        if (n.Op is not ("ReduceSum" or "ReduceMean"))
        {
            throw n.Refuse(
                "it takes the largest of both directions' values, which no layer does; export the model with their sum, their mean or " +
                "both side by side");
        }

        var width = both.Sequence.Width / 2;
        var sum = n.Graph.Add(new DraftLayer(n.Scope, width, isSequence: true, both.Single(n.Graph, 0), both.Single(n.Graph, 1))
        {
            Kind = "Add", Join = names => new AddAttribute(names),
        });
        var result = new RowsValue(sum, TimeOps.Without(rows.Axes, axes, keepsAxes));
        return n.Op == "ReduceSum" ? result
            : LinearOps.Affine(n, result, [.. Enumerable.Repeat(0.5f, width)], new float[width]);
    }

    private static RecurrentRows? Both(RowsValue rows) =>
        ((rows.Source as RecurrentRows) ?? (rows.Source as DraftLayer)?.Recurrent) is { Directions: 2 } both ? both : null;
}
