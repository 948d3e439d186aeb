using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // Beyond this, the sigmoid below is 0 or 1.
    private const float GeluTanhMaximum = 12f;

    // 2 sqrt(2 / pi), and that times 0.044715.
    private const float GeluTanhLinear = 1.59576912f;
    private const float GeluTanhCubic = 0.0713548163f;

    /// <summary>x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 within 2e-7 of its magnitude, or of 1 where that is less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float GeluTanh(float x) => GeluTanh<ScalarOps, float>(x);

    /// <inheritdoc cref="GeluTanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GeluTanh(Vector128<float> x) => GeluTanh<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="GeluTanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GeluTanh(Vector256<float> x) => GeluTanh<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="GeluTanh(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluTanh(Vector512<float> x) => GeluTanh<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of gelu's tanh form at x, within 4e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float GeluTanhSlope(float x) => GeluTanhSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="GeluTanhSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GeluTanhSlope(Vector128<float> x) => GeluTanhSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="GeluTanhSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GeluTanhSlope(Vector256<float> x) => GeluTanhSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="GeluTanhSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluTanhSlope(Vector512<float> x) => GeluTanhSlope<Vector512Ops, Vector512<float>>(x);

    // x sigmoid(v) with v twice the argument of tanh, which loses no digits where that is near -1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector GeluTanh<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var bounded = TOps.Max(TOps.Create(-GeluTanhMaximum), x);
        var s = Sigmoid<TOps, TVector>(GeluTanhArgument<TOps, TVector>(TOps.Min(TOps.Create(GeluTanhMaximum), bounded)));
        return TOps.Multiply(bounded, s);
    }

    // s + x s (1 - s) v' with s = sigmoid(v): from the sigmoid t of -|v|, which loses no digits to 1 - s.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector GeluTanhSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var a = TOps.Min(TOps.Create(GeluTanhMaximum), TOps.KeepBits(x, int.MaxValue));
        var t = Sigmoid<TOps, TVector>(TOps.Subtract(TOps.Create(0f), GeluTanhArgument<TOps, TVector>(a)));
        var rest = TOps.Subtract(TOps.Create(1f), t);
        var s = TOps.SelectBySign(x, t, rest);
        var slope = TOps.MultiplyAdd(TOps.Multiply(TOps.Create(3 * GeluTanhCubic), a), a, TOps.Create(GeluTanhLinear));
        return TOps.MultiplyAdd(TOps.Multiply(TOps.WithSign(a, x), slope), TOps.Multiply(t, rest), s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector GeluTanhArgument<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Multiply(x, TOps.MultiplyAdd(TOps.Multiply(TOps.Create(GeluTanhCubic), x), x, TOps.Create(GeluTanhLinear)));
}
