using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// A layer attribute, the type of its property, and how its arguments become a spec whose sources are not yet known, given the property's
/// modifiers and the model's weight format.
/// </summary>
internal sealed record LayerKind(
    string Name, string PropertyType, Func<AttributeReader, DiagnosticBag, string, WeightFormatKind, LayerSpec> Read)
{
    private static readonly Dictionary<string, LayerKind> s_byAttribute = new LayerKind[]
    {
        new("Lstm", "LstmLayer", ReadLstm),
        new("Gru", "GruLayer", ReadGru),
        new("Elman", "ElmanLayer", ReadElman),
        new("Embedding", "EmbeddingLayer", static (a, _, modifiers, _) =>
            new EmbeddingSpec(
                a.Owner, modifiers, default, a.Size("Vocabulary", 0, 1, Limits.Vocabulary), a.Size("Size", 0, 1, Limits.Units))),
        new("Dense", "DenseLayer", static (a, _, modifiers, format) =>
            new DenseSpec(
                a.Owner, modifiers, default, a.Size("Units", 0, 1, Limits.RowWidth),
                Activation(a, ActivationKind.Linear), a.Flag("Bias", true))
            {
                WeightFormat = a.WeightFormat(format),
            }),
        new("Conv1d", "Conv1dLayer", ReadConv1d),
        new("Pool1d", "Pool1dLayer", ReadPool1d),
        new("GlobalPool", "GlobalPoolLayer", static (a, _, modifiers, _) =>
            new SequencePoolSpec(
                a.Owner, modifiers, default,
                a.Member("Pooling", PoolingKind.Average, "Pooling") == PoolingKind.Max ? SequencePoolingKind.Max : SequencePoolingKind.Average)),
        new("AttentionPool", "AttentionPoolLayer", static (a, _, modifiers, _) =>
            new SequencePoolSpec(a.Owner, modifiers, default, SequencePoolingKind.Attention)),
        new("Attention", "AttentionLayer", static (a, _, modifiers, _) =>
            new AttentionSpec(
                a.Owner, modifiers, default, a.Member("Score", AttentionScoreKind.Dot, "AttentionScore"), a.Size("Units", 0, 0, Limits.Units), 0)),
        new("Dropout", "DropoutLayer", static (a, _, modifiers, _) =>
            new DropoutSpec(a.Owner, modifiers, default, a.Probability("Probability"))),
        new("LayerNorm", "LayerNormLayer", static (a, _, modifiers, _) =>
            new LayerNormSpec(a.Owner, modifiers, default, a.Epsilon("Epsilon", 1e-5f))),
        new("Concat", "ConcatLayer", static (a, _, modifiers, _) => new ConcatSpec(a.Owner, modifiers, default)),
        new("Add", "AddLayer", static (a, _, modifiers, _) => new AddSpec(a.Owner, modifiers, default)),
        new("Multiply", "MultiplyLayer", static (a, _, modifiers, _) => new MultiplySpec(a.Owner, modifiers, default)),
        new("Affine", "AffineLayer", static (a, _, modifiers, _) => new AffineSpec(a.Owner, modifiers, default)),
        new("PRelu", "PReluLayer", static (a, _, modifiers, _) => new PReluSpec(a.Owner, modifiers, default)),
        new("Activation", "ActivationLayer", static (a, _, modifiers, _) =>
            new ActivationLayerSpec(a.Owner, modifiers, default, Activation(a, ActivationKind.Linear))),
        new("ReverseTime", "ReverseTimeLayer", static (a, _, modifiers, _) => new ReverseTimeSpec(a.Owner, modifiers, default)),
    }.ToDictionary(k => k.Name + "Attribute");

    /// <summary>The kind whose attribute class has this name; null where none has.</summary>
    public static LayerKind? Find(string? attributeClass) =>
        attributeClass is not null && s_byAttribute.TryGetValue(attributeClass, out var kind) ? kind : null;

    /// <summary>Whether an attribute of this name, with or without its ending, may be a layer's.</summary>
    public static bool IsName(string name) => s_byAttribute.ContainsKey(name) || s_byAttribute.ContainsKey(name + "Attribute");

    private static LayerSpec ReadLstm(AttributeReader a, DiagnosticBag diagnostics, string modifiers, WeightFormatKind format)
    {
        var before = diagnostics.Errors;
        var units = Units(a);
        var projection = a.Size("Projection", 0, 0, Limits.Units);
        if (projection > 0 && projection >= units && diagnostics.Errors == before)
        {
            diagnostics.Report(
                LayerRules.ProjectionTooLarge, a.At("Projection"), a.Owner,
                AttributeReader.Text(projection), AttributeReader.Text(units), AttributeReader.Text(units - 1));
        }

        var r = ReadRecurrent(a, diagnostics);
        var activation = a.Member("Activation", ActivationKind.Tanh, "Activation");
        var cellActivation = a.Member("CellActivation", activation, "Activation");
        var alpha = a.Alpha("Alpha", activation, cellActivation);
        var spec = new LstmSpec(
            a.Owner, modifiers, default, units, r.Layers, r.Bidirectional, r.Dropout, r.ReturnSequences, r.Bias,
            projection, a.Flag("Peepholes", false), a.Flag("CoupledInputForget", false), GateActivation(a), ActivationSpec.Of(activation, alpha))
        {
            CellActivation = ActivationSpec.Of(cellActivation, alpha),
            CellClip = a.Bound("CellClip"),
        };
        return WithOptions(spec, a, diagnostics, format);
    }

    private static LayerSpec ReadGru(AttributeReader a, DiagnosticBag diagnostics, string modifiers, WeightFormatKind format)
    {
        var r = ReadRecurrent(a, diagnostics);
        var spec = new GruSpec(
            a.Owner, modifiers, default, Units(a), r.Layers, r.Bidirectional, r.Dropout, r.ReturnSequences, r.Bias,
            a.Flag("ResetAfter", true), GateActivation(a), Activation(a, ActivationKind.Tanh));
        return WithOptions(spec, a, diagnostics, format);
    }

    private static LayerSpec ReadElman(AttributeReader a, DiagnosticBag diagnostics, string modifiers, WeightFormatKind format)
    {
        var r = ReadRecurrent(a, diagnostics);
        var spec = new ElmanSpec(
            a.Owner, modifiers, default, Units(a), r.Layers, r.Bidirectional, r.Dropout, r.ReturnSequences, r.Bias, Activation(a, ActivationKind.Tanh));
        return WithOptions(spec, a, diagnostics, format);
    }

    /// <summary>The options that all recurrent layers have and that do not matter to their shapes.</summary>
    private static RecurrentSpec WithOptions(RecurrentSpec spec, AttributeReader a, DiagnosticBag diagnostics, WeightFormatKind format)
    {
        var reverse = a.Flag("Reverse", false);
        if (reverse && spec.Bidirectional)
        {
            diagnostics.Report(LayerRules.ReverseAndBidirectional, a.At("Reverse"), a.Owner);
        }

        return spec with
        {
            WeightFormat = a.WeightFormat(format),
            Reverse = reverse,
            Clip = a.Bound("Clip"),
            LearnedInitialState = a.Flag("LearnedInitialState", false),
        };
    }

    private static LayerSpec ReadConv1d(AttributeReader a, DiagnosticBag diagnostics, string modifiers, WeightFormatKind format)
    {
        var size = a.Size("Kernel", 1, 1, Limits.WindowSteps);
        var dilation = a.Size("Dilation", 1, 1, Limits.WindowSteps);
        var stride = a.Size("Stride", 1, 1, Limits.WindowSteps);
        var padding = a.Member("Padding", TimePaddingKind.Valid, "TimePadding");
        var left = a.Size("PadLeft", 0, 0, Limits.WindowSteps);
        var right = a.Size("PadRight", 0, 0, Limits.WindowSteps);
        foreach (var name in new[] { "PadLeft", "PadRight" }.Where(n => padding != TimePaddingKind.Valid && a.Has(n)))
        {
            diagnostics.Report(LayerRules.PaddingTwice, a.At(name), a.Owner, name, padding.ToString());
        }

        var extent = (size - 1) * dilation;
        (left, right) = padding switch
        {
            TimePaddingKind.Same => (extent / 2, extent - (extent / 2)),
            TimePaddingKind.Causal => (extent, 0),
            _ => (left, right),
        };
        return new Conv1dSpec(
            a.Owner, modifiers, default, a.Size("Filters", 0, 1, Limits.Units), new WindowSpec(size, stride, dilation, left, right),
            Activation(a, ActivationKind.Linear), a.Flag("Bias", true))
        {
            WeightFormat = a.WeightFormat(format),
        };
    }

    private static LayerSpec ReadPool1d(AttributeReader a, DiagnosticBag diagnostics, string modifiers, WeightFormatKind format)
    {
        var size = a.Size("Size", 1, 1, Limits.WindowSteps);
        var stride = a.Size("Stride", 0, 0, Limits.WindowSteps);
        return new Pool1dSpec(
            a.Owner, modifiers, default, a.Member("Pooling", PoolingKind.Average, "Pooling"), new WindowSpec(size, stride == 0 ? size : stride, 1, 0, 0));
    }

    private static (int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias) ReadRecurrent(
        AttributeReader a, DiagnosticBag diagnostics)
    {
        var layers = a.Size("Layers", 1, 1, Limits.Layers);
        var dropout = a.Probability("Dropout");
        if (dropout > 0 && layers == 1)
        {
            diagnostics.Report(LayerRules.DropoutWithoutEffect, a.At("Dropout"), a.Owner, AttributeReader.Text(dropout));
        }

        return (layers, a.Flag("Bidirectional", false), dropout, a.Flag("ReturnSequences", true), a.Flag("Bias", true));
    }

    private static int Units(AttributeReader a) => a.Size("Units", 0, 1, Limits.Units);

    private static ActivationSpec GateActivation(AttributeReader a) => Activation(a, ActivationKind.Sigmoid, "Gate");

    /// <summary>An activation and its alpha, whose names start alike.</summary>
    private static ActivationSpec Activation(AttributeReader a, ActivationKind otherwise, string start = "")
    {
        var kind = a.Member($"{start}Activation", otherwise, "Activation");
        return ActivationSpec.Of(kind, a.Alpha($"{start}Alpha", kind));
    }
}
