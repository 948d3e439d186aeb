namespace RnnCodegen.Generators.Graph;

/// <summary>What an adjoint computed by a backward stage belongs to.</summary>
internal enum AdjointTarget
{
    /// <summary>A gate of the input product.</summary>
    InputProduct,

    /// <summary>A gate of a product inside the time loop.</summary>
    StepProduct,

    /// <summary>A state vector before the step.</summary>
    State,

    /// <summary>An output of an earlier pointwise stage.</summary>
    Vector,

    /// <summary>A vector of a trained tensor, summed over steps and samples.</summary>
    Parameter,
}

/// <summary>One adjoint of a backward stage; <paramref name="Accumulates"/> adds to what later stages of the cell left.</summary>
internal sealed record AdjointOutput(AdjointTarget Target, string Name, Expr Value, bool Accumulates);

internal abstract record BackwardStage;

/// <summary>Adjoints of a pointwise stage's inputs, from those of its outputs.</summary>
/// <param name="Forward">The stage.</param>
/// <param name="Outputs">The adjoints.</param>
/// <param name="Adjoints">Those of all its nodes.</param>
internal sealed record BackwardPointwise(PointwiseStage Forward, IReadOnlyList<AdjointOutput> Outputs,
    IReadOnlyDictionary<Expr, Expr> Adjoints) : BackwardStage;

/// <summary>Adjoint of a product's operand: the gates' adjoints times the weights; a state's is added to, a vector's is written.</summary>
internal sealed record BackwardProduct(ProductStage Forward) : BackwardStage;

/// <summary>A cell's backward pass: its stages in reverse order, and the forward values they need.</summary>
internal sealed record CellGradient(IReadOnlyList<BackwardStage> Stages, IReadOnlyList<Expr> Saved);

/// <summary>Derives the backward stages of a cell from its equations, by reverse accumulation over each pointwise stage.</summary>
internal static class Gradient
{
    public static CellGradient Of(CellGraph cell)
    {
        var stages = new List<BackwardStage>();
        var consumed = new HashSet<string>();
        var written = new HashSet<Expr>();
        for (var k = cell.Stages.Count - 1; k >= 0; k--)
        {
            stages.Add(cell.Stages[k] switch
            {
                PointwiseStage p => AdjointsOf(cell, p, k, consumed, written),
                ProductStage p => new BackwardProduct(p),
                _ => throw new InvalidOperationException("A cell has products and pointwise stages only."),
            });
        }

        var (saved, seen) = (new SortedDictionary<int, Expr>(), new HashSet<Expr>());
        foreach (var output in stages.OfType<BackwardPointwise>().SelectMany(s => s.Outputs))
        {
            CollectSaved(cell, output.Value, saved, seen);
        }

        return new CellGradient(stages, [.. saved.Values]);
    }

    private static BackwardPointwise AdjointsOf(
        CellGraph cell, PointwiseStage stage, int index, HashSet<string> consumed, HashSet<Expr> written)
    {
        var g = cell.Expressions;
        var earlier = cell.Stages.Take(index).OfType<PointwiseStage>().SelectMany(s => s.Outputs).ToDictionary(o => o.Value, o => o.Name);
        var adjoints = new Dictionary<Expr, Expr>();
        var open = new SortedDictionary<int, Expr>();
        foreach (var output in stage.Outputs)
        {
            Accumulate(output.Value, g.Signal(SignalKind.Adjoint, output.Name));
        }

        var result = new List<AdjointOutput>();
        while (open.Count > 0)
        {
            var node = open.Last().Value;
            open.Remove(node.Id);
            if (earlier.TryGetValue(node, out var vector))
            {
                result.Add(new AdjointOutput(AdjointTarget.Vector, vector, adjoints[node], !written.Add(node)));
                continue;
            }

            if (node.Op == Op.Signal)
            {
                result.Add(new AdjointOutput(TargetOf(node.Kind), node.Name, adjoints[node],
                    node.Kind == SignalKind.Previous ? consumed.Contains(node.Name) : !written.Add(node)));
                continue;
            }

            var own = node.Op.Adjoints(node, adjoints[node]);
            for (var i = 0; i < own.Length; i++)
            {
                // What each unit does to a number of its row adds up.
                var argument = node.Arguments[i];
                Accumulate(argument, argument.IsOfRow && !node.IsOfRow ? g.Sum(own[i], stage.Size) : own[i]);
            }
        }

        foreach (var state in stage.Outputs.Where(o => o.IsState))
        {
            consumed.Add(state.Name);
            if (!result.Any(o => o.Target == AdjointTarget.State && o.Name == state.Name))
            {
                result.Add(new AdjointOutput(AdjointTarget.State, state.Name, g.Constant(0), false));
            }
        }

        return new BackwardPointwise(stage, [.. result.OrderBy(o => o.Target).ThenBy(o => Order(cell, o))], adjoints);

        void Accumulate(Expr node, Expr adjoint)
        {
            if (node.Op == Op.Constant || node.IsSignal(SignalKind.Mask))
            {
                return;
            }

            adjoints[node] = adjoints.TryGetValue(node, out var sum) ? sum + adjoint : adjoint;
            open[node.Id] = node;
        }
    }

    private static int Order(CellGraph cell, AdjointOutput output)
    {
        var gate = cell.Gates.ToList().IndexOf(output.Name);
        return gate >= 0 ? gate : int.MaxValue;
    }

    private static AdjointTarget TargetOf(SignalKind kind) => kind switch
    {
        SignalKind.InputProduct => AdjointTarget.InputProduct,
        SignalKind.StepProduct => AdjointTarget.StepProduct,
        SignalKind.Previous => AdjointTarget.State,
        SignalKind.Parameter => AdjointTarget.Parameter,
        _ => throw new InvalidOperationException($"No adjoint flows to {kind}."),
    };

    /// <summary>
    /// Products and nonlinear outputs are kept, and so are sums with products in them; other arithmetic is cheap to repeat. Of a row's
    /// numbers those are kept that have a name: they took a walk along the row.
    /// </summary>
    private static void CollectSaved(CellGraph cell, Expr node, SortedDictionary<int, Expr> saved, HashSet<Expr> seen)
    {
        if (!seen.Add(node))
        {
            return;
        }

        if (node.IsOfRow && cell.Names.ContainsKey(node))
        {
            saved[node.Id] = node;
            return;
        }

        var isSum = (cell.Names.ContainsKey(node) && node.Arguments.Any(a => IsOfProducts(cell, a)))
            || (node.Op == Op.Add && node.Arguments.Any(IsProduct));
        if (IsProduct(node) || isSum || node.Op.IsNonlinear)
        {
            saved[node.Id] = node;
            return;
        }

        foreach (var argument in node.Arguments)
        {
            CollectSaved(cell, argument, saved, seen);
        }
    }

    private static bool IsProduct(Expr e) => e.IsSignal(SignalKind.InputProduct) || e.IsSignal(SignalKind.StepProduct);

    /// <summary>
    /// Whether a product is a term of a sum, however deep, e.g. before a peephole's; not through what has a name or is kept itself.
    /// </summary>
    private static bool IsOfProducts(CellGraph cell, Expr e) =>
        IsProduct(e) || (!cell.Names.ContainsKey(e) && !e.Op.IsNonlinear && e.Arguments.Any(a => IsOfProducts(cell, a)));
}
