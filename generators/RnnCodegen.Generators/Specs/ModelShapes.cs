namespace RnnCodegen.Generators.Specs;

/// <summary>What a value between layers looks like: its row width, and the steps it has a row for; null where there is one row a sequence.</summary>
internal readonly record struct ValueShape(int Width, TimeAxis? Axis)
{
    public bool IsSequence => Axis is not null;
}

/// <summary>The one place that says how wide each layer's output is; Parsing refuses with it, Graph builds with it.</summary>
internal static class ModelShapes
{
    /// <summary>The output of a layer that reads values of the given shapes (one, but for Concat, Add and Multiply).</summary>
    public static ValueShape OutputOf(LayerSpec layer, IReadOnlyList<ValueShape> sources) => layer switch
    {
        RecurrentSpec r => new(r.HiddenSize * r.Directions, r.ReturnSequences ? sources[0].Axis : null),
        EmbeddingSpec e => new(e.Size, sources[0].Axis),
        DenseSpec d => new(d.Units, sources[0].Axis),
        Conv1dSpec c => new(c.Filters, sources[0].Axis?.After(c.Window)),
        Pool1dSpec p => new(sources[0].Width, sources[0].Axis?.After(p.Window)),
        SequencePoolSpec => new(sources[0].Width, null),
        AttentionSpec a => new(a.Memory, sources[0].Axis),
        ConcatSpec => new(sources.Sum(s => s.Width), sources[0].Axis),
        _ => sources[0],
    };

    /// <summary>Trained values of a layer that reads rows of a width; what the parameter table adds up to, in 64 bits.</summary>
    public static long ParametersOf(LayerSpec layer, int inputWidth) => layer switch
    {
        RecurrentSpec r => ParametersOf(r, inputWidth),
        EmbeddingSpec e => (long)e.Vocabulary * e.Size,
        DenseSpec d => d.Units * (inputWidth + (d.Bias ? 1L : 0)),
        Conv1dSpec c => c.Filters * (((long)inputWidth * c.Window.Size) + (c.Bias ? 1L : 0)),
        SequencePoolSpec { Pooling: SequencePoolingKind.Attention } => inputWidth,
        AttentionSpec { Score: AttentionScoreKind.General } a => (long)inputWidth * a.Memory,
        AttentionSpec { Score: AttentionScoreKind.Additive } a => a.Units * (inputWidth + a.Memory + 1L),
        LayerNormSpec or AffineSpec => 2L * inputWidth,
        PReluSpec => inputWidth,
        _ => 0,
    };

    private static long ParametersOf(RecurrentSpec r, int inputWidth)
    {
        var lstm = r as LstmSpec;
        long gates = r switch { LstmSpec l => l.CoupledInputForget ? 3 : 4, GruSpec => 3, _ => 1 };
        var each = (gates * r.Units * (r.HiddenSize + (r.Bias ? 2 : 0)))
            + (lstm is { Projection: > 0 } ? (long)lstm.Projection * r.Units : 0)
            + (lstm is { Peepholes: true } ? (gates - 1) * r.Units : 0)
            + (r.LearnedInitialState ? r.HiddenSize + (lstm is null ? 0 : r.Units) : 0);
        long inputs = inputWidth + ((r.Layers - 1L) * r.HiddenSize * r.Directions);
        return r.Directions * ((r.Layers * each) + (gates * r.Units * inputs));
    }

    /// <summary>The shapes of all layers' outputs, in order.</summary>
    public static ValueShape[] Of(ModelSpec model)
    {
        var shapes = new ValueShape[model.Layers.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            var layer = model.Layers[i];
            shapes[i] = OutputOf(layer, [.. layer.Sources.Select(s => s == ModelSpec.Input ? new ValueShape(model.InputSize, TimeAxis.Input) : shapes[s])]);
        }

        return shapes;
    }
}
