using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Lowering;

// Layers that see several steps, or rows that are no steps.

internal sealed class ReverseTimeLowering(ReverseTimeNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) =>
        [new ReverseSteps(Buffers.Value(node.Input, mode), Buffers.Value(node.Output, mode), RowsOf(node.Input, mode), node.Output.Width)];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
        [new ReverseSteps(Gradient(node.Output), Gradient(node.Input), Rows.Of(node.Input), node.Output.Width, writes.Single().Adds)];
}

internal sealed class WindowLowering(WindowNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private Place? History => node.State is { } state ? new(Buffers.State(state)) : null;

    private Place? HistoryGradient => node.State is { } state ? new(Buffers.StateGradient(state)) : null;

    public override IEnumerable<Instruction> Forward(Mode mode)
    {
        var (x, rows) = (Buffers.Value(node.Input, mode), RowsOf(node.Input, mode));
        yield return new GatherWindows(node, x, rows, History, Buffers.Value(node.Output, mode), RowsOf(node.Output, mode));
        if (History is { } history)
        {
            yield return new CarryWindows(node, x, rows, history);
        }
    }

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes)
    {
        if (HistoryGradient is { } history)
        {
            yield return new CarryWindowsBack(node, history, Gradient(node.Input), Rows.Of(node.Input));
        }

        yield return new ScatterWindows(node, Gradient(node.Output), Rows.Of(node.Output), Gradient(node.Input), Rows.Of(node.Input),
            HistoryGradient);
    }
}

internal sealed class WindowPoolLowering(WindowPoolNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) =>
        [new PoolWindows(node.Pooling, node.Size, Buffers.Value(node.Input, mode), Buffers.Value(node.Output, mode),
            RowsOf(node.Output, mode), node.Output.Width)];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [new PoolWindowsBack(
        node.Pooling, node.Size, Gradient(node.Output), Buffers.Value(node.Input, Mode.Training), Gradient(node.Input),
        Rows.Of(node.Output), node.Output.Width)];
}

internal sealed class SequencePoolLowering(SequencePoolNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph,
    buffers)
{
    private int Width => node.Input.Width;

    private Place? Scores => node.Pooling == SequencePoolingKind.Attention ? Tensor("weight", Width) : null;

    public override IReadOnlyList<TrainedVector> Vectors => node.Pooling == SequencePoolingKind.Attention ? [Trained("weight", Width)] : [];

    public override IEnumerable<Instruction> Forward(Mode mode) =>
        [new PoolSteps(node.Pooling, Scores, Buffers.Value(node.Input, mode), RowsOf(node.Input, mode), Width,
            new(Buffers.State(node.State)))];

    /// <summary>
    /// What the state says after the sequence has its gradient from the pooled row alone, and none goes to the state before.
    /// </summary>
    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
    [
        new PoolStepsBack(
            node.Pooling, Scores, Buffers.Value(node.Input, Mode.Training), Rows.Of(node.Input), Width,
            new(PooledLowering.Kept(node, Buffers)),
            Buffers.Value(node.Pooled, Mode.Training), Gradient(node.Pooled), Gradient(node.Input),
            Scores is null ? null : VectorGradient("weight", Width)),
        new Clear(new(Buffers.StateGradient(node.State)), Rows.Samples),
    ];
}

/// <summary>What a pooling's state says: its gradient is taken by the pooling.</summary>
internal sealed class PooledLowering(PooledNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public static Buffer Kept(SequencePoolNode pool, BufferTable buffers) =>
        buffers.Of(BufferRole.Kept, pool, "pooledState", Region.Tape, new(pool.State.Size), RowsPer.Sample);

    public override IEnumerable<Instruction> Forward(Mode mode)
    {
        var state = new Place(Buffers.State(node.Pool.State));
        yield return new FinishPool(node.Pool.Pooling, state, Buffers.Value(node.Output, mode), Samples(mode), node.Output.Width);
        if (mode == Mode.Training)
        {
            yield return new CopyRows(state, new(Kept(node.Pool, Buffers)), Rows.Samples);
        }
    }

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [];
}

internal sealed class AttentionLowering(AttentionNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private const string ScoreWeight = "score_weight";

    private Place Statistics => new(Buffers.Statistics(node, node.Output, 2));

    private Place? Scores => node.Spec.Score == AttentionScoreKind.Additive ? Tensor(ScoreWeight, node.KeyWidth) : null;

    /// <summary>For the gradients of a query and of the weights of scores, or of the weights that make keys.</summary>
    private Place Sums => new(Buffers.Of(
        BufferRole.AttentionSums, node, "", Region.Training,
        new(Math.Max(2 * node.KeyWidth, node.KeyWeight is null ? 0 : node.KeyWidth * node.Spec.Memory)), RowsPer.Once));

    public override IReadOnlyList<TrainedVector> Vectors =>
        [.. node.Vectors.Select(v => v == ScoreWeight ? Trained(v, node.KeyWidth) : Trained(v, node.KeyWidth, node.Spec.Memory))];

    public override IEnumerable<Instruction> Forward(Mode mode) => [new Attend(
        node, Scores, Buffers.Value(node.Query, mode), Buffers.Value(node.Output, mode), mode == Mode.Training ? Statistics : null,
        RowsOf(node.Query, mode))];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes)
    {
        yield return new AttendBack(
            node, Scores, Buffers.Value(node.Query, Mode.Training), Buffers.Value(node.Output, Mode.Training), Gradient(node.Output),
            Statistics, Gradient(node.Query),
            Scores is null ? null : VectorGradient(ScoreWeight, node.KeyWidth), Sums, Rows.Of(node.Query));
        if (node.KeyWeight is { } weight)
        {
            yield return new AttendKeysBack(node, Tensor(weight, node.KeyWidth, node.Spec.Memory),
                VectorGradient(weight, node.KeyWidth, node.Spec.Memory), Sums);
        }
    }
}
