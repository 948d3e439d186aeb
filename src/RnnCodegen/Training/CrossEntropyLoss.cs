using System.Numerics.Tensors;

namespace RnnCodegen;

internal sealed class CrossEntropyLoss : RowLoss<int>
{
    public override bool TakesClasses => true;

    public override float Compute(ReadOnlySpan<float> output, ReadOnlySpan<int> target, Span<float> gradient, LossShape shape) =>
        Mean(output, target, 1, gradient, shape);

    protected override void Check(ReadOnlySpan<int> target, int firstRow, LossShape shape)
    {
        var bad = target.IndexOfAnyExceptInRange(0, shape.Features - 1);
        if (bad >= 0)
        {
            var (step, sample) = Math.DivRem(firstRow + bad, shape.Batch);
            throw new ArgumentException(
                $"Class id {target[bad]} at step {step} of sample {sample} is not from 0 to {shape.Features - 1}.", nameof(target));
        }
    }

    protected override double Sum(
        ReadOnlySpan<float> output, ReadOnlySpan<int> target, Span<float> gradient, int features, float weight)
    {
        Span<float> scratch = stackalloc float[gradient.IsEmpty ? Part : 0];
        var sum = 0.0;
        for (var row = 0; row < target.Length; row++)
        {
            var logits = output.Slice(row * features, features);
            var rowGradient = gradient.IsEmpty ? gradient : gradient.Slice(row * features, features);
            var max = TensorPrimitives.Max(logits);
            var total = 0.0;
            for (var start = 0; start < features; start += Part)
            {
                var length = Math.Min(Part, features - start);
                var exponentials = gradient.IsEmpty ? scratch[..length] : rowGradient.Slice(start, length);
                TensorPrimitives.Subtract(logits.Slice(start, length), max, exponentials);
                TensorPrimitives.Exp(exponentials, exponentials);
                total += DoubleSum.Of(exponentials);
            }

            // The total is at least 1; in double it keeps what a confident row has besides its largest term.
            sum += Math.Log(total) - ((double)logits[target[row]] - max);
            if (!gradient.IsEmpty)
            {
                TensorPrimitives.Multiply(rowGradient, (float)(weight / total), rowGradient);
                rowGradient[target[row]] -= weight;
            }
        }

        return sum;
    }
}
