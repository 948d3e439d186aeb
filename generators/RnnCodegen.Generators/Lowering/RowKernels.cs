using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>The kernels of a cell that takes each row for itself; there are none where it computes nothing.</summary>
internal sealed class RowKernels
{
    private readonly PointwiseKernel? _forward;
    private readonly PointwiseKernel? _saving;

    public RowKernels(Node node, CellShape shape)
    {
        var builder = new KernelBuilder(node, shape);
        if (shape.Cell.Stages.OfType<PointwiseStage>().SingleOrDefault() is { } stage)
        {
            _forward = builder.Forward(stage, false);
            _saving = shape.Kept.Count == 0 ? _forward : builder.Forward(stage, true);
            Backward = builder.Backward(shape.Gradient.Stages.OfType<BackwardPointwise>().Single());
        }
    }

    public PointwiseKernel? Backward { get; }

    public PointwiseKernel? Forward(Mode mode) => mode == Mode.Training ? _saving : _forward;
}
