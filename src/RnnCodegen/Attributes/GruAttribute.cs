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
}
