namespace RnnCodegen.Generators.Specs;

/// <summary>One layer.</summary>
/// <param name="Name">Property name as declared (without @): the layer's address in parameters, states and errors.</param>
/// <param name="Modifiers">The property's modifiers as written except <c>partial</c>, e.g. <c>public</c>; may be empty.</param>
/// <param name="Sources">Indexes of the layers read, or <see cref="ModelSpec.Input"/>; one, but for Concat, Add and Multiply.</param>
internal abstract record LayerSpec(string Name, string Modifiers, EquatableArray<int> Sources);

/// <summary>What the recurrent layers share.</summary>
internal abstract record RecurrentSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    /// <summary>What inference keeps the weights as: the layer's own choice, else the model's.</summary>
    public WeightFormatKind WeightFormat { get; init; }

    /// <summary>Whether the layer runs from each sample's last valid step to its first; not together with <paramref name="Bidirectional"/>.</summary>
    public bool Reverse { get; init; }

    /// <summary>Bound of each gate's sum; 0 for none.</summary>
    public float Clip { get; init; }

    /// <summary>Whether the state before the first step is trained.</summary>
    public bool LearnedInitialState { get; init; }

    public int Directions => Bidirectional ? 2 : 1;

    /// <summary>Features of one direction's hidden state.</summary>
    public virtual int HiddenSize => Units;
}

internal sealed record LstmSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    int Projection, bool Peepholes, bool CoupledInputForget, ActivationSpec GateActivation, ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias)
{
    /// <summary>What the cell passes through on its way out.</summary>
    public ActivationSpec CellActivation { get; init; } = Activation;

    /// <summary>Bound of the cell; 0 for none.</summary>
    public float CellClip { get; init; }

    public override int HiddenSize => Projection > 0 ? Projection : Units;
}

internal sealed record GruSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    bool ResetAfter, ActivationSpec GateActivation, ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias);

internal sealed record ElmanSpec(
    string Name, string Modifiers, EquatableArray<int> Sources,
    int Units, int Layers, bool Bidirectional, float Dropout, bool ReturnSequences, bool Bias,
    ActivationSpec Activation)
    : RecurrentSpec(Name, Modifiers, Sources, Units, Layers, Bidirectional, Dropout, ReturnSequences, Bias);

internal sealed record EmbeddingSpec(string Name, string Modifiers, EquatableArray<int> Sources, int Vocabulary, int Size)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record DenseSpec(
    string Name, string Modifiers, EquatableArray<int> Sources, int Units, ActivationSpec Activation, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    /// <summary>What inference keeps the weights as: the layer's own choice, else the model's.</summary>
    public WeightFormatKind WeightFormat { get; init; }
}

internal sealed record Conv1dSpec(
    string Name, string Modifiers, EquatableArray<int> Sources, int Filters, WindowSpec Window, ActivationSpec Activation, bool Bias)
    : LayerSpec(Name, Modifiers, Sources)
{
    /// <summary>What inference keeps the weights as: the layer's own choice, else the model's.</summary>
    public WeightFormatKind WeightFormat { get; init; }

    /// <summary>The product of a row of windows, which is a dense layer's.</summary>
    public DenseSpec Product => new(Name, Modifiers, Sources, Filters, Activation, Bias) { WeightFormat = WeightFormat };
}

/// <summary>Pools windows of steps.</summary>
internal sealed record Pool1dSpec(string Name, string Modifiers, EquatableArray<int> Sources, PoolingKind Pooling, WindowSpec Window)
    : LayerSpec(Name, Modifiers, Sources);

/// <summary>Pools a whole sequence.</summary>
internal sealed record SequencePoolSpec(string Name, string Modifiers, EquatableArray<int> Sources, SequencePoolingKind Pooling)
    : LayerSpec(Name, Modifiers, Sources);

/// <summary>Attends to the model's memory, of rows of <see cref="Memory"/> features; Units is the width of what additive scores are summed over.</summary>
internal sealed record AttentionSpec(string Name, string Modifiers, EquatableArray<int> Sources, AttentionScoreKind Score, int Units, int Memory)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record DropoutSpec(string Name, string Modifiers, EquatableArray<int> Sources, float Probability)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record LayerNormSpec(string Name, string Modifiers, EquatableArray<int> Sources, float Epsilon)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record ConcatSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record AddSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record MultiplySpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record ActivationLayerSpec(string Name, string Modifiers, EquatableArray<int> Sources, ActivationSpec Activation)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record AffineSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record PReluSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);

internal sealed record ReverseTimeSpec(string Name, string Modifiers, EquatableArray<int> Sources)
    : LayerSpec(Name, Modifiers, Sources);
