namespace RnnCodegen;

/// <summary>A gated recurrent unit layer. Gates in PyTorch's order r, z, n; equations in docs/math.md.</summary>
/// <param name="units">Hidden units H.</param>
public sealed class GruAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>
    /// True applies the reset gate after the recurrent product (PyTorch, cuDNN, Keras' default);
    /// false applies it to the hidden state before the product (ONNX's default, the original paper).
    /// </summary>
    public bool ResetAfter { get; set; } = true;

    /// <summary>Activation of the gates r and z.</summary>
    public Activation GateActivation { get; set; } = Activation.Sigmoid;

    /// <summary>Alpha of the gates' activation, positive; NaN, unless set, for the activation's own default.</summary>
    public float GateAlpha { get; set; } = float.NaN;

    /// <summary>Activation of the candidate n.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;

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

    /// <summary>
    /// Normalises the products W x and U h before biases are added. Tensors <c>norm_ih_l0</c> and <c>norm_hh_l0</c> [G H] scale the
    /// products. With <see cref="ResetAfter"/> = false the hidden product of n is normalised apart from that of r and z.
    /// </summary>
    public GateNormalization Normalization { get; set; }

    /// <summary>Added to the variance where <see cref="Normalization"/> is set.</summary>
    public float NormalizationEpsilon { get; set; } = 1e-5f;
}
