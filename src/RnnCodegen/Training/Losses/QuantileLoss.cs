using System.Numerics;

namespace RnnCodegen;

/// <summary>
/// The quantile or pinball loss (Koenker and Bassett, 1978): outputs that minimise it are quantiles of the target. With d = t - y an
/// element's loss is max(q d, (q - 1) d), its derivative by y is -q where y is below t, 1 - q above, 0 at t. With Q quantiles a row has
/// Q outputs for each target value, next to each other: output n Q + k is the quantile k of target n, and a target row has F / Q values.
/// </summary>
public sealed class QuantileLoss : ElementLoss
{
    private readonly float[] _quantiles;

    /// <summary>A loss of one or several quantiles.</summary>
    /// <param name="quantiles">The quantiles, each between 0 and 1.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A quantile is not between 0 and 1.</exception>
    public QuantileLoss(params ReadOnlySpan<float> quantiles)
    {
        if (quantiles.IsEmpty)
        {
            throw new ArgumentException("Give at least one quantile.", nameof(quantiles));
        }

        foreach (var q in quantiles)
        {
            if (!(q > 0 && q < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(quantiles), q, "A quantile must be greater than 0 and less than 1.");
            }
        }

        _quantiles = quantiles.ToArray();
        Quantiles = Array.AsReadOnly(_quantiles);
    }

    /// <summary>The quantiles, in the order of the outputs.</summary>
    public IReadOnlyList<float> Quantiles { get; }

    /// <inheritdoc/>
    protected internal override string Settings => $"quantiles {Words(_quantiles)}";

    private protected override ReadOnlySpan<float> Coefficients => _quantiles;

    private protected override int OutputsPerTarget => _quantiles.Length;

    /// <inheritdoc/>
    protected internal override string? FindFault(int features) => features % _quantiles.Length == 0
        ? null
        : $"{features} output features are not a multiple of the {_quantiles.Length} quantiles.";

    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale) =>
        AddElements<Rule>(output, target.Values, gradient, scale);

    private readonly struct Rule : IElementRule
    {
        public static Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> q, out Vector<float> slope)
        {
            // What is neither above nor below has the slope d: 0, or not a number.
            var d = t - y;
            slope = Vector.ConditionalSelect(Vector.GreaterThan(d, Vector<float>.Zero), -q, d);
            slope = Vector.ConditionalSelect(Vector.LessThan(d, Vector<float>.Zero), Vector<float>.One - q, slope);
            return -slope * d;
        }
    }
}
