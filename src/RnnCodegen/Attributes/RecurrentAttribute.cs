namespace RnnCodegen;

/// <summary>What recurrent layers have in common.</summary>
public abstract class RecurrentAttribute : ChainedLayerAttribute
{
    private protected RecurrentAttribute(int units) => Units = units;

    /// <summary>Hidden units H of each layer and direction.</summary>
    public int Units { get; }

    /// <summary>How many layers are stacked; each reads the outputs of the one before.</summary>
    public int Layers { get; set; } = 1;

    /// <summary>Adds a second direction that starts at each sample's last valid step; outputs are [forward, reverse], 2 H wide.</summary>
    public bool Bidirectional { get; set; }

    /// <summary>
    /// Runs from each sample's last valid step to its first instead; row t of the output is still that of step t. Not with
    /// <see cref="Bidirectional"/>.
    /// </summary>
    public bool Reverse { get; set; }

    /// <summary>Probability in [0, 1) of zeroing an element between stacked layers while training.</summary>
    public float Dropout { get; set; }

    /// <summary>
    /// True gives an output row a step; false gives one row a sequence: the final hidden state of the last layer
    /// (the last valid step; for the reverse direction, its state after the sequence's first step).
    /// </summary>
    public bool ReturnSequences { get; set; } = true;

    /// <summary>
    /// Whether the gates have biases: two vectors, as in PyTorch, input and hidden, or one where no gate sees the hidden state.
    /// </summary>
    public bool Bias { get; set; } = true;

    /// <summary>Bounds each gate's sum to [-Clip, Clip] before its activation (ONNX's clip); 0 for none.</summary>
    public float Clip { get; set; }

    /// <summary>
    /// Alpha of the layer's activation, and of an LSTM's cell activation, positive; NaN, unless set, for the activation's own default.
    /// </summary>
    public float Alpha { get; set; } = float.NaN;

    /// <summary>
    /// Trains the state before the first step: parameters <c>h0_l0</c>, and <c>c0_l0</c> for LSTMs, which a call without an initial state,
    /// a new state and a reset start from; zeros where false.
    /// </summary>
    public bool LearnedInitialState { get; set; }

    /// <summary>
    /// How inference keeps the layer's weights; where not given, as the model's <see cref="RnnModelAttribute.WeightFormat"/> says.
    /// </summary>
    public WeightFormat WeightFormat { get; set; }
}
