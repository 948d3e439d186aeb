using System.Numerics;

namespace RnnCodegen;

/// <summary>Squared errors, as PyTorch's <c>MSELoss</c>: an element's loss is (y - t)^2.</summary>
public sealed class MeanSquaredErrorLoss : ElementLoss
{
    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale) =>
        AddElements<Rule>(output, target.Values, gradient, scale);

    private readonly struct Rule : IElementRule
    {
        public static Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> coefficient, out Vector<float> slope)
        {
            var d = y - t;
            slope = d + d;
            return d * d;
        }
    }
}
