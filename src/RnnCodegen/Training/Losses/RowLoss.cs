namespace RnnCodegen;

/// <summary>A loss that adds up over rows, each by itself.</summary>
public abstract class RowLoss : Loss
{
    /// <summary>
    /// Elements are worked on in parts of this size, so that the sums are the same with and without a gradient to write to.
    /// </summary>
    private protected const int Part = 512;

    private protected RowLoss()
    {
    }

    /// <inheritdoc/>
    protected internal sealed override bool TakesStepWeights => true;

    /// <summary>Adds up the weights of neighbouring rows of samples of weight 1.</summary>
    private protected abstract double WeighRows(LossTargets target, int rows, int features);

    /// <summary>Adds up the losses of neighbouring rows, and writes their gradients times a scale.</summary>
    private protected abstract double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale);

    /// <inheritdoc/>
    protected sealed override double Weigh(LossTargets target, LossShape shape)
    {
        var (sum, width) = (0.0, TargetWidth(shape.Features));
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            if (weight > 0)
            {
                sum += weight * WeighRows(target.Rows(row, run, width), run, shape.Features);
            }
        }

        return sum;
    }

    /// <inheritdoc/>
    protected sealed override double Add(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
    {
        var (sum, width, features) = (0.0, TargetWidth(shape.Features), shape.Features);
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            var runGradient = gradient.IsEmpty ? gradient : gradient.Slice(row * features, run * features);
            if (weight > 0)
            {
                var runOutput = output.Slice(row * features, run * features);
                sum += weight * AddRows(runOutput, target.Rows(row, run, width), runGradient, features, (float)(weight * scale));
            }
            else
            {
                runGradient.Clear();
            }
        }

        return sum;
    }
}
