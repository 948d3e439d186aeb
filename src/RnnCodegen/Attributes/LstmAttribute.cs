namespace RnnCodegen;

/// <summary>A long short-term memory layer. Gates in PyTorch's order i, f, g, o; equations in docs/math.md.</summary>
/// <param name="units">Hidden units H.</param>
public sealed class LstmAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>Size P of a linear projection of the hidden state (PyTorch's proj_size); 0 for none.</summary>
    public int Projection { get; set; }

    /// <summary>Lets the gates see the cell: i and f the previous one, o the new one.</summary>
    public bool Peepholes { get; set; }

    /// <summary>Couples the gates: f = 1 - i, and the forget gate has no parameters.</summary>
    public bool CoupledInputForget { get; set; }

    /// <summary>Activation of the gates i, f and o.</summary>
    public Activation GateActivation { get; set; } = Activation.Sigmoid;

    /// <summary>Activation of the candidate g, and of the cell where it leaves through o.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;
}
