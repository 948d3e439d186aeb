using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

// Layers that take each row for itself.

internal sealed class DropoutLowering(DropoutNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private Place Mask => new(Buffers.Kept(node, "mask", node.Output, node.Output.Width));

    /// <summary>In inference the output is the input.</summary>
    public override IEnumerable<Instruction> Forward(Mode mode) => mode != Mode.Training ? [] :
    [
        new FillMask(Mask, Rows.Of(node.Output), node.Output.Width, node.Stream, node.Probability),
        new MultiplyRows(Buffers.Value(node.Input, mode), Mask, Buffers.Value(node.Output, mode), Rows.Of(node.Output), node.Output.Width),
    ];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
        [new MultiplyRows(Gradient(node.Output), Mask, Gradient(node.Input), Rows.Of(node.Output), node.Output.Width,
            writes.Single().Adds)];
}

internal sealed class LayerNormLowering(LayerNormNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private int Width => node.Output.Width;

    private Place Statistics => new(Buffers.Statistics(node, node.Output));

    public override IReadOnlyList<TrainedVector> Vectors => [Trained("weight", Width), Trained("bias", Width)];

    public override IEnumerable<Instruction> Forward(Mode mode) => [new Normalize(
        Buffers.Value(node.Input, mode), Tensor("weight", Width), Tensor("bias", Width), Buffers.Value(node.Output, mode),
        mode == Mode.Training ? Statistics : null, RowsOf(node.Output, mode), Width, node.Spec.Epsilon)];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [new NormalizeBack(
        Gradient(node.Output), Buffers.Value(node.Input, Mode.Training), Tensor("weight", Width), Statistics, Gradient(node.Input),
        writes.Single().Adds, VectorGradient("weight", Width), VectorGradient("bias", Width), Rows.Of(node.Output), Width)];
}

internal sealed class AffineLowering(AffineNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private int Width => node.Output.Width;

    public override IReadOnlyList<TrainedVector> Vectors => [Trained("weight", Width), Trained("bias", Width)];

    public override IEnumerable<Instruction> Forward(Mode mode) => [new Affine(
        Buffers.Value(node.Input, mode), Tensor("weight", Width), Tensor("bias", Width), Buffers.Value(node.Output, mode),
        RowsOf(node.Output, mode), Width)];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [new AffineBack(
        Gradient(node.Output), Buffers.Value(node.Input, Mode.Training), Tensor("weight", Width), Gradient(node.Input),
        writes.Single().Adds, VectorGradient("weight", Width), VectorGradient("bias", Width), Rows.Of(node.Output), Width)];
}

internal sealed class PReluLowering(PReluNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    private int Width => node.Output.Width;

    public override IReadOnlyList<TrainedVector> Vectors => [Trained("weight", Width)];

    public override IEnumerable<Instruction> Forward(Mode mode) =>
        [new PRelu(Buffers.Value(node.Input, mode), Tensor("weight", Width), Buffers.Value(node.Output, mode), RowsOf(node.Output, mode),
            Width)];

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) => [new PReluBack(
        Gradient(node.Output), Buffers.Value(node.Input, Mode.Training), Tensor("weight", Width), Gradient(node.Input),
        writes.Single().Adds, VectorGradient("weight", Width), Rows.Of(node.Output), Width)];
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

internal sealed class AddLowering(AddNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) => node.Inputs.Select((x, i) =>
        new Copy(Buffers.Value(x, mode), Buffers.Value(node.Output, mode), RowsOf(node.Output, mode), node.Output.Width, i > 0));

    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes) =>
        writes.Select(w => new Copy(Gradient(node.Output), Gradient(w.Value), Rows.Of(node.Output), node.Output.Width, w.Adds));
}

internal sealed class MultiplyLowering(MultiplyNode node, ModelGraph graph, BufferTable buffers) : NodeLowering(node, graph, buffers)
{
    public override IEnumerable<Instruction> Forward(Mode mode) => Enumerable.Range(1, node.Inputs.Count - 1).Select(i => new MultiplyRows(
        Buffers.Value(i == 1 ? node.Inputs[0] : node.Output, mode), Buffers.Value(node.Inputs[i], mode), Buffers.Value(node.Output, mode),
        RowsOf(node.Output, mode), node.Output.Width));

    /// <summary>A factor's gradient: the product's, times all other factors.</summary>
    public override IEnumerable<Instruction> Backward(IReadOnlyList<GradientWrite> writes)
    {
        for (var factor = 0; factor < writes.Count; factor++)
        {
            var others = node.Inputs.Where((_, i) => i != factor).ToArray();
            var product = Gradient(node.Output);
            for (var i = 0; i < others.Length; i++)
            {
                var isLast = i == others.Length - 1;
                var target = isLast ? Gradient(writes[factor].Value) : Factors();
                yield return new MultiplyRows(
                    product, Buffers.Value(others[i], Mode.Training), target, Rows.Of(node.Output), node.Output.Width,
                    isLast && writes[factor].Adds);
                product = target;
            }
        }
    }

    private Place Factors() => new(Buffers.Of(
        BufferRole.Factors, node, "factors", Region.Training, new(node.Output.Width),
        node.Output.IsSequence ? RowsPer.Step : RowsPer.Sample, node.Output.Axis));
}
