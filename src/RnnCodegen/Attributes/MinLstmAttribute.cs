namespace RnnCodegen;

/// <summary>
/// A minimal long short-term memory layer (Feng et al. 2024, the form whose gates are divided by their sum): gates and candidate see the
/// input alone, so that a step's only product is with x, and its state is h alone. Gates in the order f, i, g, with one bias vector;
/// equations in docs/math.md. Steps are computed one after the other, in training too, not by a parallel scan.
/// </summary>
/// <param name="units">Hidden units H.</param>
public sealed class MinLstmAttribute(int units) : RecurrentAttribute(units)
{
    /// <summary>Activation of the candidate g; the identity, as published, unless set.</summary>
    public Activation Activation { get; set; } = Activation.Linear;
}
