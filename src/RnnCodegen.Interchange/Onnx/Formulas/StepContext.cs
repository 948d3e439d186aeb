namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>One step of a loop over a sequence, or of a graph that is one step: which rows it reads.</summary>
internal sealed class StepContext
{
    private readonly Dictionary<(RowsValue Rows, int Time), StepRow> _rows;

    /// <param name="before">The step before, which reads the same sequences; null for the first.</param>
    public StepContext(StepContext? before = null) => _rows = before?._rows ?? [];

    /// <summary>The rows of all sequences that steps read.</summary>
    public IReadOnlyCollection<StepRow> Rows => _rows.Values;

    /// <summary>The number of the step that is read of each sequence.</summary>
    public Dictionary<StepRow, long> Indices { get; } = [];

    /// <summary>The row of a sequence that the step reads.</summary>
    public FormulaValue Take(NodeReader n, RowsValue rows, int time, long index, bool keepsAxis)
    {
        if (rows.Axes.Length < 2 || time == rows.Axes.Length - 1 || !rows.Source.IsSequence)
        {
            throw n.Refuse("it takes a part of a row; a step reads whole rows of a sequence");
        }

        RowLayers.Require(n, rows, time, AxisRole.Time);
        var width = RowLayers.Width(n, rows);
        RowLayers.RequireFeatures(n, rows, rows.Axes.Length - 1, width);
        if (!_rows.TryGetValue((rows, time), out var row))
        {
            row = new StepRow(rows, rows.Axes[time]);
            _rows.Add((rows, time), row);
        }

        if (!Indices.TryAdd(row, index) && Indices[row] != index)
        {
            throw n.Refuse($"it reads the steps {Indices[row]} and {index} of a sequence in one step; a layer reads one after the other");
        }

        var kept = Enumerable.Range(0, rows.Axes.Length).Where(k => k != time).ToList();
        Axis?[] free = [.. kept.Select(k => k == rows.Axes.Length - 1 ? null : rows.Axes[k])];
        int[] shape = [.. kept.Select((_, k) => k == kept.Count - 1 ? width : 1)];
        var formula = n.Graph.Formulas.Graph.Leaf(row, width);
        return keepsAxis
            ? new FormulaValue(formula, [.. shape[..time], 1, .. shape[time..]], [.. free[..time], null, .. free[time..]])
            : new FormulaValue(formula, shape, free);
    }
}

/// <summary>The row of a sequence that a step reads.</summary>
/// <param name="Rows">The sequence.</param>
/// <param name="Time">Its steps.</param>
internal sealed record StepRow(RowsValue Rows, Axis Time);
