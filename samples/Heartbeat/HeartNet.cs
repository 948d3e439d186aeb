using RnnCodegen;

namespace Heartbeat;

/// <summary>
/// Six samples of a levelled electrocardiogram a step; out, whether a beat's moment was <see cref="Delay"/> samples ago, and of what
/// kind: none, normal, premature of the atria, premature of the ventricles.
/// </summary>
[RnnModel(InputSize = 1, Output = OutputTransform.Softmax)]
public partial class HeartNet
{
    /// <summary>Samples that a step takes.</summary>
    public const int Stride = 6;

    /// <summary>Samples from a beat's moment to when the model says so: by then it has seen the whole of the beat.</summary>
    public const int Delay = Recording.Rate / 6;

    /// <summary>Slopes and bumps.</summary>
    [Conv1d(24, 18, Stride = Stride, Padding = TimePadding.Causal, Activation = Activation.Relu)]
    public partial Conv1dLayer Shapes { get; }

    /// <summary>The rhythm so far.</summary>
    [Gru(32)]
    public partial GruLayer Rhythm { get; }

    /// <summary>None, or a kind of beat.</summary>
    [Dense(4)]
    public partial DenseLayer Head { get; }
}
