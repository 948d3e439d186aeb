using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>
/// A product inside the time loop and the pointwise stage after it, for a single row: the sums of a few blocks of units are made in
/// registers and go straight into the cell, so that the cell of one group overlaps with reading the weights of the next.
/// </summary>
/// <param name="Names">The names of what is generated for the layer.</param>
/// <param name="Part">Starts those of this.</param>
/// <param name="Product">The product.</param>
/// <param name="Hidden">Its weights.</param>
/// <param name="Input">W x, where a streaming step can take it through the same registers; null where it needs the gates in memory.</param>
/// <param name="Kernel">The equations.</param>
/// <param name="Stage">The same, laid out; leaves that are sums stand in <see cref="StageBuffer.Registers"/>.</param>
/// <param name="Sums">Those sums, for each block of units.</param>
/// <param name="HasOwnStart">Whether some sums start from biases of the product's own.</param>
/// <param name="Gates">Gates of W x, next to each other in its rows.</param>
/// <param name="Calls">Groups of blocks, in order.</param>
/// <param name="Replaced">The state that is multiplied and at the same time
/// made anew, where that needs a second place; null elsewhere.</param>
/// <param name="HasSumsInMemory">Whether the sums of all units go to memory first, and from there into the cell.</param>
internal sealed record FusedPlan(
    NodeNames Names, string Part, ProductStage Product, LayerProduct Hidden, LayerProduct? Input, PointwiseKernel Kernel, StagePlan Stage,
    IReadOnlyList<FusedSum> Sums, bool HasOwnStart, int Gates, IReadOnlyList<FusedCall> Calls, string? Replaced, bool HasSumsInMemory)
{
    /// <summary>A product of so few terms is written out rather than looped over.</summary>
    public const int TermsWrittenOut = 4;

    /// <summary>
    /// Sums that each of a kernel's sums is split into by k: as of any single row, but one where the terms are written out.
    /// </summary>
    /// <param name="sums">Sums that the product adds to.</param>
    /// <param name="k">Terms of a sum.</param>
    /// <param name="target">The machine.</param>
    public static int Chains(int sums, int k, Machine target) =>
        k <= TermsWrittenOut ? 1 : TileShape.RowChains(sums, target);

    /// <summary>
    /// Terms that a kernel adds in one round of its loop: one of each chain, or as many as one load brings the factors of, where a machine
    /// takes them out of a vector.
    /// </summary>
    /// <param name="chains">Sums that each sum is split into.</param>
    /// <param name="lanes">Units of the kernel's widest vector.</param>
    /// <param name="target">The machine.</param>
    public static int TermsPerRound(int chains, int lanes, Machine target) => SharesLoads(lanes, target) ? Math.Max(chains, 4) : chains;

    /// <summary>Whether one load, of 128 bits, brings the factors of four terms.</summary>
    public static bool SharesLoads(int lanes, Machine target) =>
        target.MultipliesByElement || (target.ShufflesBesideMultiplyAdds && lanes == target.Lanes);

    /// <summary>Method name; the rows of W x + b are given.</summary>
    public string RowName => Names[$"{Part}Row"];

    /// <summary>Method name; x is given.</summary>
    public string StepName => Names[$"{Part}Step"];

    /// <summary>Name of the kernel of a group of blocks.</summary>
    /// <param name="call">The group.</param>
    /// <param name="takesInput">Whether x is given.</param>
    public string KernelName(FusedCall call, bool takesInput) =>
        Names[$"{Part}{(takesInput ? "Step" : "Row")}{call.First}x{call.Lanes.Sum()}"];
}

/// <summary>One vector of sums: a gate's W x + b, its product in the time loop, or both in one.</summary>
/// <param name="Name">Name in generated code, before the block's number.</param>
/// <param name="InputSlot">Which gate of W x it starts with; -1 for none.</param>
/// <param name="ProductSlot">Which gate of the product it adds; -1 for none.</param>
internal sealed record FusedSum(string Name, int InputSlot, int ProductSlot);

/// <summary>A group of blocks of units whose sums are made at a time, repeated over further groups.</summary>
/// <param name="First">First block.</param>
/// <param name="Lanes">Units of each block.</param>
/// <param name="Repeats">Number of calls.</param>
internal sealed record FusedCall(int First, IReadOnlyList<int> Lanes, int Repeats);

/// <summary>Plans what a single row of a recurrent layer computes in one go.</summary>
internal sealed class FusedPlanner(
    NodeNames names, RecurrentNode node, StagePlanner planner, LayerProduct input, int zeroOffset, Machine target)
{
    private static readonly Operand s_registers = new(OperandRole.Register, "", default);

    private readonly KernelBuilder _kernels = new(node, new CellShape(node.Cell, node.Gradient, node.Output?.Width ?? 0));

    public FusedPlan? Plan(ProductStage product, LayerProduct hidden)
    {
        var stages = node.Cell.Stages.ToList();
        if (target.Lanes == 1 || stages[stages.IndexOf(product) + 1] is not PointwiseStage stage || stage.Size != product.Size)
        {
            // Plain C# has no vectors whose latencies it could overlap.
            return null;
        }

        var sums = new List<FusedSum>();
        var gates = product.Gates.Select(g => g.Gate).ToList();

        // Once to find the sums, and again with the sums in the gates' order.
        _ = _kernels.Forward(stage, false, SumOf);
        sums = [.. sums.OrderBy(s => s.InputSlot >= 0 ? s.InputSlot : InputSlot(product.Gates[s.ProductSlot].Gate))
            .ThenBy(s => s.ProductSlot < 0)];
        var kernel = _kernels.Forward(stage, false, SumOf);
        if (kernel.Walks.Reductions.Count > 0)
        {
            // A row must be there whole before anything can be told of it.
            return null;
        }

        var hasOwnStart = hidden.StartOffset != zeroOffset && sums.Any(s => s.InputSlot < 0);
        var usesAllGates = sums.Count(s => s.InputSlot >= 0) == node.Cell.Gates.Count;
        var replaced = stage.Outputs.FirstOrDefault(o => o.IsState && o.Name == product.OperandName)?.Name;
        var plan = planner.Plan(kernel);
        var isInMemory = plan.Functions > target.FunctionsBesideSums;
        var calls = Calls(product, hidden, sums);
        return new FusedPlan(
            names, StagePlanner.NameOf(kernel), product, hidden, usesAllGates ? input : null, kernel,
            isInMemory ? plan.WithSumsIn(new StageBuffer("sums", 0, sums.Count)) : plan, sums, hasOwnStart, node.Cell.Gates.Count, calls,
            calls.Sum(c => c.Repeats) > 1 && !isInMemory ? replaced : null, isInMemory);

        OperandSlot? SumOf(Expr e)
        {
            var isSum = node.Cell.IsGateSum(e);
            var gate = isSum ? e.Arguments[0].Name : e.Name;
            var slot = gates.IndexOf(gate);
            var sum =
                isSum && slot >= 0 ? new FusedSum($"s{gate.ToUpperInvariant()}", InputSlot(gate), slot)
                : e.IsSignal(SignalKind.InputProduct) ? new FusedSum($"x{gate.ToUpperInvariant()}", InputSlot(gate), -1)
                : e.IsSignal(SignalKind.StepProduct) && slot >= 0 ? new FusedSum($"u{gate.ToUpperInvariant()}", -1, slot)
                : null;
            if (sum is null)
            {
                return null;
            }

            if (!sums.Contains(sum))
            {
                sums.Add(sum);
            }

            return new OperandSlot(s_registers, sums.IndexOf(sum));
        }
    }

    private int InputSlot(string gate) => node.Cell.Gates.ToList().IndexOf(gate);

    private List<FusedCall> Calls(ProductStage product, LayerProduct hidden, List<FusedSum> sums)
    {
        var units = Blocks.Of(product.Size, target);
        var active = Math.Max(1, sums.Count(s => s.ProductSlot >= 0));
        var blocks = units.Full / target.Lanes;

        // Whole panels of both products, so that each group finds its weights at the same distance from the group before.
        var most = Math.Max(1, (target.Registers - 4) / sums.Count);

        // The walk turns between groups, so that the weights it read last are those it reads first. The smaller the groups, the more of
        // them are still near; where all stay in the first-level cache, or few in the second, that does not matter.
        var bytes = (input.Forward.PackedLength + hidden.Forward.PackedLength) * sizeof(float);
        var isSmall = bytes > target.FirstCache && bytes <= target.MostInSmallGroups;
        var wanted = Math.Max(1, target.Chains / (isSmall ? 2 : 1) / active);
        var size = Enumerable.Range(1, most).Where(IsWhole).OrderBy(n => Math.Abs(n - wanted)).FirstOrDefault();
        var calls = new List<FusedCall>();
        var done = 0;
        if (size > 0 && blocks >= size)
        {
            calls.Add(new FusedCall(0, [.. Enumerable.Repeat(target.Lanes, size)], blocks / size));
            done = blocks / size * size;
        }

        var rest = Enumerable.Repeat(target.Lanes, blocks - done).Concat(units.Tail > 0 ? [units.Tail] : Array.Empty<int>()).ToArray();
        for (var k = 0; k < rest.Length; k += most)
        {
            calls.Add(new FusedCall(done + k, [.. rest.Skip(k).Take(most)], 1));
        }

        return calls;

        bool IsWhole(int n) =>
            n * product.Gates.Count * target.Lanes % hidden.Forward.PanelColumns == 0 &&
            n * node.Cell.Gates.Count * target.Lanes % input.Forward.PanelColumns == 0;
    }
}
