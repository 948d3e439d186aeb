using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // 2 artanh(z) / z on 0 to 1/3 is a polynomial in z^2: minimax fit, relative error 1.1e-10.
    private const float L1 = 0.666666806f;
    private const float L2 = 0.399986774f;
    private const float L3 = 0.286210418f;
    private const float L4 = 0.213899702f;
    private const float L5 = 0.244248748f;

    /// <summary>ln(1 + e^x) within 2e-7 of its magnitude, or of 1 where that is less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Softplus(float x) => Softplus<ScalarOps, float>(x);

    /// <inheritdoc cref="Softplus(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Softplus(Vector128<float> x) => Softplus<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Softplus(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Softplus(Vector256<float> x) => Softplus<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Softplus(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x) => Softplus<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of softplus at x, the sigmoid, within 2.5 ULP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SoftplusSlope(float x) => SoftplusSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="SoftplusSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SoftplusSlope(Vector128<float> x) => SoftplusSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="SoftplusSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SoftplusSlope(Vector256<float> x) => SoftplusSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="SoftplusSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SoftplusSlope(Vector512<float> x) => SoftplusSlope<Vector512Ops, Vector512<float>>(x);

    // max(x, 0) + ln(1 + e) with e = e^-|x|, and ln(1 + e) = 2 artanh(e / (2 + e)).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Softplus<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var e = ExpOfNegative<TOps, TVector>(TOps.Subtract(TOps.Create(0f), TOps.KeepBits(x, int.MaxValue)));
        var z = TOps.Divide(e, TOps.Add(e, TOps.Create(2f)));
        var square = TOps.Multiply(z, z);
        var p = TOps.MultiplyAdd(TOps.MultiplyAdd(TOps.Create(L5), square, TOps.Create(L4)), square, TOps.Create(L3));
        p = TOps.MultiplyAdd(TOps.MultiplyAdd(p, square, TOps.Create(L2)), square, TOps.Create(L1));
        p = TOps.MultiplyAdd(p, square, TOps.Create(2f));
        return TOps.MultiplyAdd(z, p, TOps.Max(TOps.Create(0f), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SoftplusSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => Sigmoid<TOps, TVector>(x);
}
