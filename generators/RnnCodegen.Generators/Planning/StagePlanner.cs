using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;

namespace RnnCodegen.Generators.Planning;

/// <summary>Lays a pointwise kernel out for a machine: how its rows stand in memory and into which vectors they are cut.</summary>
internal sealed class StagePlanner(KernelNames names, Machine target)
{
    /// <summary>A kernel, as a method.</summary>
    public StagePlan Plan(PointwiseKernel kernel)
    {
        var own = names.For(kernel.Node);
        return new StagePlan(
            own[PartOf(kernel)], Summary(kernel), kernel.Stage.Size, Blocks.Of(kernel.Stage.Size, target),
            [.. kernel.Operands.Select(Buffer)],
            kernel.Loads.ToDictionary(l => l.Key, l => (IReadOnlyList<StageSlot>)[.. l.Value.Select(Slot)]),
            [.. kernel.Stores.Select(s => new StageStore(Slot(s.Target), s.Value, s.Accumulates, s.IsSum))],
            [.. kernel.Kept.Select(k => (Buffer(k.From), Buffer(k.To)))], [.. kernel.Cleared.Select(Buffer)], kernel.Names, kernel.Text,
            kernel.ObeysLengths, kernel.Walks)
        {
            TakesOneFunctionAWalk = !target.HoldsConstantsOfTwoFunctions,
            Scratch = target.TakesFunctionsFirst && kernel.Use != KernelUse.Backward && kernel.Walks.Reductions.Count == 0
                && kernel.Operands.FirstOrDefault(o => o.Role == OperandRole.Gates) is { } gates ? Buffer(gates) : null,
        };
    }

    /// <summary>What a kernel's stage is called within its layer.</summary>
    public static string NameOf(PointwiseKernel kernel)
    {
        if (kernel.Node is not RecurrentNode node)
        {
            return RowCell.NameOf(kernel.Node switch
            {
                DenseNode dense => dense.Functions,
                RowNode rows => rows.Functions,
                _ => [new DropoutFunction(0)],
            });
        }

        var stages = (kernel.Use == KernelUse.Forward ? node.Cell : node.Training).Stages.OfType<PointwiseStage>().ToList();
        return stages.Count == 1 ? "Cell" : $"Cell{stages.IndexOf(kernel.Stage) + 1}";
    }

    /// <summary>
    /// What its method is to be called: after what it computes, and not after its layer, as layers of equal shape share it.
    /// </summary>
    public static string WishOf(PointwiseKernel kernel) =>
        kernel.Node is RecurrentNode recurrent ? recurrent.Title + PartOf(kernel) : $"{PartOf(kernel)}{kernel.Stage.Size}";

    private static string PartOf(PointwiseKernel kernel) =>
        NameOf(kernel) + kernel.Use switch { KernelUse.Saving => "Saving", KernelUse.Backward => "Backward", _ => "" };

    private static string Summary(PointwiseKernel kernel)
    {
        var rows = kernel.Node is RecurrentNode ? "sample" : "row";
        var results = string.Join(", ", kernel.Stage.Outputs.Select(o => o.Name));
        return kernel.Use == KernelUse.Backward
            ? $"Adjoints of the equations that made {results}, {rows} by {rows}."
            : $"{results} of each {rows}{(kernel.Use == KernelUse.Saving ? ", keeping what Backward needs" : "")}.";
    }

    private StageSlot Slot(OperandSlot slot) => new(Buffer(slot.Operand), slot.Slot);

    private StageBuffer Buffer(Operand operand) => operand.Role == OperandRole.Register
        ? StageBuffer.Registers
        : new(
            ParameterName(operand),
            operand.IsShared ? 0 : operand.Role == OperandRole.Statistics ? operand.Row.Size : target.Stride(operand.Row),
            operand.Row.Parts);

    /// <summary>What a kernel's method calls its operand.</summary>
    private static string ParameterName(Operand operand) => operand.Role switch
    {
        OperandRole.Gates => "gx",
        OperandRole.GateGradient => "dgx",
        OperandRole.StepGates => $"g{operand.Of}",
        OperandRole.StepGateGradient => $"dg{operand.Of}",
        OperandRole.PreviousState => $"{operand.Of}Previous",
        OperandRole.NextState => $"{operand.Of}Next",
        OperandRole.StateGradient => $"d{operand.Of}State",
        OperandRole.Vector => $"{operand.Of}Rows",
        OperandRole.VectorGradient => $"d{operand.Of}Rows",
        OperandRole.Saved => "saved",
        OperandRole.Mask => $"{operand.Of}Rows",
        OperandRole.Statistics => "statistics",
        OperandRole.Parameter => $"{CamelName.Of(operand.Of)}Row",
        OperandRole.ParameterGradient => $"d{CamelName.Capital(operand.Of)}Row",
        OperandRole.Output => StagePlan.Output,
        OperandRole.OutputGradient => "dOutput",
        OperandRole.Input => operand.Of == "y" ? "input" : $"{operand.Of}Rows",
        _ => operand.Of == "y" ? "dInput" : $"d{operand.Of}Rows",
    };
}
