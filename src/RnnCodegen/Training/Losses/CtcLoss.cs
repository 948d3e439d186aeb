using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>
/// Connectionist temporal classification (Graves et al., 2006), as PyTorch's <c>CTCLoss</c> of the outputs' log-softmax: -log of the
/// probability of all ways to say a sample's labels in its steps, where each step says a label or a blank, repetitions of a label merge,
/// and blanks are left out. Computed in log space and double precision. As in PyTorch the mean divides each sample's loss by its number of
/// labels (at least 1) and then takes the mean over samples; the sum does not divide.
/// Labels that need more steps than there are (one each, and one more between two equal ones) have an infinite loss and a gradient that is
/// not a number; see <see cref="ZeroInfinity"/>.
/// </summary>
public sealed class CtcLoss : Loss
{
    [ThreadStatic]
    private static CtcLattice? t_lattice;

    /// <inheritdoc/>
    public override TargetKind TargetKind => TargetKind.Labels;

    /// <summary>The class of the blank; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int BlankIndex
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(BlankIndex), value, "Must not be negative.");
    }

    /// <summary>
    /// Whether an infinite loss counts as 0, with a gradient of 0; the sample still counts in the mean. False unless set.
    /// </summary>
    public bool ZeroInfinity { get; init; }

    /// <inheritdoc/>
    protected internal override string Settings => FormattableString.Invariant($"blank {BlankIndex}, zero infinity {ZeroInfinity}");

    /// <inheritdoc/>
    protected internal override string? FindFault(int features) => BlankIndex < features
        ? null
        : $"The blank is class {BlankIndex}, but there are {features} output features.";

    /// <inheritdoc/>
    protected internal override string? FindFault(LossTargets target, LossShape shape)
    {
        var start = 0;
        for (var b = 0; b < shape.Batch; b++)
        {
            var labels = target.Ids.Slice(start, target.LabelLengths[b]);
            start += labels.Length;
            var (first, end) = shape.StepsOf(b);
            if (shape.WeightOf(b) > 0 && !CtcLattice.Fits(end - first, labels.Length))
            {
                return $"Sample {shape.FirstSample + b} has {labels.Length} labels and {end - first} steps, too many to look at all ways " +
                    $"to say them: steps x (2 labels + 1) may be {Array.MaxLength}; cut it into several.";
            }

            for (var i = 0; i < labels.Length && shape.WeightOf(b) > 0; i++)
            {
                if ((uint)labels[i] >= (uint)shape.Features || labels[i] == BlankIndex)
                {
                    return $"Label {labels[i]} at position {i} of sample {shape.FirstSample + b} is " + (labels[i] == BlankIndex
                        ? "the blank."
                        : $"not from 0 to {shape.Features - 1}.");
                }
            }
        }

        return null;
    }

    /// <inheritdoc/>
    protected internal override string? FindEndless(LossTargets target, LossShape shape)
    {
        var start = 0;
        for (var b = 0; b < shape.Batch && !ZeroInfinity; b++)
        {
            var labels = target.Ids.Slice(start, target.LabelLengths[b]);
            start += labels.Length;
            var (first, end) = shape.StepsOf(b);
            if (StepsFor(labels) is var needed && needed > end - first && shape.WeightOf(b) > 0)
            {
                var repeated = needed - labels.Length;
                var blanks = repeated == 0 ? "" : $" and {repeated} more to tell equal neighbours apart";
                return $"The {labels.Length} labels of sample {shape.FirstSample + b} need at least {needed} output steps, one " +
                    $"each{blanks}, but {end - first} count; "
                    + "give it more steps or fewer labels, or set ZeroInfinity to leave such samples out.";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    internal override double Count(LossTargets target, LossShape shape)
    {
        var (sum, start) = (0.0, 0);
        shape = shape with { Window = Window };
        for (var b = 0; b < shape.Batch; b++)
        {
            var labels = target.Ids.Slice(start, target.LabelLengths[b]);
            start += labels.Length;
            var (first, end) = shape.StepsOf(b);
            sum += StepsFor(labels) <= end - first ? shape.WeightOf(b) : 0;
        }

        return sum;
    }

    /// <summary>The least steps that labels can be said in: one each, and a blank between equal neighbours.</summary>
    private static int StepsFor(ReadOnlySpan<int> labels)
    {
        var steps = labels.Length;
        for (var i = 1; i < labels.Length; i++)
        {
            steps += labels[i] == labels[i - 1] ? 1 : 0;
        }

        return steps;
    }

    /// <inheritdoc/>
    protected override double Weigh(LossTargets target, LossShape shape)
    {
        var sum = 0.0;
        for (var b = 0; b < shape.Batch; b++)
        {
            sum += shape.WeightOf(b);
        }

        return sum;
    }

    /// <inheritdoc/>
    protected override double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
    {
        // Rows that do not count keep this.
        gradient.Clear();
        var lattice = t_lattice ??= new CtcLattice();
        var (sum, start) = (0.0, 0);
        for (var b = 0; b < shape.Batch; b++)
        {
            var labels = target.Ids.Slice(start, target.LabelLengths[b]);
            start += labels.Length;
            var weight = shape.WeightOf(b) / (Reduction == Reduction.Mean ? Math.Max(1.0, labels.Length) : 1);
            if (weight > 0)
            {
                sum += weight * AddSample(lattice, output, labels, gradient, shape, b, weight * scale);
            }
        }

        return sum;
    }

    private double AddSample(
        CtcLattice lattice, ReadOnlySpan<float> output, ReadOnlySpan<int> labels, Span<float> gradient, LossShape shape, int sample,
        double scale)
    {
        var (first, end) = shape.StepsOf(sample);
        var (steps, features, batch) = (end - first, shape.Features, shape.Batch);
        lattice.Reset(steps, labels);
        for (var t = 0; t < steps; t++)
        {
            var row = output.Slice(Offset(t), features);
            var rowGradient = gradient.IsEmpty ? gradient : gradient.Slice(Offset(t), features);
            var (largest, total) = SoftmaxRow.Sum(row, rowGradient);
            TensorPrimitives.Multiply(rowGradient, (float)(scale / total), rowGradient);
            lattice.SetStep(t, row, labels, BlankIndex, largest + Math.Log(total));
        }

        var loss = lattice.Forward();
        var isImpossible = double.IsPositiveInfinity(loss);
        if (gradient.IsEmpty)
        {
            return isImpossible && ZeroInfinity ? 0 : loss;
        }

        // The derivative by an output is softmax minus the part of all ways that say its class at this step.
        for (var t = steps - 1; t >= 0; t--)
        {
            var rowGradient = gradient.Slice(Offset(t), features);
            if (isImpossible)
            {
                rowGradient.Fill(ZeroInfinity ? 0 : float.NaN);
            }
            else
            {
                lattice.SubtractShares(t, labels, BlankIndex, scale, rowGradient);
            }
        }

        return isImpossible && ZeroInfinity ? 0 : loss;

        int Offset(int t) => (((first + t) * batch) + sample) * features;
    }
}
