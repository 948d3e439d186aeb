using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

// The equations of layers that take each row for itself. Several in a row are one cell.

/// <summary>Makes a row of one or more rows of the same width.</summary>
/// <param name="Name">What it is called in the names of methods.</param>
internal abstract record RowFunction(string Name)
{
    /// <summary>Whether the result is the argument.</summary>
    public virtual bool IsIdentity => false;

    /// <summary>Whether it needs sums along a row.</summary>
    public virtual bool HasSums => false;

    /// <summary>The result.</summary>
    /// <param name="cell">The cell that it is a part of.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="x">The arguments.</param>
    public abstract Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x);
}

/// <summary>A function of each value.</summary>
internal sealed record ActivationFunction(ActivationSpec Activation) : RowFunction($"{Activation.Kind}")
{
    public override bool IsIdentity => Activation.Kind == ActivationKind.Linear;

    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) => x[0].Activate(Activation);
}

/// <summary>The sum of all arguments.</summary>
internal sealed record AddFunction() : RowFunction("Add")
{
    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) => x.Aggregate((a, b) => a + b);
}

/// <summary>The product of all arguments.</summary>
internal sealed record MultiplyFunction() : RowFunction("Product")
{
    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) => x.Aggregate((a, b) => a * b);
}

/// <summary>A factor and a term for each feature.</summary>
/// <param name="Layer">The layer whose tensors these are.</param>
internal sealed record AffineFunction(string Layer) : RowFunction("Affine")
{
    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) =>
        (cell.Parameter("scale", $"{Layer}.weight", width) * x[0]) + cell.Parameter("shift", $"{Layer}.bias", width);
}

/// <summary>A trained slope for each feature where it is not positive.</summary>
/// <param name="Layer">The layer whose tensor it is.</param>
internal sealed record PReluFunction(string Layer) : RowFunction("PRelu")
{
    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) =>
        x[0].Graph.Apply(Op.PRelu, x[0], cell.Parameter("slope", $"{Layer}.weight", width));
}

/// <summary>Each row less its mean, by its deviation, then a factor and a term for each feature.</summary>
/// <param name="Layer">The layer whose tensors these are.</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record LayerNormFunction(string Layer, float Epsilon) : RowFunction("LayerNorm")
{
    public override bool HasSums => true;

    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x)
    {
        var gamma = cell.Parameter("gamma", $"{Layer}.weight", width);
        return (gamma * cell.Normalise(x, width, Epsilon).Single()) + cell.Parameter("beta", $"{Layer}.bias", width);
    }
}

/// <summary>A mask of dropout times the argument, in training.</summary>
/// <param name="Probability">How likely a value becomes 0.</param>
internal sealed record DropoutFunction(float Probability) : RowFunction("Dropout")
{
    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x) => cell.StepMask("mask", width, Probability) * x[0];
}

/// <summary>e^x by the sum of e^x, or the logarithm of that.</summary>
/// <param name="IsLog">Whether it is the logarithm.</param>
internal sealed record SoftmaxFunction(bool IsLog) : RowFunction(IsLog ? "LogSoftmax" : "Softmax")
{
    public override bool HasSums => true;

    public override Expr Apply(CellBuilder cell, int width, IReadOnlyList<Expr> x)
    {
        var graph = x[0].Graph;

        // Less the largest, no e^x is more than 1.
        var moved = x[0] - cell.Let(cell.Free("largest"), x[0].Apply(Op.Largest));
        var e = moved.Apply(Op.ExpOfNegative);
        var sum = graph.Sum(e, width);
        return IsLog ? moved - cell.Let(cell.Free("log"), sum.Apply(Op.Log)) : e * cell.Let(cell.Free("inverse"), sum.Apply(Op.Inverse));
    }
}

/// <summary>The cell of row functions.</summary>
internal static class RowCell
{
    /// <summary>Functions one after the other, each of the one before; the first takes all arguments.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="arguments">How many rows the first one takes.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="argument">What equations call the argument where it is one.</param>
    public static CellGraph Build(IReadOnlyList<RowFunction> functions, int arguments, int width, string argument = "x")
    {
        string[] gates = arguments == 1 ? ["y"] : [.. Enumerable.Range(1, arguments).Select(i => $"x{i}")];
        var cell = new CellBuilder(gates, width, arguments == 1 ? argument : null, training: true);
        Expr[] x = [.. gates.Select(cell.Input)];
        if (!functions.All(f => f.IsIdentity))
        {
            foreach (var function in functions)
            {
                x = [function.Apply(cell, width, x)];
            }

            cell.Pointwise(width, new StageOutput("y", cell.Let("y", x.Single()), false));
        }

        var graph = cell.Build();
        if (graph.Stages.Count > 0)
        {
            CellVerifier.Verify(graph);
        }

        return graph;
    }

    /// <summary>What a cell of such functions is called: after all that do something.</summary>
    public static string NameOf(IEnumerable<RowFunction> functions) =>
        string.Concat(functions.Where(f => !f.IsIdentity).Select(f => f.Name));
}
