using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>What one node is in a program: its instructions in each pass, and what it trains.</summary>
internal abstract class NodeLowering(Node node, ModelGraph graph, BufferTable buffers)
{
    public Node Node { get; } = node;

    protected BufferTable Buffers { get; } = buffers;

    /// <summary>The weights of its products.</summary>
    public virtual IReadOnlyList<Weights> Weights => [];

    /// <summary>What it trains besides.</summary>
    public virtual IReadOnlyList<TrainedVector> Vectors => [];

    public abstract IEnumerable<Instruction> Forward(Mode mode);

    /// <param name="writes">What happens to the gradients of what the node reads.</param>
    public abstract IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes);

    /// <summary>The one place that knows all kinds of nodes.</summary>
    public static NodeLowering Of(Node node, ModelGraph graph, BufferTable buffers) => node switch
    {
        RecurrentNode r => new RecurrentLowering(r, graph, buffers),
        DenseNode d => new DenseLowering(d, graph, buffers),
        RowNode r => new RowLowering(r, graph, buffers),
        EmbeddingNode e => new EmbeddingLowering(e, graph, buffers),
        LastNode l => new LastLowering(l, graph, buffers),
        DropoutNode d => new DropoutLowering(d, graph, buffers),
        ConcatNode c => new ConcatLowering(c, graph, buffers),
        ReverseTimeNode r => new ReverseTimeLowering(r, graph, buffers),
        WindowNode w => new WindowLowering(w, graph, buffers),
        WindowPoolNode p => new WindowPoolLowering(p, graph, buffers),
        SequencePoolNode p => new SequencePoolLowering(p, graph, buffers),
        PooledNode p => new PooledLowering(p, graph, buffers),
        AttentionNode a => new AttentionLowering(a, graph, buffers),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not lowered."),
    };

    /// <summary>The rows of a value in a pass.</summary>
    protected Rows RowsOf(Value value, Mode mode) => mode == Mode.Step ? Rows.Stream(graph.RowsPerStep(value)) : Rows.Of(value);

    /// <summary>A row a sample.</summary>
    protected static Rows Samples(Mode mode) => mode == Mode.Step ? Rows.Stream(1) : Rows.Samples;

    protected Place Gradient(Value value, int column = 0) => new(Buffers.Gradient(value), Column: column);

    /// <summary>A tensor of the node's own.</summary>
    protected Place Tensor(string part, int rows, int columns = 1) => new(Buffers.Tensor($"{Node.Name}.{part}", rows, columns));

    protected Place VectorGradient(string part, int rows, int columns = 1) =>
        new(Buffers.VectorGradient(Node, part, new(rows * columns)));

    protected TrainedVector Trained(string part, int rows, int columns = 1) => new(Node, Tensor(part, rows, columns).Buffer,
        VectorGradient(part, rows, columns).Buffer, false);
}
