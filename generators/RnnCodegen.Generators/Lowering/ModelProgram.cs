using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>A pass over a sequence.</summary>
/// <param name="Steps">What has a row a step. Inference may do it segment by segment: each continues with the state that the one before
/// left.</param>
/// <param name="Last">What has a row a sequence, once all steps are done.</param>
internal sealed record SequenceProgram(IReadOnlyList<Instruction> Steps, IReadOnlyList<Instruction> Last);

/// <summary>
/// Everything a model does, in order, for any machine: which matrices there are, what is computed from what, what overwrites and what adds.
/// Nothing in it is a name, a stride or an address.
/// </summary>
/// <param name="Graph">What it computes.</param>
/// <param name="Weights">The weights of all products, layer by layer.</param>
/// <param name="Vectors">All other tensors with a gradient that is a sum over rows: those of cells, then those of layers' own
/// functions.</param>
/// <param name="Buffers">All matrices.</param>
/// <param name="Step">A streaming step of one sample; null where the model needs whole sequences.</param>
/// <param name="Run">Inference.</param>
/// <param name="Forward">Training's forward pass.</param>
/// <param name="Backward">Its adjoint, over the whole sequence at once.</param>
/// <param name="AfterBackward">The gradients of tables, which are the whole batch's.</param>
internal sealed record ModelProgram(
    ModelGraph Graph, IReadOnlyList<Weights> Weights, IReadOnlyList<TrainedVector> Vectors, IReadOnlyList<Buffer> Buffers,
    IReadOnlyList<Instruction>? Step,
    SequenceProgram Run, SequenceProgram Forward, IReadOnlyList<Instruction> Backward, IReadOnlyList<Instruction> AfterBackward)
{
    /// <summary>All kernels of a pass, each once, in order.</summary>
    public static IEnumerable<PointwiseKernel> KernelsOf(IEnumerable<Instruction> instructions) =>
        Flatten(instructions).OfType<Stage>().Select(s => s.Kernel).Distinct();

    /// <summary>Instructions with those inside of them.</summary>
    public static IEnumerable<Instruction> Flatten(IEnumerable<Instruction> instructions) => instructions.SelectMany(i => i switch
    {
        Layer layer => Flatten(layer.Instructions),
        TimeLoop loop => Flatten(loop.Before.Concat(loop.Body).Concat(loop.After)),
        IfInputGradient wanted => [wanted.Instruction],
        _ => (IEnumerable<Instruction>)[i],
    });
}
