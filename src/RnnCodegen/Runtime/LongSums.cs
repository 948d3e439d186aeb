using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Sums of any number of terms. Those that a state holds are two floats, high and low: high is the sum rounded to a float, low what that
/// leaves out. A term is added in double precision, so that each addition is off by 2^-49 of the sum at most and a mean of 10^9 steps by
/// less than 10^-6, where a single float stands still at 2^24 steps. Values below <see cref="VectorMath.FlushFloor"/> become 0.
/// Those of a call are doubles, to which short sums in float are added.
/// </summary>
internal static unsafe class LongSums
{
    /// <summary>
    /// Most floats that are added up in float: so few lose less than 10^-6 of their magnitudes, even where all are rounded the same way.
    /// </summary>
    public const int FewTerms = 16;

    // Sums that are made at a time: doubles on the stack, or floats that stay in the first-level cache.
    private const int Block = 1024;

    /// <summary>sums = sums * scale + x * share, elementwise; the same operations, and so the same bits, for every element.</summary>
    /// <param name="high">High parts, [width].</param>
    /// <param name="low">Low parts, [width].</param>
    /// <param name="scale">Factor of the sums.</param>
    /// <param name="x">Terms, [width].</param>
    /// <param name="share">Factor of the terms.</param>
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

    /// <summary>sums += terms, elementwise; sums and terms are of one length.</summary>
    public static void Add(Span<double> sums, ReadOnlySpan<float> terms)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(terms);
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var lower, out var upper);
            wide[2 * i] += lower;
            wide[(2 * i) + 1] += upper;
        }

        for (var i = vectors.Length * Vector<float>.Count; i < terms.Length; i++)
        {
            sums[i] += terms[i];
        }
    }

    /// <summary>target = sums, elementwise, rounded; both are of one length.</summary>
    public static void Round(ReadOnlySpan<double> sums, Span<float> target)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector.Narrow(wide[2 * i], wide[(2 * i) + 1]);
        }

        for (var i = vectors.Length * Vector<float>.Count; i < target.Length; i++)
        {
            target[i] = (float)sums[i];
        }
    }

    /// <summary>Moves short sums into long ones: sums += few, few = 0.</summary>
    public static void Fold(float* few, double* sums, nint count)
    {
        for (; count > 0; few += Block, sums += Block, count -= Block)
        {
            var some = new Span<float>(few, (int)Math.Min(Block, count));
            Add(new Span<double>(sums, some.Length), some);
            some.Clear();
        }
    }

    /// <summary>few = sums + few, rounded: what was folded and what was not yet.</summary>
    public static void Finish(float* few, double* sums, nint count)
    {
        for (; count > 0; few += Block, sums += Block, count -= Block)
        {
            var some = new Span<float>(few, (int)Math.Min(Block, count));
            var wide = new Span<double>(sums, some.Length);
            Add(wide, some);
            Round(wide, some);
        }
    }

    /// <summary>target = the sum of equally long rows, in their order; target may be the first row and overlaps no other.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="target">Receives the sums, [width].</param>
    public static void AddRows(float* rows, nint stride, int count, nint width, float* target)
    {
        Span<double> wide = stackalloc double[Block];
        for (; width > 0; rows += Block, target += Block, width -= Block)
        {
            var sums = new Span<float>(target, (int)Math.Min(Block, width));
            if (count > FewTerms)
            {
                var block = wide[..sums.Length];
                block.Clear();
                for (var row = 0; row < count; row++)
                {
                    Add(block, new ReadOnlySpan<float>(rows + (row * stride), sums.Length));
                }

                Round(block, sums);
                continue;
            }

            new ReadOnlySpan<float>(rows, sums.Length).CopyTo(sums);
            for (var row = 1; row < count; row++)
            {
                TensorPrimitives.Add(sums, new ReadOnlySpan<float>(rows + (row * stride), sums.Length), sums);
            }
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
