using System.Numerics;

namespace RnnCodegen;

/// <summary>
/// Binary cross-entropy of logits, as PyTorch's <c>BCEWithLogitsLoss</c>: with p the positive weight, an element's loss is
/// -(p t log sigmoid(y) + (1 - t) log(1 - sigmoid(y))), computed as p t softplus(-y) + (1 - t) softplus(y), with
/// softplus(x) = max(x, 0) + log(1 + exp(-|x|)), so that it neither overflows nor loses small losses. Its derivative is
/// (1 - t) sigmoid(y) - p t sigmoid(-y). Targets are from 0 to 1; the mean is over elements, whatever the positive weights.
/// </summary>
public sealed class BinaryCrossEntropyLoss : ElementLoss
{
    private readonly float[] _positiveWeights = [1];

    /// <summary>
    /// What the loss of a yes is multiplied with, for yeses that are rare: one number for all features, or one for each; 1 unless set.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or one is negative or not finite.</exception>
    public IReadOnlyList<float> PositiveWeights
    {
        get => Array.AsReadOnly(_positiveWeights);
        init => _positiveWeights = LossWeights.Check(value, nameof(PositiveWeights));
    }

    /// <inheritdoc/>
    protected internal override string Settings => $"positive weights {Words(_positiveWeights)}";

    private protected override ReadOnlySpan<float> Coefficients => _positiveWeights;

    /// <inheritdoc/>
    protected internal override string? FindFault(int features) => _positiveWeights.Length == 1 || _positiveWeights.Length == features
        ? null
        : $"The loss has {_positiveWeights.Length} positive weights, but there are {features} output features.";

    /// <inheritdoc/>
    protected internal override string? FindFault(LossTargets target, LossShape shape)
    {
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            var values = target.Rows(row, run, shape.Features).Values;
            for (var i = 0; i < values.Length && weight > 0; i++)
            {
                if (!(values[i] >= 0 && values[i] <= 1) && !(IgnoreNaN && float.IsNaN(values[i])))
                {
                    return $"Target {values[i]} of feature {i % shape.Features} at {shape.Place(row + (i / shape.Features))} is not " +
                        "from 0 to 1.";
                }
            }
        }

        return null;
    }

    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale) =>
        AddElements<Rule>(output, target.Values, gradient, scale);

    private readonly struct Rule : IElementRule
    {
        public static Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> positive, out Vector<float> slope)
        {
            var e = Vector.Exp(-Vector.Abs(y));
            var u = Vector<float>.One + e;

            // log(1 + e) by Kahan: what u lost by rounding is made good by e / (u - 1).
            var lost = u - Vector<float>.One;
            var log = Vector.ConditionalSelect(Vector.Equals(lost, Vector<float>.Zero), e, Vector.Log(u) * (e / lost));

            var (large, small) = (Vector<float>.One / u, e / u);
            var isPositive = Vector.GreaterThan(y, Vector<float>.Zero);
            var (yes, no) = (positive * t, Vector<float>.One - t);
            slope = (no * Vector.ConditionalSelect(isPositive, large, small)) - (yes * Vector.ConditionalSelect(isPositive, small, large));
            var above = Vector.ConditionalSelect(isPositive, y, Vector<float>.Zero);
            var below = Vector.ConditionalSelect(isPositive, Vector<float>.Zero, -y);
            return (yes * (below + log)) + (no * (above + log));
        }
    }
}
