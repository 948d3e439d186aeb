using RnnCodegen;

namespace AmpModel;

/// <summary>
/// The error's energy, heard as an ear hears it: the mean square of d_t - 0.85 d_(t-1), with d the difference of output and target.
/// The filter, usual for guitar amplifiers (Wright et al., 2020), weighs the highs, where distortion is heard but has little energy.
/// </summary>
sealed class SignalError : Loss
{
    /// <summary>How much of the sample before is taken off.</summary>
    public const float Emphasis = 0.85f;

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Values;

    /// <summary>The error-to-signal ratio of a whole recording: the error's energy by the target's.</summary>
    /// <param name="output">What was played.</param>
    /// <param name="target">What should have been.</param>
    /// <param name="emphasis">How much of the sample before is taken off both; 0 for the plain ratio.</param>
    public static double Ratio(ReadOnlySpan<float> output, ReadOnlySpan<float> target, float emphasis)
    {
        double error = 0, signal = 0;
        for (var t = 1; t < target.Length; t++)
        {
            error += Math.Pow(output[t] - target[t] - (emphasis * (output[t - 1] - target[t - 1])), 2);
            signal += Math.Pow(target[t] - (emphasis * target[t - 1]), 2);
        }

        return error / signal;
    }

    /// <inheritdoc/>
    protected override double Weigh(LossTargets target, LossShape shape) => shape.ValidRows;

    /// <inheritdoc/>
    protected override double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
    {
        gradient.Clear();
        var sum = 0.0;
        for (var b = 0; b < shape.Batch; b++)
        {
            // A window's first sample has nothing before it.
            var (start, end) = shape.StepsOf(b);
            var before = 0f;
            for (var t = start; t < end; t++)
            {
                var at = (t * shape.Batch) + b;
                var difference = output[at] - target.Values[at];
                var emphasized = difference - (Emphasis * before);
                before = difference;
                sum += emphasized * emphasized;
                if (!gradient.IsEmpty)
                {
                    var slope = (float)(2 * scale * emphasized);
                    gradient[at] += slope;
                    if (t > start)
                    {
                        gradient[at - shape.Batch] -= Emphasis * slope;
                    }
                }
            }
        }

        return sum;
    }
}
