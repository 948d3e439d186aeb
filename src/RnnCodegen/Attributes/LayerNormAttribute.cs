namespace RnnCodegen;

/// <summary>Normalises each row to mean 0 and variance 1 (population variance), then scales and shifts it by trained vectors.</summary>
public sealed class LayerNormAttribute : ChainedLayerAttribute
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; set; } = 1e-5f;
}
