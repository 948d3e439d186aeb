namespace RnnCodegen;

/// <summary>A simple recurrent layer: h = f(W x + U h + b).</summary>
/// <param name="units">Hidden units H.</param>
public sealed class ElmanAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>Activation of the hidden state.</summary>
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
}
