using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen;

/// <summary>
/// Sums of floats in double precision. The order of additions is fixed, eight lanes whatever the machine has, so that losses and norms are
/// the same everywhere.
/// </summary>
internal static class DoubleSum
{
    private interface ITerm
    {
        /// <summary>What is summed for x; 0 for 0.</summary>
        static abstract Vector256<double> Of(Vector256<double> x);
    }

    public static double Of(ReadOnlySpan<float> values) => Sum<Identity>(values);

    public static double OfSquares(ReadOnlySpan<float> values) => Sum<Square>(values);

    private static double Sum<TTerm>(ReadOnlySpan<float> values)
        where TTerm : struct, ITerm
    {
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
        var (lower, upper) = (Vector256<double>.Zero, Vector256<double>.Zero);
        foreach (var vector in vectors)
        {
            var (a, b) = Vector256.Widen(vector);
            lower += TTerm.Of(a);
            upper += TTerm.Of(b);
        }

        var rest = values[(vectors.Length * Vector256<float>.Count)..];
        if (!rest.IsEmpty)
        {
            Span<float> padded = stackalloc float[Vector256<float>.Count];
            padded.Clear();
            rest.CopyTo(padded);
            var (a, b) = Vector256.Widen(Vector256.Create<float>(padded));
            lower += TTerm.Of(a);
            upper += TTerm.Of(b);
        }

        var sums = lower + upper;
        return sums[0] + sums[1] + sums[2] + sums[3];
    }

    private readonly struct Identity : ITerm
    {
        public static Vector256<double> Of(Vector256<double> x) => x;
    }

    private readonly struct Square : ITerm
    {
        public static Vector256<double> Of(Vector256<double> x) => x * x;
    }
}
