using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>
/// What a buffer holds. With its owner and its part it is the buffer's identity, from which names are made; the order is that of memory.
/// </summary>
internal enum BufferRole
{
    /// <summary>The caller's rows of x, or of what comes out of the model, and their gradients: without room behind a row.</summary>
    Input,
    Output,
    InputGradient,
    OutputGradient,

    /// <summary>A tensor of the parameters; the owner is its name.</summary>
    Tensor,

    /// <summary>A state vector of the model, and its gradient.</summary>
    State,
    StateGradient,

    /// <summary>A value of the graph.</summary>
    Value,

    /// <summary>What Forward keeps for Backward of a layer.</summary>
    Kept,

    /// <summary>The same, a few numbers a row that are no vector: they stand without gaps.</summary>
    Statistics,

    /// <summary>What the products of windows inside rows read, and their gradients.</summary>
    Windows,
    WindowGradients,

    /// <summary>What they make, and, in Backward, the gradients of that.</summary>
    Products,

    /// <summary>The gradient of a vector that is trained, a sum over rows.</summary>
    VectorGradient,

    /// <summary>What a recurrent layer hands on within a step, or from a chunk of steps to its time loop.</summary>
    Gates,
    StepGates,
    StepVector,

    /// <summary>A state of a single row while its next value is made.</summary>
    OtherState,

    /// <summary>The sums of a single row's product, on their way to its cell.</summary>
    RowSums,
    GateGradients,
    StepGateGradients,
    StepVectorGradient,

    /// <summary>Numbers of double precision that the backward pass of an attention sums up in.</summary>
    AttentionSums,

    /// <summary>The gradient of a value.</summary>
    Gradient,

    /// <summary>The valid steps of each sample on an axis that windows made.</summary>
    Lengths,
}

/// <summary>Where a buffer lives, and how long.</summary>
internal enum Region
{
    /// <summary>It is the caller's.</summary>
    Caller,

    /// <summary>The flat parameters.</summary>
    Parameters,

    /// <summary>The call's state.</summary>
    State,

    /// <summary>Temporary, in inference.</summary>
    Run,

    /// <summary>Kept from Forward to Backward.</summary>
    Tape,

    /// <summary>Temporary, in Forward and Backward.</summary>
    Training,
}

/// <summary>How many rows a buffer has.</summary>
internal enum RowsPer
{
    /// <summary>One.</summary>
    Once,

    /// <summary>One a sample.</summary>
    Sample,

    /// <summary>One a step of its axis and sample.</summary>
    Step,

    /// <summary>One before each step and one after the last, of each sample.</summary>
    StepAndEnd,

    /// <summary>One a sample and step of a chunk, which a time loop takes at a time.</summary>
    ChunkStep,
}

/// <summary>
/// A row: one vector, or several of the same size, e.g. the gates of a product. How these stand in memory is a machine's choice.
/// </summary>
/// <param name="Size">Values of a vector.</param>
/// <param name="Parts">Vectors.</param>
internal readonly record struct RowShape(int Size, int Parts = 1);

/// <summary>A matrix that a program reads or writes: rows of one shape. Two are the same if they are one object.</summary>
internal sealed class Buffer(BufferRole role, object owner, string part, Region region, RowShape shape, RowsPer rows, TimeAxis? axis)
{
    public BufferRole Role { get; } = role;

    /// <summary>The value, node, state or axis that it belongs to.</summary>
    public object Owner { get; } = owner;

    /// <summary>Which of its owner's buffers it is, as data: the name of a state, a gate or a product; empty where there is one.</summary>
    public string Part { get; } = part;

    public Region Region { get; } = region;

    public RowShape Shape { get; } = shape;

    public RowsPer Rows { get; } = rows;

    /// <summary>The axis of the steps; null where rows are no steps.</summary>
    public TimeAxis? Axis { get; } = axis;

    /// <summary>Rows that there are for each of <see cref="Rows"/>.</summary>
    public int Times { get; init; } = 1;
}
