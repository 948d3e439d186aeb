using System.Numerics.Tensors;

namespace RnnCodegen;

/// <summary>The sum that softmax of a row divides by.</summary>
internal static class SoftmaxRow
{
    // Rows are worked on in parts of this size, so that the sum is the same with and without room for the exponentials.
    private const int Part = 512;

    /// <summary>
    /// The row's largest element, and the sum of all exp(x_k - largest), at least 1; in double it keeps what a confident row has besides
    /// its largest term. Writes the exponentials where there is room for them.
    /// </summary>
    public static (float Largest, double Total) Sum(ReadOnlySpan<float> row, Span<float> exponentials)
    {
        Span<float> scratch = stackalloc float[exponentials.IsEmpty ? Part : 0];
        var index = TensorPrimitives.IndexOfMax(row);
        var largest = row[index];
        var total = 0.0;
        for (var start = 0; start < row.Length; start += Part)
        {
            var length = Math.Min(Part, row.Length - start);
            var part = exponentials.IsEmpty ? scratch[..length] : exponentials.Slice(start, length);
            TensorPrimitives.Subtract(row.Slice(start, length), largest, part);
            TensorPrimitives.Exp(part, part);
            if ((uint)(index - start) < (uint)length)
            {
                // The largest term is 1 and not nearly, or it would hide what the others add to it.
                part[index - start] = float.IsFinite(largest) ? 1 : float.NaN;
            }

            total += DoubleSum.Of(part);
        }

        return (largest, total);
    }

    /// <summary>The log-probabilities of a row of finite outputs, of which none, softmax or log-softmax has been taken.</summary>
    public static void Logs(ReadOnlySpan<float> row, OutputTransform output, Span<double> logs)
    {
        // log(exp(y_k) / sum_j exp(y_j)) = y_k - log(sum); softmax and log-softmax have done their part of it.
        var (largest, total) = output == OutputTransform.None ? Sum(row, default) : (0, 1);
        var sum = largest + Math.Log(total);
        for (var k = 0; k < row.Length; k++)
        {
            logs[k] = output == OutputTransform.Softmax ? Math.Log(row[k]) : row[k] - sum;
        }
    }
}
