using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Planning;

/// <summary>Two products of a step's rows at once: out = start + x W^T + h U^T.</summary>
internal sealed record MultiplyBoth(PairPlan Plan, Weights X, Place XIn, Weights H, Place HIn, Place Out) : Instruction;

/// <summary>
/// How the steps of a larger batch are computed where both weights stay in the second-level cache: W x is not made ahead for a chunk of
/// steps, but each tile's sums stay in their registers through both products, and are what they were.
/// </summary>
/// <param name="Name">Method name.</param>
/// <param name="X">W x.</param>
/// <param name="H">U h.</param>
internal sealed record PairPlan(string Name, ProductPlan X, ProductPlan H)
{
    /// <summary>Rows of a step from which on weights are read for enough multiply-adds to be worth reading in every step.</summary>
    public const int LeastRows = 8;

    /// <summary>Plans the loop of a layer; null where it has no such pair, or where the weights are too many.</summary>
    public static PairPlan? Create(TimeLoop loop, PackedWeights packed, KernelNames names, Machine target)
    {
        if (Parts(loop) is not var (x, h) || target.Lanes == 1)
        {
            return null;
        }

        var (input, hidden) = (packed[x.Weights].Forward, packed[h.Weights].Forward);
        var bytes = (long)(input.PackedLength + hidden.PackedLength) * sizeof(float);
        return (input.Format, hidden.Format) == (WeightFormatKind.Float32, WeightFormatKind.Float32) && input.Columns == hidden.Columns
            && input.PanelColumns == hidden.PanelColumns
            && bytes <= target.SecondCache / 4 * 3 && new[] { input.PanelColumns, input.LastColumns }.All(c => LeavesRegister(c, target))
            ? new PairPlan(names.For(x.Weights.Node)[$"{x.Weights.Part}{h.Weights.Part}Pair"], input, hidden)
            : null;
    }

    // With two loops in a method, the compiler spills what a tile that takes all registers needs.
    private static bool LeavesRegister(int columns, Machine target)
    {
        var vectors = Blocks.Of(columns, target).Vectors;
        return !TileShape.TakesAllRegisters(TileShape.Rows(vectors, target), vectors, target);
    }

    /// <summary>The two products of a loop; null where there are not two whose sums are one.</summary>
    public static (Multiply X, Multiply H)? Parts(TimeLoop loop) =>
        loop.Before.Count == 1 && loop.Before[0] is Multiply x && loop.Body.Count > 0 && loop.Body[0] is Multiply { Adds: true } h
            && h.Out.Buffer == x.Out.Buffer
            ? (x, h)
            : null;

    /// <summary>The plan without names and place: what its method's text is made of.</summary>
    public object Shape => (X.WithoutPlace(), H.WithoutPlace());
}
