using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>How specs are spelled in C# and in prose.</summary>
internal static class EmissionText
{
    /// <summary>A name as an identifier: what is a keyword, or one in some places, has an @ before it, with which it is the same name.</summary>
    public static string Identifier(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : name;

    /// <summary>The name of a declared type, which has an @ wherever it is of small letters only: the compiler warns of those that may become keywords.</summary>
    public static string TypeIdentifier(string name) => name.All(c => c is >= 'a' and <= 'z') ? "@" + name : Identifier(name);

    /// <summary>A namespace as code.</summary>
    public static string Namespace(string name) => string.Join(".", name.Split('.').Select(part => Identifier(part.TrimStart('@'))));

    /// <summary>A model's class by its full name, which means the same wherever it stands.</summary>
    public static string SelfOf(ModelSpec model) => FullName(model.Namespace, model.ContainingTypes.Append(new ContainingTypeSpec("class", model.Name)));

    /// <summary>A type by its full name.</summary>
    public static string FullName(string space, IEnumerable<ContainingTypeSpec> types) => "global::" + string.Join(".", new[] { space }.Where(s => s.Length > 0).Select(Namespace)
        .Concat(types.Select(t => TypeIdentifier(t.Name) + t.TypeParameters.Replace("<in ", "<").Replace("<out ", "<").Replace(", in ", ", ").Replace(", out ", ", "))));

    /// <summary>The class that holds a model's code, by its full name.</summary>
    public static string CodeOf(ModelSpec model) => $"global::{CodeNamespace}.{ModelNames.CodeClass(model.HintName)}";

    /// <summary>The namespace of generated code. It holds nothing but the classes of models' code.</summary>
    public const string CodeNamespace = "RnnCodegen.Generated";

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
            AttentionSpec a => $"core.Parameters, \"{a.Name}\", global::RnnCodegen.AttentionScore.{a.Score}",
            LayerNormSpec n => $"core.Parameters, \"{n.Name}\", {CSharp.VectorText.Literal(n.Epsilon)}",
            DropoutSpec d => $"\"{d.Name}\", {CSharp.VectorText.Literal(d.Probability)}",
            ActivationLayerSpec a => $"\"{a.Name}\", global::RnnCodegen.Activation.{a.Activation.Kind}, {CSharp.VectorText.Literal(a.Activation.Alpha)}",
            AffineSpec or PReluSpec => $"core.Parameters, \"{layer.Name}\"",
            ReverseTimeSpec => $"\"{layer.Name}\"",
            _ => $"\"{layer.Name}\", {sources}",
        };
        return $"new global::RnnCodegen.{LayerType(layer)}({arguments})";
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

    private static string Window(WindowSpec w) => $"new global::RnnCodegen.Runtime.TimeWindow({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight})";

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
