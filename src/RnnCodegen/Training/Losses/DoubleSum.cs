using System.Runtime.CompilerServices;
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
        var lower = Vector256<double>.Zero;
        var upper = Vector256<double>.Zero;
        Add<TTerm>(vectors, ref lower, ref upper);
        var rest = values[(vectors.Length * Vector256<float>.Count)..];
        if (!rest.IsEmpty)
        {
            Span<float> padded = stackalloc float[Vector256<float>.Count];
            padded.Clear();
            rest.CopyTo(padded);
            Add<TTerm>([Vector256.Create<float>(padded)], ref lower, ref upper);
        }

        var sums = lower + upper;
        return sums[0] + sums[1] + sums[2] + sums[3];
    }

    // By itself, as in a method that calls others the compiler keeps the sums in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add<TTerm>(ReadOnlySpan<Vector256<float>> vectors, ref Vector256<double> lower, ref Vector256<double> upper)
        where TTerm : struct, ITerm
    {
        var (low, high) = (lower, upper);
        foreach (var vector in vectors)
        {
            low += TTerm.Of(Vector256.WidenLower(vector));
            high += TTerm.Of(Vector256.WidenUpper(vector));
        }

        (lower, upper) = (low, high);
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
