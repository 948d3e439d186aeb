using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static unsafe partial class VectorMath
{
    /// <summary>
    /// Adds a term to a sum in memory and what rounding loses of it to the
    /// sum's low part, so that a sum of many terms is as good as one of few.
    /// </summary>
    /// <param name="term">The term.</param>
    /// <param name="sum">The sum.</param>
    /// <param name="low">Floats from the sum to its low part; 0 where it has none, and what is lost is lost.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float term, float* sum, nint low) => AddTo<ScalarOps, float>(term, sum, low);

    /// <inheritdoc cref="AddTo(float, float*, nint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(Vector128<float> term, float* sum, nint low) => AddTo<Vector128Ops, Vector128<float>>(term, sum, low);

    /// <inheritdoc cref="AddTo(float, float*, nint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(Vector256<float> term, float* sum, nint low) => AddTo<Vector256Ops, Vector256<float>>(term, sum, low);

    /// <inheritdoc cref="AddTo(float, float*, nint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(Vector512<float> term, float* sum, nint low) => AddTo<Vector512Ops, Vector512<float>>(term, sum, low);

    /// <inheritdoc cref="AddTo(float, float*, nint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddTo<TOps, TVector>(TVector term, float* sum, nint low)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var high = TOps.Load(sum);
        if (low == 0)
        {
            TOps.Store(TOps.Add(high, term), sum);
            return;
        }

        var rest = TOps.Load(sum + low);
        AddTo<TOps, TVector>(term, ref high, ref rest);
        TOps.Store(high, sum);
        TOps.Store(rest, sum + low);
    }

    /// <summary>Adds a term to a sum and what rounding loses of it to the sum's low part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddTo<TOps, TVector>(TVector term, ref TVector sum, ref TVector low)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        // Knuth's exact difference, whichever of the two is larger.
        var before = sum;
        sum = TOps.Add(before, term);
        var added = TOps.Subtract(sum, before);
        var lost = TOps.Add(TOps.Subtract(before, TOps.Subtract(sum, added)), TOps.Subtract(term, added));
        low = TOps.Add(low, lost);
    }
}
