using System.Numerics;
using System.Runtime.InteropServices;

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
    public void Add(ReadOnlySpan<float> gradients)
    {
        var sums = MemoryMarshal.Cast<double, Vector<double>>(_sum.AsSpan());
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var lower, out var upper);
            sums[2 * i] += lower;
            sums[(2 * i) + 1] += upper;
        }

        for (var i = vectors.Length * Vector<float>.Count; i < gradients.Length; i++)
        {
            _sum[i] += gradients[i];
        }
    }

    /// <summary>Writes the sums, each divided by a number.</summary>
    public void DivideInto(Span<float> gradients, double divisor)
    {
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = (float)(_sum[i] / divisor);
        }
    }
}
