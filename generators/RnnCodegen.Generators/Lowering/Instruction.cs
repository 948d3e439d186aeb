using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

/// <summary>
/// One operation of a program. Whoever runs a program, or writes one for a machine, knows each of these and nothing of nodes.
/// </summary>
internal abstract record Instruction;

/// <summary>out = start + in W^T, where start is the biases (or zeros), or, where <paramref name="Adds"/>, what out holds.</summary>
internal sealed record Multiply(Weights Weights, Place In, Place Out, Rows Rows, bool Adds) : Instruction;

/// <summary>
/// The gradient of a product's operand, from that of its result: in = start + out W, where start is zeros or what in holds.
/// </summary>
internal sealed record MultiplyBack(Weights Weights, Place Out, Place In, Rows Rows, bool Adds) : Instruction;

/// <summary>The gradients of a product's weights and biases: dW += out^T in and db += the sum of out's rows.</summary>
internal sealed record AddWeightGradients(Weights Weights, Place Out, Place In, Rows Rows) : Instruction;

/// <summary>A kernel over rows, each operand at its place.</summary>
internal sealed record Stage(PointwiseKernel Kernel, IReadOnlyList<Place> Places, Rows Rows) : Instruction;

/// <summary>to = from, or to += from; one of them may be the caller's.</summary>
internal sealed record Copy(Place From, Place To, Rows Rows, int Width, bool Adds = false) : Instruction;

/// <summary>to = from, whole rows, with the zeros that a machine has behind them.</summary>
internal sealed record CopyRows(Place From, Place To, Rows Rows) : Instruction;

/// <summary>Rows become zero whole.</summary>
internal sealed record Clear(Place Place, Rows Rows) : Instruction;

/// <summary>What a machine may have behind the columns of a row becomes zero, because products will read it.</summary>
internal sealed record ClearPadding(Place Place, Rows Rows) : Instruction;

/// <summary>Rows past their sample's length become zero.</summary>
internal sealed record ClearPastLengths(Place Place, Rows Rows, int Width) : Instruction;

/// <summary>Does an instruction only where the caller wants the gradient of the input.</summary>
internal sealed record IfInputGradient(Instruction Instruction) : Instruction;

/// <summary>
/// The steps of an axis one after the other, a chunk of them at a time: what is before the loop is done once a chunk, and so is what is
/// after it. Within a chunk and from chunk to chunk, steps are in order, or in reverse.
/// </summary>
internal sealed record TimeLoop(
    TimeAxis Axis, bool IsDescending, IReadOnlyList<Instruction> Before, IReadOnlyList<Instruction> Body, IReadOnlyList<Instruction> After)
    : Instruction;

/// <summary>The instructions of a recurrent layer, which are a unit for whoever writes code.</summary>
internal sealed record Layer(RecurrentNode Node, IReadOnlyList<Instruction> Instructions) : Instruction
{
    public TimeLoop? Loop => Instructions.OfType<TimeLoop>().SingleOrDefault();
}
