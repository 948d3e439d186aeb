using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;

namespace RnnCodegen.Generators.Lowering;

/// <summary>
/// A dense layer: a product, and functions of its rows where the result stands. Where it is one of windows inside rows, they are gathered
/// as rows for the product, and its result is put together as one row.
/// </summary>
internal sealed class DenseLowering : NodeLowering
{
    private readonly DenseNode _node;
    private readonly Weights _weights;
    private readonly RowKernels _kernels;

    public DenseLowering(DenseNode node, ModelGraph graph, BufferTable buffers)
        : base(node, graph, buffers)
    {
        _node = node;
        var spec = node.Spec;
        _weights = new Weights(node, "Product", node.Weight, [0], spec.Units, node.Terms,
            spec.Bias ? [new($"{spec.Name}.bias", [0])] : [], spec.WeightFormat);
        _kernels = new RowKernels(node, new CellShape(node.Cell, node.Gradient, node.Output.Width), node.Output, buffers);
    }

    public override IReadOnlyList<Weights> Weights => [_weights];

    public override IReadOnlyList<TrainedVector> Vectors => _kernels.Vectors;

    public override IEnumerable<Instruction> Forward(Mode mode)
    {
        var (rows, x, y) = (RowsOf(_node.Output, mode), Buffers.Value(_node.Input, mode), Buffers.Value(_node.Output, mode));
        if (_node.Window is { } window)
        {
            var (windows, products) = (Windows(mode), Products(mode));
            yield return new GatherInRows(window, x, windows, rows);
            yield return new Multiply(_weights, windows, products, rows.Each(window.Positions), false);
            yield return new JoinWindows(products, y, rows, window.Positions, _weights.Units);
        }
        else
        {
            yield return new Multiply(_weights, x, y, rows, false);
        }

        if (!_kernels.AreNone)
        {
            yield return _kernels.Forward(mode, rows, y);
        }
    }

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes)
    {
        var (rows, x, dy, dx) = (Rows.Of(_node.Output), Buffers.Value(_node.Input, Mode.Training), Gradient(_node.Output),
            Gradient(_node.Input));
        if (!_kernels.AreNone)
        {
            yield return _kernels.Backward([]);
        }

        if (_node.Window is { } window)
        {
            var (each, windows, products) = (rows.Each(window.Positions), Windows(Mode.Training), Products(Mode.Training));
            var gradients = new Place(OfWindows(BufferRole.WindowGradients, Region.Training, window.Terms, window.Positions));
            yield return new SplitWindows(dy, products, rows, window.Positions, _weights.Units);
            yield return new MultiplyBack(_weights, products, gradients, each, false);
            yield return new AddWeightGradients(_weights, products, windows, each);
            yield return new ScatterInRows(window, gradients, dx, rows);
            yield break;
        }

        yield return new MultiplyBack(_weights, dy, dx, rows, writes.Single().Adds);
        yield return new AddWeightGradients(_weights, dy, x, rows);
    }

    private Place Windows(Mode mode) => new(OfWindows(
        BufferRole.Windows, mode == Mode.Training ? Region.Tape : Region.Run, _node.Window!.Terms, _node.Window.Positions));

    private Place Products(Mode mode) => new(OfWindows(
        BufferRole.Products, mode == Mode.Training ? Region.Training : Region.Run, _weights.Units, _node.Window!.Positions));

    private Buffer OfWindows(BufferRole role, Region region, int width, int windows) =>
        Buffers.OfWindows(role, _node, region, _node.Output, new(width), windows);
}

/// <summary>
/// Rows of a table, behind the columns that are handed on; their gradient goes to the table's once Backward is done.
/// </summary>
internal sealed class EmbeddingLowering(EmbeddingNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private readonly EmbeddingSpec _spec = node.Spec;

    private Place Table => Tensor("weight", _spec.Vocabulary, _spec.Size);

    public override IEnumerable<Instruction> Forward(Mode mode)
    {
        var (y, rows) = (Buffers.Value(node.Output, mode), RowsOf(node.Output, mode));
        if (node.Input is not { } input)
        {
            return [new Lookup(Table, y, rows, _spec.Size)];
        }

        var x = Buffers.Value(input, mode);
        return
        [
            .. Others(input).Select(o => new Copy(x with { Column = o.From }, y with { Column = o.To }, rows, o.Width)),
            new LookupColumn(Table, x with { Column = _spec.Place }, y with { Column = input.Width - 1 }, rows, _spec.Size),
        ];
    }

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => node.Input is not { } input
        ? []
        : Others(input).Select(
            o => new Copy(Gradient(node.Output, o.To), Gradient(input, o.From), Rows.Of(input), o.Width, Adds: true));

    /// <summary>Once Backward is done.</summary>
    public AddLookupGradient TableGradient() => new(
        $"{node.Name}.weight",
        node.Input is { } x ? Buffers.Value(x, Mode.Training) with { Column = _spec.Place } : null, _spec.Taken.Count,
        Gradient(node.Output, node.Output.Width - _spec.Size), _spec.Size);

    /// <summary>The columns before and after that of the ids, with their place in the output.</summary>
    private IEnumerable<(int From, int To, int Width)> Others(Value input) =>
        new[] { (0, 0, _spec.Place), (_spec.Place + 1, _spec.Place, input.Width - 1 - _spec.Place) }.Where(o => o.Item3 > 0);
}

/// <summary>Final states as one row; a streaming step reads the state itself.</summary>
internal sealed class LastLowering(LastNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) => mode == Mode.Step
        ? []
        : Columns().Select(
            c => new Copy(new(Buffers.State(c.State)), Buffers.Value(node.Output, mode) with { Column = c.Column }, Rows.Samples,
                c.State.Size));

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
        Columns().Select(
            c => new Copy(Gradient(node.Output, c.Column), new(Buffers.StateGradient(c.State)), Rows.Samples, c.State.Size, Adds: true));

    private IEnumerable<(StateVector State, int Column)> Columns() =>
        node.States.Select((s, i) => (s, node.States.Take(i).Sum(t => t.Size)));
}
