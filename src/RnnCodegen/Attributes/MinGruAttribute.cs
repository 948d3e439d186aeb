namespace RnnCodegen;

/// <summary>
/// A minimal gated recurrent unit layer (Feng et al. 2024): gate and candidate see the input alone, so that a step's only product is with
/// x. Gates in the order z, n, with one bias vector; equations in docs/math.md. Steps are computed one after the other, in training too,
/// not by a parallel scan.
/// </summary>
/// <param name="units">Hidden units H.</param>
public sealed class MinGruAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>Activation of the candidate n; the identity, as published, unless set.</summary>
    public Activation Activation { get; set; } = Activation.Linear;
}
