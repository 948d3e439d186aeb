using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Layers;

/// <summary>What the recurrent layers share: stacks of cells, each in one direction or two.</summary>
internal abstract record RecurrentSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    /// <summary>
    /// Whether the layer runs from each sample's last valid step to its first; not together with <paramref name="Bidirectional"/>.
    /// </summary>
    public bool Reverse { get; init; }

    /// <summary>Bound of each gate's sum; 0 for none.</summary>
    public float Clip { get; init; }

    /// <summary>How likely, in training, a value of the hidden state is hidden from the gates, for a whole sequence.</summary>
    public float RecurrentDropout { get; init; }

    /// <summary>How likely, in training, a value of the hidden state stays what it was.</summary>
    public float Zoneout { get; init; }

    /// <summary>How the products of its gates are normalised.</summary>
    public GateNormalizationKind Normalization { get; init; }

    /// <summary>Added to their variance.</summary>
    public float NormalizationEpsilon { get; init; } = 1e-5f;

    /// <summary>Whether the state before the first step is trained.</summary>
    public bool LearnedInitialState { get; init; }

    public int Directions => Bidirectional ? 2 : 1;

    /// <summary>Features of one direction's hidden state.</summary>
    public virtual int HiddenSize => Units;

    public override bool NeedsSequence => true;

    public override IReadOnlyList<object> View => [ViewArgument.Parameters, ViewArgument.Name, Units, Layers, Bidirectional];

    /// <summary>The cell's equations, in inference or in training.</summary>
    public abstract CellGraph BuildCell(bool training);

    public override ValueShape OutputOf(IReadOnlyList<ValueShape> sources) => new(HiddenSize * Directions,
        ReturnSequences ? sources[0].Axis : null);

    public sealed override IEnumerable<Parameter> Parameters(int inputWidth) =>
        from layer in Enumerable.Range(0, Layers)
        from end in new[] { $"l{layer}", $"l{layer}_reverse" }.Take(Directions)
        from parameter in CellParameters(layer == 0 ? inputWidth : HiddenSize * Directions)
        select parameter with { Name = $"{parameter.Name}_{end}" };

    public sealed override Value AddTo(ModelGraphBuilder graph, IReadOnlyList<Value> sources, ValueShape shape)
    {
        var input = sources[0];
        for (var layer = 0; layer < Layers; layer++)
        {
            input = AddLayer(graph, layer, input);
        }

        return input;
    }

    public override void Check(SourceCheck check) => check.Products(check.Width);

    /// <summary>The tensors of one cell that reads rows of a width, without the end of their names that says which cell.</summary>
    protected abstract IEnumerable<Parameter> CellParameters(int inputWidth);

    /// <summary>Weights of so many gates over input and hidden state, and their biases.</summary>
    /// <param name="inputWidth">Features of an input row.</param>
    /// <param name="gates">Gates.</param>
    /// <param name="forgetGate">The gate whose biases may start at 1; negative for none.</param>
    /// <param name="hasHiddenBias">Whether the share of the hidden state has a bias of its own.</param>
    protected IEnumerable<Parameter> GateParameters(int inputWidth, int gates, int forgetGate = -1, bool hasHiddenBias = true)
    {
        IEnumerable<Parameter> input = InputParameters(inputWidth, gates, Units, forgetGate);
        yield return input.First();
        yield return new("weight_hh", "HiddenWeight", gates * Units, HiddenSize, Units);
        if (Bias)
        {
            yield return input.Last();
            if (hasHiddenBias)
            {
                yield return Parameter.Vector("bias_hh", "HiddenBias", gates * Units, Units);
            }
        }

        foreach (var product in Normalization == GateNormalizationKind.None ? [] : new[] { "norm_ih", "norm_hh" })
        {
            yield return Parameter.Vector(product, "NormScale", gates * Units, Units);
        }
    }

    /// <summary>
    /// Weights of so many gates over the input alone, and their biases; <paramref name="fanIn"/> scales their initial values.
    /// </summary>
    protected IEnumerable<Parameter> InputParameters(int inputWidth, int gates, int fanIn, int forgetGate = -1)
    {
        yield return new("weight_ih", "InputWeight", gates * Units, inputWidth, fanIn);
        if (Bias)
        {
            var bias = Parameter.Vector("bias_ih", "InputBias", gates * Units, fanIn);
            yield return forgetGate < 0 ? bias : bias with { ForgetOffset = forgetGate * Units, ForgetLength = Units };
        }
    }

    /// <summary>What a state starts from, where that is trained.</summary>
    protected IEnumerable<Parameter> InitialState(string state, int size) =>
        LearnedInitialState ? [Parameter.Vector($"{state}0", "InitialState", size, Units)] : [];

    /// <summary>How a description starts.</summary>
    protected string Stack =>
        $"{(Layers > 1 ? $"{Layers}-layer " : "")}{(Bidirectional ? "bidirectional " : "")}{(Reverse ? "reversed " : "")}";

    /// <summary>The options in a description that all recurrent layers have, with what a kind has in between.</summary>
    protected string Options(string activations = "", string bounds = "") => string.Concat(
        activations,
        Normalization switch
        {
            GateNormalizationKind.None => "",
            GateNormalizationKind.PerGate => ", each gate normalised",
            _ => ", gates normalised together",
        },
        Clip > 0 ? $", sums within {LayerProse.Number(Clip)}" : "",
        bounds,
        RecurrentDropout > 0 ? $", recurrent dropout of {LayerProse.Number(RecurrentDropout)}" : "",
        Zoneout > 0 ? $", zoneout of {LayerProse.Number(Zoneout)}" : "",
        LearnedInitialState ? ", learned initial state" : "",
        LayerProse.Format(WeightFormat));

    /// <summary>The activations of gates and candidate in a description, as far as they have an alpha.</summary>
    protected static string Alphas(ActivationSpec gates, ActivationSpec candidate) =>
        $"{(gates.HasAlpha ? $", gates {LayerProse.Name(gates)}" : "")}" +
        $"{(candidate.HasAlpha ? $", candidate {LayerProse.Name(candidate)}" : "")}";

    /// <summary>Reads the options of a stack.</summary>
    protected static (int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias) ReadStack(LayerReader r)
    {
        var a = r.Attribute;
        var layers = a.Size("Layers", 1, 1, Limits.Layers);
        var dropout = a.Probability("Dropout");
        if (dropout > 0 && layers == 1)
        {
            r.Diagnostics.Report(LayerRules.DropoutWithoutEffect, a.At("Dropout"), r.Name, AttributeReader.Text(dropout));
        }

        return (layers, a.Flag("Bidirectional", false), dropout, a.Flag("ReturnSequences", true), a.Flag("Bias", true));
    }

    /// <summary>Reads the options that do not matter to shapes.</summary>
    protected static RecurrentSpec WithOptions(RecurrentSpec spec, LayerReader r)
    {
        var a = r.Attribute;
        var reverse = a.Flag("Reverse", false);
        if (reverse && spec.Bidirectional)
        {
            r.Diagnostics.Report(LayerRules.ReverseAndBidirectional, a.At("Reverse"), r.Name);
        }

        return spec with
        {
            WeightFormat = r.WeightFormat,
            Reverse = reverse,
            Clip = a.Bound("Clip"),
            LearnedInitialState = a.Flag("LearnedInitialState", false),
        };
    }

    /// <summary>Reads the options that act on a hidden state which the gates see.</summary>
    protected static RecurrentSpec WithNoise(RecurrentSpec spec, LayerReader r) =>
        spec with { RecurrentDropout = r.Attribute.Probability("RecurrentDropout"), Zoneout = r.Attribute.Probability("Zoneout") };

    /// <summary>Reads the options of gates that see a hidden state.</summary>
    protected static RecurrentSpec WithNormalization(RecurrentSpec spec, LayerReader r)
    {
        var kind = r.Attribute.Member("Normalization", GateNormalizationKind.None);
        if (kind == GateNormalizationKind.None && r.Attribute.Has("NormalizationEpsilon"))
        {
            r.Diagnostics.Report(LayerRules.EpsilonWithoutEffect, r.Attribute.At("NormalizationEpsilon"), r.Name);
        }

        return spec with { Normalization = kind, NormalizationEpsilon = r.Attribute.Epsilon("NormalizationEpsilon", 1e-5f) };
    }

    private Value AddLayer(ModelGraphBuilder graph, int layer, Value input)
    {
        var isLast = layer == Layers - 1;
        var output = isLast && !ReturnSequences ? null : graph.NewValue($"{Name}L{layer}", HiddenSize * Directions, input.Axis);
        var finals = new List<StateVector>();
        foreach (var isSecond in Bidirectional ? [false, true] : new[] { false })
        {
            var training = BuildCell(training: true);
            CellVerifier.Verify(training);
            var cell = training.Masks.Count == 0 ? training : BuildCell(training: false);
            var suffix = $"l{layer}{(isSecond ? "_reverse" : "")}";
            var states = cell.States
                .Select(s => graph.NewState($"{Name}.{s.Name}_{suffix}", s.Size, LearnedInitialState ? $"{Name}.{s.Name}0_{suffix}" : null))
                .ToArray();
            graph.Add(new RecurrentNode(
                $"{Name}L{layer}{(isSecond ? "Reverse" : "")}", this, layer, isSecond || Reverse, cell, training,
                graph.TakeStreams(training.Masks.Count), Gradient.Of(training), input, output, isSecond ? HiddenSize : 0, states));
            finals.Add(states[0]);
        }

        if (output is null)
        {
            output = graph.NewValue($"{Name}Last", HiddenSize * Directions, null);
            graph.Add(new LastNode($"{Name}Last", finals, output));
        }
        else if (!isLast && Dropout > 0)
        {
            output = graph.AddDropout($"{Name}L{layer}Dropout", Dropout, output);
        }

        return output;
    }
}
