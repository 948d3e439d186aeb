using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// The gradients of any number of batches, added up in double precision: a float would stop growing once it is 2^24 times what is added.
/// </summary>
internal sealed class GradientSum(int count)
{
    private readonly double[] _sum = new double[count];

    /// <summary>Forgets what was added.</summary>
    public void Clear() => Array.Clear(_sum);

    /// <summary>Adds a batch's gradients.</summary>
    public void Add(ReadOnlySpan<float> gradients) => LongSums.Add(_sum, gradients);

    /// <summary>Some of the sums, from the first to before the end.</summary>
    public Span<double> Range(int first, int end) => _sum.AsSpan(first, end - first);

    /// <summary>Writes the sums, each divided by a number.</summary>
    public void DivideInto(Span<float> gradients, double divisor)
    {
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = (float)(_sum[i] / divisor);
        }
    }
}
