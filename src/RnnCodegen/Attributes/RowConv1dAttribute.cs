namespace RnnCodegen;

/// <summary>
/// A convolution inside each row, whatever the time: a row is seen as [C, L], channel after channel, as PyTorch's <c>x.view(C, L)</c>,
/// and becomes a row [F, P] of <c>y[f, p] = g(sum of W[f, c, j] x[c, s p + j D - left] + b[f])</c>, as its Conv1d. So a network over
/// frames of sound, each a row, has its convolutions within the frame. P is (L + left + right - D (K - 1) - 1) / s + 1, rounded down.
/// </summary>
/// <param name="filters">Output channels F.</param>
/// <param name="kernel">Places K that an output sees.</param>
public sealed class RowConv1dAttribute(int filters, int kernel) : ChainedLayerAttribute
{
    /// <summary>Output channels F.</summary>
    public int Filters { get; } = filters;

    /// <summary>Places K that an output sees.</summary>
    public int Kernel { get; } = kernel;

    /// <summary>Channels C of the rows that it reads; their width is C L.</summary>
    public int Channels { get; set; } = 1;

    /// <summary>Places s from one output to the next.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>Places D from one element of the kernel to the next.</summary>
    public int Dilation { get; set; } = 1;

    /// <summary>Places before the first that outputs see; less than L where the row is mirrored.</summary>
    public int PadLeft { get; set; }

    /// <summary>Places after the last that outputs see; less than L where the row is mirrored.</summary>
    public int PadRight { get; set; }

    /// <summary>
    /// Whether what is seen outside of a channel is the channel, mirrored at its first and last value, rather than zeros: PyTorch's
    /// padding_mode "reflect".
    /// </summary>
    public bool Mirror { get; set; }

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
