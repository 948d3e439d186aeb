namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>The formulas of a graph's rows, and who makes those that layers make.</summary>
internal sealed class RowFormulas
{
    private readonly Dictionary<RowSource, Formula> _formulas = [];
    private readonly Dictionary<Formula, RowSource> _sources = [];

    public FormulaGraph Graph { get; } = new();

    /// <summary>
    /// Rows as a formula: what makes them, or what that computes of other rows where it is a function, a scale, a sum or a product. So what
    /// is spelled in layers and in other operators is one formula.
    /// </summary>
    public FormulaValue Lifted(NodeReader n, RowsValue rows)
    {
        var feature = RowLayers.FeatureAxis(n, rows);
        var width = RowLayers.Width(n, rows);
        if (feature.Size != width || rows.Axes.Count(a => a.Find() == feature.Find()) != 1
            || Array.Exists(rows.Axes, a => a.Split is not null || a.Role == AxisRole.Direction))
        {
            throw n.Refuse("it computes with rows whose features are not one axis");
        }

        return new FormulaValue(Of(rows.Source, width), [.. rows.Axes.Select(a => a.Find() == feature.Find() ? width : 1)],
            [.. rows.Axes.Select(a => a.Find() == feature.Find() ? null : a)]);
    }

    /// <summary>Rows that are one function of others, as that; null where they are not.</summary>
    public RowsValue? Function(NodeReader n, RowsValue rows)
    {
        if (rows.Source is not DraftLayer layer || Of(layer, layer.Width) is not PairFormula formula
            || FunctionMatch.Activation(formula) is not { Function: not Activation.Linear } found
            || !_sources.TryGetValue(found.Of, out var source))
        {
            return null;
        }

        var result = n.Graph.Add(new DraftLayer(n.Scope, layer.Width, layer.IsSequence, source)
        {
            Options = new ActivationAttribute(found.Function) { Alpha = found.Alpha },
        });
        return new RowsValue(result, rows.Axes);
    }

    /// <summary>Tells layers that are made of formulas who makes what.</summary>
    public void Give(FormulaLayers layers)
    {
        foreach (var (formula, source) in _sources)
        {
            layers.Set(formula, source);
        }
    }

    /// <summary>Whether a formula is one row per step.</summary>
    public bool IsSequence(Formula formula) =>
        Formula.Needed([formula]).All(f => !_sources.TryGetValue(f, out var source) || source.IsSequence);

    private Formula Of(RowSource source, int width)
    {
        // An input is as many objects as values that show it.
        var key = source is InputRows input
            ? _formulas.Keys.OfType<InputRows>().FirstOrDefault(i => i.Name == input.Name) ?? input
            : source;
        if (!_formulas.TryGetValue(key, out var formula))
        {
            formula = source is DraftLayer layer ? OfLayer(layer) : null;
            formula ??= Graph.Leaf(key, width);
            _formulas[key] = formula;
            _sources.TryAdd(formula, key);
        }

        return formula;
    }

    private Formula? OfLayer(DraftLayer layer)
    {
        if (layer.Lengths is not null || layer.Recurrent is not null)
        {
            return null;
        }

        switch (layer)
        {
            case { Options: ActivationAttribute a }:
                return Graph.Map(ScalarFunction.Of(a.Activation, a.Alpha), Of(layer.Sources[0], layer.Width));
            case { Options: AffineAttribute }:
                var (scale, shift) = (Parameter("weight"), Parameter("bias"));
                return Graph.Pair(PairOp.Add, Graph.Pair(PairOp.Multiply, Of(layer.Sources[0], layer.Width), scale), shift);
            case { Kind: "Add" or "Multiply", Join: not null }:
                var op = layer.Kind == "Add" ? PairOp.Add : PairOp.Multiply;
                return layer.Sources.Select(s => Of(s, layer.Width)).Aggregate((a, b) => Graph.Pair(op, a, b));
            default:
                return null;
        }

        Formula Parameter(string name) => Graph.Constant(Array.ConvertAll(layer.Parameters[name].Values, v => (double)v));
    }
}
