namespace RnnCodegen;

/// <summary>A loss that is the mean of one number a valid row.</summary>
internal abstract class RowLoss<TTarget> : Loss
    where TTarget : unmanaged
{
    /// <summary>
    /// Elements are worked on in parts of this size, so that the sums are the same with and without a gradient to write to.
    /// </summary>
    protected const int Part = 512;

    /// <summary>Refuses targets before anything is written.</summary>
    protected virtual void Check(ReadOnlySpan<TTarget> target, int firstRow, LossShape shape)
    {
    }

    /// <summary>Adds up the losses of valid rows, and writes their gradients times a weight.</summary>
    protected abstract double Sum(
        ReadOnlySpan<float> output, ReadOnlySpan<TTarget> target, Span<float> gradient, int features, float weight);

    protected float Mean(
        ReadOnlySpan<float> output, ReadOnlySpan<TTarget> target, int targetWidth, Span<float> gradient, LossShape shape)
    {
        var (rows, features) = (shape.Rows, shape.Features);
        Require(output.Length, rows * features, nameof(output), shape);
        Require(target.Length, rows * targetWidth, nameof(target), shape);
        if (!gradient.IsEmpty)
        {
            Require(gradient.Length, rows * features, nameof(gradient), shape);
        }

        var validRows = shape.ValidRows;
        if (validRows == 0)
        {
            throw new ArgumentException("All lengths are 0: there is no row to take the mean over.", nameof(shape));
        }

        for (int row = 0, run; row < rows; row += run)
        {
            run = shape.Run(row, out var valid);
            if (valid)
            {
                Check(target.Slice(row * targetWidth, run * targetWidth), row, shape);
            }
        }

        var sum = 0.0;
        for (int row = 0, run; row < rows; row += run)
        {
            run = shape.Run(row, out var valid);
            var runGradient = gradient.IsEmpty ? gradient : gradient.Slice(row * features, run * features);
            if (valid)
            {
                var runTarget = target.Slice(row * targetWidth, run * targetWidth);
                sum += Sum(output.Slice(row * features, run * features), runTarget, runGradient, features, 1f / validRows);
            }
            else
            {
                runGradient.Clear();
            }
        }

        return (float)(sum / validRows);
    }

    private static void Require(int length, int expected, string argument, LossShape shape)
    {
        if (length != expected)
        {
            throw new ArgumentException(
                $"T = {shape.Steps}, B = {shape.Batch}, F = {shape.Features} need {expected} elements, got {length}.", argument);
        }
    }
}
