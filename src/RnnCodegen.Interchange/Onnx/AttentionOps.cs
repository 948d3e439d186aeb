namespace RnnCodegen.Interchange.Onnx;

/// <summary>A mean of steps with weights softmax_t(w . x_t), as exporters spell it: MatMul, Softmax over time, Mul, ReduceSum.</summary>
internal static class AttentionOps
{
    /// <summary>The rows times their steps' weights.</summary>
    public static GraphValue Weighted(NodeReader n, StepWeightsValue weights, RowsValue rows)
    {
        var read = weights.Scores.Sources[0];
        var source = rows.Source is RecurrentRows recurrent ? recurrent.Sequence : rows.Source;
        var isSame = source == read || (source is InputRows a && read is InputRows b && a.Name == b.Name);
        if (n.Op != "Mul" || weights.IsSummand || !isSame || rows.Axes.Length != weights.Rows.Axes.Length
            || !rows.Axes.Zip(weights.Rows.Axes).All(p => p.First.Role == AxisRole.Feature ? p.Second.IsOne : p.First.TryEqual(p.Second)))
        {
            throw n.Refuse(
                "it uses a softmax over time for something else than weights of the rows that it is computed from; attention to other " +
                "rows is no layer of an imported model");
        }

        return new StepWeightsValue(rows, weights.Scores, isSummand: true);
    }

    /// <summary>The layer.</summary>
    public static GraphValue Pooled(NodeReader n, StepWeightsValue weighted, IReadOnlyList<long>? listed, bool keepsAxes)
    {
        var rows = weighted.Rows;
        int[] axes = [.. (listed ?? []).Select(a => n.Axis(a, rows.Axes.Length))];
        if (axes.Length == 0 || rows.Axes[TimeOps.TimeAxis(n, rows, axes)].Role != AxisRole.Time)
        {
            throw n.Refuse("it sums weighted rows along another axis than time");
        }

        var layer = new DraftLayer(n.Scope, RowLayers.Width(n, rows), isSequence: false,
            rows.Source) { Options = new AttentionPoolAttribute() };
        layer.Parameters.Add("weight", WeightValues.Vector(weighted.Scores.Parameters["weight"].Values));
        return new RowsValue(n.Graph.Add(layer), TimeOps.Without(rows.Axes, axes, keepsAxes));
    }
}
