using System.Numerics;

namespace RnnCodegen;

/// <summary>Absolute errors, as PyTorch's <c>L1Loss</c>: an element's loss is |y - t|, its derivative the sign of y - t, 0 at 0.</summary>
public sealed class MeanAbsoluteErrorLoss : ElementLoss
{
    private protected override double AddRows(
        ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, int features, float scale) =>
        AddElements<Rule>(output, target.Values, gradient, scale);

    private readonly struct Rule : IElementRule
    {
        public static Vector<float> Loss(Vector<float> y, Vector<float> t, Vector<float> coefficient, out Vector<float> slope)
        {
            // What is neither positive nor negative stays: 0, and what is not a number.
            var d = y - t;
            slope = Vector.ConditionalSelect(Vector.GreaterThan(d, Vector<float>.Zero), Vector<float>.One, d);
            slope = Vector.ConditionalSelect(Vector.LessThan(d, Vector<float>.Zero), -Vector<float>.One, slope);
            return Vector.Abs(d);
        }
    }
}
