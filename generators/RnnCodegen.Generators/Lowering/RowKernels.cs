using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>The kernels of a cell that takes each row for itself, and where their operands are.</summary>
internal sealed class RowKernels
{
    private readonly CellShape _shape;
    private readonly KernelBuilder _builder;
    private readonly PointwiseStage? _stage;
    private readonly PointwiseKernel? _forward;
    private readonly PointwiseKernel? _saving;
    private readonly Node _node;
    private readonly Value _rows;
    private readonly BufferTable _buffers;

    /// <param name="node">The layer.</param>
    /// <param name="shape">Its cell.</param>
    /// <param name="rows">The value that has a row for each of the cell's.</param>
    /// <param name="buffers">The matrices.</param>
    public RowKernels(Node node, CellShape shape, Value rows, BufferTable buffers)
    {
        (_node, _shape, _rows, _buffers, _builder) = (node, shape, rows, buffers, new KernelBuilder(node, shape));
        _stage = shape.Cell.Stages.OfType<PointwiseStage>().SingleOrDefault();
        if (_stage is not null)
        {
            _forward = _builder.Forward(_stage, false);
            _saving = shape.Kept.Count + shape.KeptOfRow.Count == 0 ? _forward : _builder.Forward(_stage, true);
        }

        Vectors = [.. shape.Cell.Parameters.Select(p => new TrainedVector(node, TensorOf(p), GradientOf(p), true))];
    }

    /// <summary>The tensors that the equations read.</summary>
    public IReadOnlyList<TrainedVector> Vectors { get; }

    /// <summary>Whether the result is the argument, so that there is nothing to compute.</summary>
    public bool AreNone => _stage is null;

    /// <summary>A forward pass over rows.</summary>
    /// <param name="mode">Which.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="output">Where the result goes, and, for a cell that works in place, where its argument is.</param>
    /// <param name="input">Where each argument is; null for a cell that works in place.</param>
    public Stage Forward(Mode mode, Rows rows, Place output, Func<string, Place>? input = null)
    {
        var kernel = (mode == Mode.Training ? _saving : _forward)!;
        return new Stage(kernel, [.. kernel.Operands.Select(o => o.Role == OperandRole.Input ? input!(o.Of) : PlaceOf(o, output))], rows);
    }

    /// <summary>Its adjoint.</summary>
    /// <param name="addsTo">Arguments whose gradients are added to.</param>
    /// <param name="input">Where each argument is; null for a cell that works in place.</param>
    /// <param name="inputGradient">Where the gradient of each goes; null for a cell that works in place.</param>
    public Stage Backward(
        IReadOnlyCollection<string> addsTo, Func<string, Place>? input = null, Func<string, Place>? inputGradient = null)
    {
        var kernel = _builder.Backward(_shape.Gradient.Stages.OfType<BackwardPointwise>().Single(), addsTo);
        return new Stage(kernel, [.. kernel.Operands.Select(o => o.Role switch
        {
            OperandRole.Input => input!(o.Of),
            OperandRole.InputGradient => inputGradient!(o.Of),
            _ => PlaceOf(o, _buffers.Value(_rows, Mode.Training)),
        })], Rows.Of(_rows));
    }

    private Place PlaceOf(Operand operand, Place output) => operand.Role switch
    {
        OperandRole.Output => output,
        OperandRole.OutputGradient => new(_buffers.Gradient(_rows)),
        OperandRole.Saved => new(_buffers.Kept(_node, "saved", _rows, operand.Row)),
        OperandRole.Statistics => new(_buffers.Statistics(_node, _rows, operand.Row.Size)),
        OperandRole.Mask => new(_buffers.Kept(_node, operand.Of, _rows, operand.Row)),
        OperandRole.Parameter => new(TensorOf(ParameterOf(operand))),
        OperandRole.ParameterGradient => new(GradientOf(ParameterOf(operand))),
        _ => throw new InvalidOperationException($"{operand.Role} has no place in a cell of rows."),
    };

    private CellParameter ParameterOf(Operand operand) => _shape.Cell.Parameters.First(p => p.Name == operand.Of);

    private Buffer TensorOf(CellParameter p) => _buffers.Tensor(p.Tensor, p.Size);

    private Buffer GradientOf(CellParameter p) => _buffers.VectorGradient(_node, CamelName.Of(p.Name), new(p.Size));
}
