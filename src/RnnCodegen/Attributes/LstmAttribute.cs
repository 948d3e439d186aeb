namespace RnnCodegen;

/// <summary>A long short-term memory layer. Gates in PyTorch's order i, f, g, o; equations in docs/math.md.</summary>
/// <param name="units">Hidden units H.</param>
public sealed class LstmAttribute(int units) : RecurrentAttribute(units)
{
    private Activation? _cellActivation;

    /// <summary>Size P of a linear projection of the hidden state (PyTorch's proj_size); 0 for none.</summary>
    public int Projection { get; set; }

    /// <summary>Lets the gates see the cell: i and f the previous one, o the new one.</summary>
    public bool Peepholes { get; set; }

    /// <summary>Couples the gates: f = 1 - i, and the forget gate has no parameters.</summary>
    public bool CoupledInputForget { get; set; }

    /// <summary>
    /// Bounds the cell to [-CellClip, CellClip] after each step; what is carried on is the bounded cell (cuDNN's and TensorFlow's cell
    /// clip). 0 for none.
    /// </summary>
    public float CellClip { get; set; }

    /// <summary>Activation of the gates i, f and o.</summary>
    public Activation GateActivation { get; set; } = Activation.Sigmoid;

    /// <summary>Alpha of the gates' activation, positive; NaN, unless set, for the activation's own default.</summary>
    public float GateAlpha { get; set; } = float.NaN;

    /// <summary>Activation of the candidate g.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;

    /// <summary>Activation of the cell where it leaves through o; that of the candidate unless set (ONNX calls them h and g).</summary>
    public Activation CellActivation
    {
        get => _cellActivation ?? Activation;
        set => _cellActivation = value;
    }

    /// <summary>
    /// Probability in [0, 1) that training hides a value of the hidden state from the gates, by one mask for all steps of a call; those
    /// that stay are divided by 1 - RecurrentDropout. Inference sees all values.
    /// </summary>
    public float RecurrentDropout { get; set; }

    /// <summary>
    /// Probability in [0, 1) that a value of the hidden state stays, in a step of training, what it was (zoneout). Inference takes the
    /// mean: Zoneout times the old value and 1 - Zoneout times the new one.
    /// </summary>
    public float Zoneout { get; set; }

    /// <summary>As <see cref="Zoneout"/>, of the cell.</summary>
    public float CellZoneout { get; set; }

    /// <summary>
    /// Normalises the products W x and U h before biases are added, and the cell where it leaves through o. Tensors <c>norm_ih_l0</c> and
    /// <c>norm_hh_l0</c> [G H] scale the products; <c>norm_c_l0</c> and <c>norm_c_bias_l0</c> [H] scale and shift the cell. There is one
    /// vector of biases, <c>bias_ih_l0</c>.
    /// </summary>
    public GateNormalization Normalization { get; set; }

    /// <summary>Added to the variance where <see cref="Normalization"/> is set.</summary>
    public float NormalizationEpsilon { get; set; } = 1e-5f;
}
