using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen;

/// <summary>
/// Random matrices with orthonormal columns (or rows, where there are fewer rows), uniformly distributed over all such matrices.
/// </summary>
internal static class OrthogonalMatrix
{
    /// <summary>
    /// Fills a row-major matrix with the Q of a normal matrix's QR decomposition, by Gram and Schmidt in double precision. It makes R's
    /// diagonal positive, which is the sign fix that makes Q uniform (Mezzadri, 2007).
    /// </summary>
    public static void Fill(Span<float> values, int rows, int columns, SeededRandom random)
    {
        var (length, count) = (Math.Max(rows, columns), Math.Min(rows, columns));
        var vectors = new double[count][];
        for (var j = 0; j < count; j++)
        {
            var v = vectors[j] = new double[length];
            foreach (ref var element in v.AsSpan())
            {
                element = random.NextNormal();
            }

            // A second pass removes what rounding left of the first ("twice is enough", Kahan and Parlett).
            for (var pass = 0; pass < 2; pass++)
            {
                for (var k = 0; k < j; k++)
                {
                    Add(v, vectors[k], -Dot(v, vectors[k]));
                }
            }

            var norm = Math.Sqrt(Dot(v, v));
            foreach (ref var element in v.AsSpan())
            {
                element /= norm;
            }
        }

        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                values[(r * columns) + c] = (float)(rows >= columns ? vectors[c][r] : vectors[r][c]);
            }
        }
    }

    /// <summary>A dot product whose order of additions is fixed: always four lanes, whatever the machine has.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var va = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector256<double>>(b);
        var sums = Vector256<double>.Zero;
        for (var i = 0; i < va.Length; i++)
        {
            sums += va[i] * vb[i];
        }

        var sum = sums[0] + sums[1] + sums[2] + sums[3];
        for (var i = va.Length * Vector256<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>a += s b.</summary>
    private static void Add(Span<double> a, ReadOnlySpan<double> b, double s)
    {
        var va = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector256<double>>(b);
        for (var i = 0; i < va.Length; i++)
        {
            va[i] += vb[i] * s;
        }

        for (var i = va.Length * Vector256<double>.Count; i < a.Length; i++)
        {
            a[i] += b[i] * s;
        }
    }
}
