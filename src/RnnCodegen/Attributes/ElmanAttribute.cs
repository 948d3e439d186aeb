namespace RnnCodegen;

/// <summary>A simple recurrent layer: h = f(W x + U h + b).</summary>
/// <param name="units">Hidden units H.</param>
public sealed class ElmanAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>Activation of the hidden state.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;
}
