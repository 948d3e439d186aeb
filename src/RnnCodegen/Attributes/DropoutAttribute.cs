namespace RnnCodegen;

/// <summary>While training, zeroes elements with probability p and scales the others by 1 / (1 - p); otherwise the identity.</summary>
/// <param name="probability">p in [0, 1).</param>
public sealed class DropoutAttribute(float probability) : ChainedLayerAttribute
{
    /// <summary>Probability of zeroing an element.</summary>
    public float Probability { get; } = probability;
}
