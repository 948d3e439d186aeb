using System.Numerics;

namespace RnnCodegen;

/// <summary>
/// Squared errors that turn into absolute ones where they are large, as PyTorch's <c>HuberLoss</c>: with d = y - t an element's loss is
/// d^2 / 2 where |d| is at most delta, else delta (|d| - delta / 2).
/// </summary>
public sealed class HuberLoss : ElementLoss
{
    private readonly float[] _delta = [1];

    /// <summary>Where the loss turns from a parabola into lines; 1 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public float Delta
    {
        get => _delta[0];
        init => _delta[0] = value > 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Delta), value, "Must be a finite positive number.");
    }

    /// <inheritdoc/>
    protected internal override string Settings => $"delta {Words(_delta)}";

    private protected override ReadOnlySpan<float> Coefficients => _delta;

    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale) =>
        AddElements<Rule>(output, target.Values, gradient, scale);

    private readonly struct Rule : IElementRule
    {
        public static Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> delta, out Vector<float> slope)
        {
            // With s the slope, d clipped to [-delta, delta], both branches are s (d - s / 2).
            var d = y - t;
            slope = Vector.Max(Vector.Min(d, delta), -delta);
            return slope * (d - (slope * 0.5f));
        }
    }
}
