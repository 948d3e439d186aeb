using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Sums that go on for as long as a stream does. Each is two floats, high and low: high is the sum rounded to a float, low what that leaves
/// out. A term is added in double precision, so that each addition is off by 2^-49 of the sum at most and a mean of 10^9 steps by less than
/// 10^-6, where a single float stands still at 2^24 steps. Values below <see cref="VectorMath.FlushFloor"/> become 0.
/// </summary>
internal static unsafe class LongSums
{
    /// <summary>sums = sums * scale + x * share, elementwise; the same operations, and so the same bits, for every element.</summary>
    /// <param name="high">High parts, [width].</param>
    /// <param name="low">Low parts, [width].</param>
    /// <param name="scale">What the sums are scaled by.</param>
    /// <param name="x">Terms, [width].</param>
    /// <param name="share">What the terms are scaled by.</param>
    /// <param name="width">Number of sums.</param>
    public static void Add(float* high, float* low, double scale, float* x, double share, nint width)
    {
        nint i = 0;
        for (; i + Vector128<float>.Count <= width; i += Vector128<float>.Count)
        {
            var (h, l, term) = (Vector128.Load(high + i), Vector128.Load(low + i), Vector128.Load(x + i));
            var lower = ((Vector128.WidenLower(h) + Vector128.WidenLower(l)) * scale) + (Vector128.WidenLower(term) * share);
            var upper = ((Vector128.WidenUpper(h) + Vector128.WidenUpper(l)) * scale) + (Vector128.WidenUpper(term) * share);
            h = VectorMath.Flush(Vector128.Narrow(lower, upper));
            l = Vector128.Narrow(lower - Vector128.WidenLower(h), upper - Vector128.WidenUpper(h));
            Vector128.Store(h, high + i);

            // Also where infinity less infinity left NaN.
            Vector128.Store(l & Vector128.GreaterThanOrEqual(Vector128.Abs(l), Vector128.Create(VectorMath.FlushFloor)), low + i);
        }

        for (; i < width; i++)
        {
            (high[i], low[i]) = Split((((double)high[i] + low[i]) * scale) + (x[i] * share));
        }
    }

    /// <summary>target = sums / divisor.</summary>
    /// <param name="high">High parts, [width].</param>
    /// <param name="low">Low parts, [width].</param>
    /// <param name="divisor">Not 0.</param>
    /// <param name="target">Receives the quotients, [width].</param>
    /// <param name="width">Number of sums.</param>
    public static void Divide(float* high, float* low, double divisor, float* target, nint width)
    {
        for (nint i = 0; i < width; i++)
        {
            target[i] = (float)(((double)high[i] + low[i]) / divisor);
        }
    }

    /// <summary>A sum as its two parts.</summary>
    public static (float High, float Low) Split(double sum)
    {
        var high = VectorMath.Flush((float)sum);
        var low = (float)(sum - high);
        return (high, MathF.Abs(low) >= VectorMath.FlushFloor ? low : 0);
    }
}
