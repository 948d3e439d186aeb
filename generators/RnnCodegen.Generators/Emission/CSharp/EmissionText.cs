using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>How specs are spelled in C# and in prose.</summary>
internal static class EmissionText
{
    /// <summary>A name as an identifier, escaped: a keyword with @ is the same name.</summary>
    public static string Identifier(string name) =>
        Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(name) != Microsoft.CodeAnalysis.CSharp.SyntaxKind.None ? "@" + name : name;

    public static string LayerType(LayerSpec layer) => layer switch
    {
        LstmSpec => "LstmLayer",
        GruSpec => "GruLayer",
        ElmanSpec => "ElmanLayer",
        EmbeddingSpec => "EmbeddingLayer",
        DenseSpec => "DenseLayer",
        Conv1dSpec => "Conv1dLayer",
        Pool1dSpec => "Pool1dLayer",
        SequencePoolSpec { Pooling: SequencePoolingKind.Attention } => "AttentionPoolLayer",
        SequencePoolSpec => "GlobalPoolLayer",
        AttentionSpec => "AttentionLayer",
        DropoutSpec => "DropoutLayer",
        LayerNormSpec => "LayerNormLayer",
        ConcatSpec => "ConcatLayer",
        AddSpec => "AddLayer",
        MultiplySpec => "MultiplyLayer",
        ActivationLayerSpec => "ActivationLayer",
        AffineSpec => "AffineLayer",
        PReluSpec => "PReluLayer",
        ReverseTimeSpec => "ReverseTimeLayer",
        _ => throw new InvalidOperationException($"{layer.GetType().Name} has no runtime type."),
    };

    /// <summary>The expression that creates a layer's view.</summary>
    public static string NewLayer(ModelSpec model, LayerSpec layer)
    {
        var sources = string.Join(", ", layer.Sources.Select(s => $"\"{(s == ModelSpec.Input ? ModelSpec.InputName : model.Layers[s].Name)}\""));
        var arguments = layer switch
        {
            RecurrentSpec r => $"core.Parameters, \"{r.Name}\", {r.Units}, {r.Layers}, {(r.Bidirectional ? "true" : "false")}",
            EmbeddingSpec e => $"core.Parameters, \"{e.Name}\", {e.Vocabulary}, {e.Size}",
            DenseSpec d => $"core.Parameters, \"{d.Name}\", {d.Units}",
            Conv1dSpec c => $"core.Parameters, \"{c.Name}\", {c.Filters}, {Window(c.Window)}",
            Pool1dSpec p => $"\"{p.Name}\", global::RnnCodegen.Pooling.{p.Pooling}, {Window(p.Window)}",
            SequencePoolSpec { Pooling: SequencePoolingKind.Attention } => $"core.Parameters, \"{layer.Name}\"",
            SequencePoolSpec p => $"\"{p.Name}\", global::RnnCodegen.Pooling.{p.Pooling}",
            AttentionSpec a => $"core.Parameters, \"{a.Name}\", AttentionScore.{a.Score}",
            LayerNormSpec n => $"core.Parameters, \"{n.Name}\", {CSharp.VectorText.Literal(n.Epsilon)}",
            DropoutSpec d => $"\"{d.Name}\", {CSharp.VectorText.Literal(d.Probability)}",
            ActivationLayerSpec a => $"\"{a.Name}\", global::RnnCodegen.Activation.{a.Activation.Kind}, {CSharp.VectorText.Literal(a.Activation.Alpha)}",
            AffineSpec or PReluSpec => $"core.Parameters, \"{layer.Name}\"",
            ReverseTimeSpec => $"\"{layer.Name}\"",
            _ => $"\"{layer.Name}\", {sources}",
        };
        return $"new {LayerType(layer)}({arguments})";
    }

    /// <summary>A layer in a few words.</summary>
    public static string Describe(LayerSpec layer) => layer switch
    {
        LstmSpec l => $"{Stack(l)}LSTM of {l.Units} units{(l.Projection > 0 ? $" projected to {l.Projection}" : "")}{(l.Peepholes ? ", peepholes" : "")}{(l.CoupledInputForget ? ", coupled gates" : "")}{Options(l)}",
        GruSpec g => $"{Stack(g)}GRU of {g.Units} units, reset {(g.ResetAfter ? "after" : "before")} the product{Options(g)}",
        ElmanSpec e => $"{Stack(e)}Elman network of {e.Units} units, {Name(e.Activation)}{Options(e)}",
        EmbeddingSpec e => $"Embedding of {e.Vocabulary} tokens",
        DenseSpec d => $"Dense layer{(d.Activation.Kind == ActivationKind.Linear ? "" : $", {Name(d.Activation)}")}{Format(d.WeightFormat)}",
        Conv1dSpec c => $"Convolution over {c.Window.Size} steps{(c.Window.Dilation > 1 ? $", {c.Window.Dilation} apart" : "")}{(c.Window.Stride > 1 ? $", one every {c.Window.Stride}" : "")}{(c.Activation.Kind == ActivationKind.Linear ? "" : $", {Name(c.Activation)}")}{Format(c.WeightFormat)}",
        Pool1dSpec p => $"{(p.Pooling == PoolingKind.Max ? "Maximum" : "Mean")} of {p.Window.Size} steps, one every {p.Window.Stride}",
        SequencePoolSpec { Pooling: SequencePoolingKind.Attention } => "Mean of all steps, weighted by attention",
        SequencePoolSpec p => $"{(p.Pooling == SequencePoolingKind.Max ? "Maximum" : "Mean")} of all steps",
        AttentionSpec a => $"Attention to rows of {a.Memory}, {AttentionName(a)}",
        DropoutSpec d => $"Dropout of {Number(d.Probability)}",
        LayerNormSpec => "Layer normalisation",
        ConcatSpec => "Concatenation",
        AddSpec => "Sum",
        MultiplySpec => "Product",
        ActivationLayerSpec a => $"Activation, {Name(a.Activation)}",
        AffineSpec => "Affine layer",
        PReluSpec => "PReLU",
        ReverseTimeSpec => "Reversal of time",
        _ => throw new InvalidOperationException($"{layer.GetType().Name} has no description."),
    };

    private static string AttentionName(AttentionSpec a) => a.Score switch
    {
        AttentionScoreKind.Dot => "scored by products",
        AttentionScoreKind.ScaledDot => "scored by scaled products",
        AttentionScoreKind.General => "scored by products with projected rows",
        _ => $"scored by sums over {a.Units} units",
    };

    private static string Window(WindowSpec w) => $"new TimeWindow({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight})";

    /// <summary>What a recurrent layer has that most have not.</summary>
    private static string Options(RecurrentSpec layer)
    {
        var (gates, candidate) = layer switch
        {
            LstmSpec l => (l.GateActivation, l.Activation),
            GruSpec g => (g.GateActivation, g.Activation),
            _ => (default, default(ActivationSpec)),
        };
        var lstm = layer as LstmSpec;
        return string.Concat(
            gates.HasAlpha ? $", gates {Name(gates)}" : "",
            candidate.HasAlpha ? $", candidate {Name(candidate)}" : "",
            lstm is not null && lstm.CellActivation != lstm.Activation ? $", cell through {Name(lstm.CellActivation)}" : "",
            layer.Clip > 0 ? $", sums within {Number(layer.Clip)}" : "",
            lstm is { CellClip: > 0 } ? $", cell within {Number(lstm.CellClip)}" : "",
            layer.LearnedInitialState ? ", learned initial state" : "",
            Format(layer.WeightFormat));
    }

    private static string Name(ActivationSpec activation) =>
        activation.Kind.ToString().ToLowerInvariant() + (activation.HasAlpha ? $" with alpha {Number(activation.Alpha)}" : "");

    private static string Number(float value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private static string Format(WeightFormatKind format) => format == WeightFormatKind.Float32 ? "" : $", {format.ToString().ToLowerInvariant()} weights in inference";

    private static string Stack(RecurrentSpec r) =>
        $"{(r.Layers > 1 ? $"{r.Layers}-layer " : "")}{(r.Bidirectional ? "bidirectional " : "")}{(r.Reverse ? "reversed " : "")}";
}
