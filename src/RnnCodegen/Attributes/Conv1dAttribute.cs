namespace RnnCodegen;

/// <summary>
/// A convolution over time: y_t = f(sum_j W_j x_(s t + j D - left) + b), as PyTorch's Conv1d (a correlation). A causal one streams; with a
/// stride s, the model then takes s rows per step.
/// </summary>
/// <param name="filters">Output features.</param>
/// <param name="kernel">Steps K that an output sees.</param>
public sealed class Conv1dAttribute(int filters, int kernel) : ChainedLayerAttribute
{
    /// <summary>Output features.</summary>
    public int Filters { get; } = filters;

    /// <summary>Steps K that an output sees.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>Input steps from one output to the next.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>Input steps D from one element of the kernel to the next.</summary>
    public int Dilation { get; set; } = 1;

    /// <summary>Zeros before and after the sequence.</summary>
    public TimePadding Padding { get; set; }

    /// <summary>Rows of zeros before the sequence; only with <see cref="TimePadding.Valid"/>.</summary>
    public int PadLeft { get; set; }

    /// <summary>Rows of zeros after the sequence; only with <see cref="TimePadding.Valid"/>.</summary>
    public int PadRight { get; set; }

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
