using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>The root of x where it is positive, else 0, within 0.5 ULP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float x) => Sqrt<ScalarOps, float>(x);

    /// <inheritdoc cref="Sqrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sqrt(Vector128<float> x) => Sqrt<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Sqrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> x) => Sqrt<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Sqrt(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> x) => Sqrt<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of the root at x, 0.5 / sqrt(x), within 1.5 ULP; 0 where x is not positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SqrtSlope(float x) => SqrtSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="SqrtSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SqrtSlope(Vector128<float> x) => SqrtSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="SqrtSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SqrtSlope(Vector256<float> x) => SqrtSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="SqrtSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SqrtSlope(Vector512<float> x) => SqrtSlope<Vector512Ops, Vector512<float>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sqrt<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Sqrt(TOps.Max(TOps.Create(0f), x));

    // At 0 the quotient is infinite, and infinity times 0 would be none; no float has a root below 2^-75.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SqrtSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var root = TOps.Max(TOps.Create(1e-23f), Sqrt<TOps, TVector>(x));
        return TOps.Multiply(TOps.OneWhereGreater(x, TOps.Create(0f)), TOps.Divide(TOps.Create(0.5f), root));
    }
}
