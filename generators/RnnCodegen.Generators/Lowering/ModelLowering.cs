using RnnCodegen.Generators.Graph;

namespace RnnCodegen.Generators.Lowering;

/// <summary>Lowers a graph to the program of all its passes.</summary>
internal static class ModelLowering
{
    public static ModelProgram Lower(ModelGraph graph)
    {
        var buffers = new BufferTable(graph);
        var layers = graph.Nodes.Select(n => NodeLowering.Of(n, graph, buffers)).ToArray();
        var byNode = layers.ToDictionary(l => l.Node);

        // In this order, which is that of the matrices in memory.
        TrainedVector[] vectors = [.. layers.SelectMany(l => l.Vectors).OrderBy(v => v.IsOfCell ? 0 : 1)];
        var transform = graph.Transform is { } t ? new RowLowering(t, graph, buffers) : null;
        var run = SequenceOf(graph, buffers, layers, transform, Mode.Run);
        var step = graph.CanStream ? StepOf(graph, buffers, layers, transform) : null;
        var forward = SequenceOf(graph, buffers, layers, null, Mode.Training);
        var backward = BackwardOf(graph, buffers, byNode);
        return new ModelProgram(
            graph, [.. layers.SelectMany(l => l.Weights)], vectors, buffers.Items, step, run, forward, backward,
            [.. layers.OfType<EmbeddingLowering>().Select(e => e.TableGradient())]);
    }

    private static List<Instruction> StepOf(
        ModelGraph graph, BufferTable buffers, IEnumerable<NodeLowering> layers, RowLowering? transform)
    {
        var code = new List<Instruction>();
        if (graph.Input is { } x && graph.StepRows > 1)
        {
            code.Add(new Copy(new(buffers.Caller(BufferRole.Input, x)), buffers.Value(x, Mode.Step), Rows.Stream(graph.StepRows), x.Width));
        }

        code.AddRange(layers.SelectMany(l => l.Forward(Mode.Step)));
        code.AddRange(transform?.Forward(Mode.Step) ?? []);
        code.Add(new Copy(buffers.Value(ResultOf(graph, transform), Mode.Step), new(buffers.Caller(BufferRole.Output, graph.Output)),
            Rows.Stream(1), graph.Output.Width));
        return code;
    }

    private static Value ResultOf(ModelGraph graph, RowLowering? transform) => transform?.Node.Result ?? graph.Output;

    private static SequenceProgram SequenceOf(
        ModelGraph graph, BufferTable buffers, IReadOnlyList<NodeLowering> layers, RowLowering? transform, Mode mode)
    {
        var (steps, last) = (new List<Instruction>(), new List<Instruction>());
        if (graph.Input is { } x)
        {
            var rows = buffers.Value(x, mode);
            steps.Add(new Copy(new(buffers.Caller(BufferRole.Input, x)), rows, Rows.Of(x), x.Width));
            if (mode == Mode.Training || graph.Categories.Any())
            {
                // Weight gradients are sums over all rows, and an id is read wherever it stands.
                steps.Add(new ClearPastLengths(rows, Rows.Of(x), x.Width));
            }
        }

        foreach (var layer in layers)
        {
            (layer.Node.IsSequence ? steps : last).AddRange(layer.Forward(mode));
        }

        var output = graph.Output;
        (output.IsSequence ? steps : last).AddRange(transform?.Forward(mode) ?? []);
        var result = buffers.Value(ResultOf(graph, transform), mode);
        if (output.IsSequence)
        {
            steps.Add(new ClearPastLengths(result, Rows.Of(output), output.Width));
        }

        (output.IsSequence ? steps : last).Add(
            new Copy(result, new(buffers.Caller(BufferRole.Output, output)), Rows.Of(output), output.Width));
        return new SequenceProgram(steps, last);
    }

    private static List<Instruction> BackwardOf(ModelGraph graph, BufferTable buffers, Dictionary<Node, NodeLowering> layers)
    {
        var output = graph.Output;
        var dy = new Place(buffers.Gradient(output));
        var code = new List<Instruction>
        {
            new Copy(new(buffers.Caller(BufferRole.OutputGradient, output)), dy, Rows.Of(output), output.Width),
            new ClearPadding(dy, Rows.Of(output)),
        };
        if (output.IsSequence)
        {
            code.Add(new ClearPastLengths(dy, Rows.Of(output), output.Width));
        }

        foreach (var node in ModelGradient.Of(graph).Nodes)
        {
            code.AddRange(node.NeedPadding.Select(v => new ClearPadding(new(buffers.Gradient(v)), Rows.Of(v))));
            code.AddRange(node.NeedZeros.Select(v => new Clear(new(buffers.Gradient(v)), Rows.Of(v))));
            code.AddRange(layers[node.Node].Backward(node.Writes));
        }

        if (graph.Input is { } x)
        {
            code.Add(
                new IfInputGradient(
                    new Copy(new(buffers.Gradient(x)), new(buffers.Caller(BufferRole.InputGradient, x)), Rows.Of(x), x.Width)));
        }

        return code;
    }
}
