using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

// Layers that take each row for itself.

/// <summary>
/// Functions of rows. They read vectors whole, so that the caller's rows are first copied to where there is room behind each.
/// </summary>
internal sealed class RowLowering : NodeLowering
{
    private readonly RowNode _node;
    private readonly RowKernels _kernels;

    public RowLowering(RowNode node, ModelGraph graph, BufferTable buffers)
        : base(node, graph, buffers)
    {
        _node = node;
        var shape = new CellShape(node.Cell, node.Gradient, node.Output.Width, inPlace: false);
        _kernels = new RowKernels(node, shape, node.Output, buffers);
    }

    public override IReadOnlyList<TrainedVector> Vectors => _kernels.Vectors;

    public override IEnumerable<Instruction> Forward(Mode mode)
    {
        var (y, rows) = (Buffers.Value(_node.Output, mode), RowsOf(_node.Output, mode));
        Place[] inputs = [.. _node.Inputs.Select(x => Buffers.Value(x, mode))];
        if (_kernels.AreNone)
        {
            yield return new Copy(inputs.Single(), y, rows, _node.Output.Width);
            yield break;
        }

        // One of the inputs at most is the model's, as often as it is read.
        if (inputs.FirstOrDefault(x => x.Buffer.Region == Region.Caller) is { Buffer: not null } callers)
        {
            yield return new Copy(callers, y, rows, _node.Output.Width);
            inputs = [.. inputs.Select(x => x == callers ? y : x)];
        }

        yield return _kernels.Forward(mode, rows, y, gate => inputs[IndexOf(gate)]);
    }

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes)
    {
        if (_kernels.AreNone)
        {
            yield return new Copy(Gradient(_node.Output), Gradient(_node.Inputs.Single()), Rows.Of(_node.Output), _node.Output.Width,
                writes.Single().Adds);
            yield break;
        }

        yield return _kernels.Backward(
            [.. _node.Cell.Gates.Where((_, i) => writes[i].Adds)],
            gate => Buffers.Value(_node.Inputs[IndexOf(gate)], Mode.Training), gate => Gradient(_node.Inputs[IndexOf(gate)]));
    }

    private int IndexOf(string gate) => _node.Cell.Gates.ToList().IndexOf(gate);
}

/// <summary>Dropout: masks in training; in inference the output is the input.</summary>
internal sealed class DropoutLowering : NodeLowering
{
    private readonly DropoutNode _node;
    private readonly RowKernels _kernels;

    public DropoutLowering(DropoutNode node, ModelGraph graph, BufferTable buffers)
        : base(node, graph, buffers)
    {
        _node = node;
        var shape = new CellShape(node.Cell, node.Gradient, node.Output.Width, inPlace: false);
        _kernels = new RowKernels(node, shape, node.Output, buffers);
    }

    public override IEnumerable<Instruction> Forward(Mode mode) => mode != Mode.Training ? [] :
    [
        .. _node.Cell.Masks.Select(m => new FillMask(new(Buffers.Kept(_node, m.Name, _node.Output, new(m.Size))), Rows.Of(_node.Output),
            m.Size, _node.Stream, m.Probability)),
        _kernels.Forward(mode, Rows.Of(_node.Output), Buffers.Value(_node.Output, mode), _ => Buffers.Value(_node.Input, mode)),
    ];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
        [_kernels.Backward([.. _node.Cell.Gates.Where(_ => writes.Single().Adds)], _ => Buffers.Value(_node.Input, Mode.Training),
            _ => Gradient(_node.Input))];
}

internal sealed class ConcatLowering(ConcatNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) => node.Inputs.Select((x, i) =>
        new Copy(Buffers.Value(x, mode), Buffers.Value(node.Output, mode) with { Column = ColumnOf(i) }, RowsOf(node.Output, mode),
            x.Width));

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => writes.Select((w, i) =>
        new Copy(Gradient(node.Output, ColumnOf(i)), Gradient(w.Value), Rows.Of(node.Output), w.Value.Width, w.Adds));

    private int ColumnOf(int input) => node.Inputs.Take(input).Sum(x => x.Width);
}
