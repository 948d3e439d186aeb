namespace RnnCodegen;

/// <summary>A fully connected layer, applied to each row: y = f(W x + b).</summary>
/// <param name="units">Output features.</param>
public sealed class DenseAttribute(int units) : ChainedLayerAttribute
{
    /// <summary>Output features.</summary>
    public int Units { get; } = units;

    /// <summary>Activation of the output.</summary>
    public Activation Activation { get; set; } = Activation.Linear;

    /// <summary>The activation's alpha, positive; NaN, unless set, for the activation's own default.</summary>
    public float Alpha { get; set; } = float.NaN;

    /// <summary>Whether the layer has a bias.</summary>
    public bool Bias { get; set; } = true;

    /// <summary>
    /// How inference keeps the layer's weights; where not given, as the model's <see cref="RnnModelAttribute.WeightFormat"/> says.
    /// </summary>
    public WeightFormat WeightFormat { get; set; }
}
