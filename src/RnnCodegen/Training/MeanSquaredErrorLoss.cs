using System.Numerics.Tensors;

namespace RnnCodegen;

internal sealed class MeanSquaredErrorLoss : RowLoss<float>
{
    public override bool TakesClasses => false;

    public override float Compute(ReadOnlySpan<float> output, ReadOnlySpan<float> target, Span<float> gradient, LossShape shape) =>
        Mean(output, target, shape.Features, gradient, shape);

    protected override double Sum(
        ReadOnlySpan<float> output, ReadOnlySpan<float> target, Span<float> gradient, int features, float weight)
    {
        Span<float> scratch = stackalloc float[gradient.IsEmpty ? Part : 0];
        var sum = 0.0;
        for (var start = 0; start < output.Length; start += Part)
        {
            var length = Math.Min(Part, output.Length - start);
            var difference = gradient.IsEmpty ? scratch[..length] : gradient.Slice(start, length);
            TensorPrimitives.Subtract(output.Slice(start, length), target.Slice(start, length), difference);
            sum += DoubleSum.OfSquares(difference);
            if (!gradient.IsEmpty)
            {
                TensorPrimitives.Multiply(difference, 2 * weight / features, difference);
            }
        }

        return sum / features;
    }
}
