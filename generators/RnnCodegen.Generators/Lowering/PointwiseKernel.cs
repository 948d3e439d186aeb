using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>What a kernel's operand is to the cell.</summary>
internal enum OperandRole
{
    /// <summary>W x + b, all gates of a unit; the gradient of it.</summary>
    Gates,
    GateGradient,

    /// <summary>A product inside the time loop; the gradient of it.</summary>
    StepGates,
    StepGateGradient,
    PreviousState,
    NextState,
    StateGradient,

    /// <summary>A vector that an earlier stage of the step made; the gradient of it.</summary>
    Vector,
    VectorGradient,

    /// <summary>What Forward keeps for Backward.</summary>
    Saved,

    /// <summary>The same: numbers of a row, not vectors.</summary>
    Statistics,

    /// <summary>Vectors of a trained tensor; the gradients of them.</summary>
    Parameter,
    ParameterGradient,

    /// <summary>A mask of dropout.</summary>
    Mask,
    Output,
    OutputGradient,

    /// <summary>No memory: a sum that a machine has in a register.</summary>
    Register,

    /// <summary>An argument's rows, where a cell without state does not work in place.</summary>
    Input,
    InputGradient,
}

/// <summary>An operand of a pointwise kernel: rows, or one vector for all rows.</summary>
/// <param name="Role">What it is.</param>
/// <param name="Of">Which product, state, vector, parameter or argument; empty where there is one.</param>
/// <param name="Row">Its whole row, of which the kernel may see some columns.</param>
internal sealed record Operand(OperandRole Role, string Of, RowShape Row)
{
    /// <summary>Whether all rows share one vector.</summary>
    public bool IsShared => Role is OperandRole.Parameter or OperandRole.ParameterGradient;
}

/// <summary>One vector of an operand's row.</summary>
internal readonly record struct OperandSlot(Operand Operand, int Slot);

/// <summary>Writes a value, or adds it: to what is there, or to a sum over all rows.</summary>
internal sealed record KernelStore(OperandSlot Target, Expr Value, bool Accumulates = false, bool IsSum = false);

/// <summary>In what a kernel is used.</summary>
internal enum KernelUse
{
    /// <summary>Inference, and training where nothing else is kept.</summary>
    Forward,

    /// <summary>Training: the same, and what Backward needs is kept.</summary>
    Saving,
    Backward,
}

/// <summary>A stage of a cell, row by row: where each leaf of its equations comes from and where each result goes.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Stage">The equations it computes, or whose adjoints.</param>
/// <param name="Use">Which of these.</param>
/// <param name="Operands">What it is called with, in order; an instruction binds each to a place.</param>
/// <param name="Loads">Leaves; where one is the sum of two vectors there are two.</param>
/// <param name="Stores">Results, in order.</param>
/// <param name="Kept">On a row past its sample's length: (from, to) copies, so that a state stays as it was.</param>
/// <param name="Cleared">On such a row: what becomes zero.</param>
/// <param name="Names">What equations call their nodes.</param>
/// <param name="Text">Prints equations.</param>
internal sealed record PointwiseKernel(
    Node Node, PointwiseStage Stage, KernelUse Use, IReadOnlyList<Operand> Operands,
    IReadOnlyDictionary<Expr, IReadOnlyList<OperandSlot>> Loads,
    IReadOnlyList<KernelStore> Stores, IReadOnlyList<(Operand From, Operand To)> Kept, IReadOnlyList<Operand> Cleared,
    IReadOnlyDictionary<Expr, NodeName> Names, EquationText Text)
{
    /// <summary>Whether rows past their sample's length are such.</summary>
    public bool ObeysLengths => Node is RecurrentNode;

    /// <summary>Whether it adds to sums over all rows.</summary>
    public bool HasSums => Stores.Any(s => s.IsSum);

    /// <summary>How its rows are walked.</summary>
    public RowWalks Walks { get; } = RowWalks.Of(Stores, Loads, Names);

    public bool Equals(PointwiseKernel? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
