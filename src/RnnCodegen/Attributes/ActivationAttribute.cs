namespace RnnCodegen;

/// <summary>Applies a function to each element.</summary>
/// <param name="activation">The function.</param>
public sealed class ActivationAttribute(Activation activation) : ChainedLayerAttribute
{
    /// <summary>The function.</summary>
    public Activation Activation { get; } = activation;

    /// <summary>The function's alpha, positive; NaN, unless set, for the function's own default.</summary>
    public float Alpha { get; set; } = float.NaN;
}
