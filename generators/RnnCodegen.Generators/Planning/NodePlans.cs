using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>How one node is computed; nodes that only move rows need no more than the node itself.</summary>
internal abstract record NodePlan(Node Node);

internal sealed record RowsPlan(Node Node) : NodePlan(Node);

/// <summary>A product as part of a layer: where its weights' gradient goes, and how it runs backwards.</summary>
/// <param name="Forward">out = start + in W^T.</param>
/// <param name="StartOffset">First float, in the packed weights, of the row that sums start from: biases or zeros.</param>
/// <param name="Backward">d(in) = d(out) W.</param>
/// <param name="Outer">dW += d(out)^T in.</param>
/// <param name="Weight">The tensor.</param>
/// <param name="Rows">Which tensor row each column of out is.</param>
/// <param name="Biases">Bias tensors and which of their rows each column of d(out), summed over rows, is.</param>
/// <param name="WeightGradient">The pointer to the gradient of its weights.</param>
/// <param name="BiasGradient">The pointer to the gradient of its biases.</param>
internal sealed record LayerProduct(
    ProductPlan Forward, int StartOffset, ProductPlan Backward, OuterPlan Outer, Parameter Weight, GateMap Rows,
    IReadOnlyList<(Parameter Bias, GateMap Map)> Biases, string WeightGradient, string BiasGradient)
{
    /// <summary>Columns of out that hold gates; panels may be wider.</summary>
    public int Columns => Rows.Columns;
}

/// <summary>A step of the time loop: a product or a pointwise stage.</summary>
internal sealed record StepPlan(ProductStage? Stage, LayerProduct? Product, StagePlan? Run, StagePlan? Forward);

internal sealed record BackwardStepPlan(ProductStage? Stage, LayerProduct? Product, StagePlan? Pointwise);

/// <param name="Names">The names of what is generated for the layer.</param>
/// <param name="Fused">Pairs of a product and the pointwise stage after it that a single row computes in one go.</param>
internal sealed record RecurrentPlan(
    NodeNames Names, RecurrentNode Recurrent, CellLayout Layout, LayerProduct Input, IReadOnlyList<StepPlan> Steps,
    IReadOnlyList<BackwardStepPlan> BackwardSteps, IReadOnlyList<(string Gate, Parameter Parameter, int Offset)> Peepholes,
    IReadOnlyList<FusedPlan> Fused)
    : NodePlan(Recurrent)
{
    public IEnumerable<(ProductStage Stage, LayerProduct Product)> Products =>
        Steps.Where(s => s.Stage is not null).Select(s => (s.Stage!, s.Product!));

    /// <summary>
    /// The method that computes W x + U h + b of one row at once with reduced weights, where all gates are such sums; null elsewhere.
    /// </summary>
    public string? ReducedStep =>
        Input.Forward.Format != WeightFormatKind.Float32 && Products.Any(p => Layout.AddsToGates(p.Stage)) ? Names["StepRow"] : null;

    /// <summary>The steps of a single row: fused where they can be.</summary>
    public IEnumerable<(StepPlan Step, FusedPlan? Fused)> RowSteps
    {
        get
        {
            for (var i = 0; i < Steps.Count; i++)
            {
                var fused = Fused.FirstOrDefault(f => f.Product == Steps[i].Stage);
                yield return (Steps[i], fused);
                i += fused is null ? 0 : 1;
            }
        }
    }
}

/// <summary>An activation layer's two stages, from rows to other rows or in place; null where the function is the identity.</summary>
internal sealed record ActivationPlan(ActivationNode Activation, StagePlan? Forward, StagePlan? Backward) : NodePlan(Activation);

internal sealed record DensePlan(DenseNode Dense, LayerProduct Product, StagePlan? Activation, StagePlan? ActivationBackward) : NodePlan(Dense);
