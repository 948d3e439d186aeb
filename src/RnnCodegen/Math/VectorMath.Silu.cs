using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // Far below this, x sigmoid(x) is 0; infinity times that 0 would be none.
    private const float SiluMinimum = -110f;

    /// <summary>x / (1 + e^-x) within 2e-7 of its magnitude, or of 1 where that is less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Silu(float x) => Silu<ScalarOps, float>(x);

    /// <inheritdoc cref="Silu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Silu(Vector128<float> x) => Silu<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Silu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Silu(Vector256<float> x) => Silu<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Silu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x) => Silu<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of silu at x, within 4e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SiluSlope(float x) => SiluSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="SiluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SiluSlope(Vector128<float> x) => SiluSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="SiluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SiluSlope(Vector256<float> x) => SiluSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="SiluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SiluSlope(Vector512<float> x) => SiluSlope<Vector512Ops, Vector512<float>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Silu<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Multiply(TOps.Max(TOps.Create(SiluMinimum), x), Sigmoid<TOps, TVector>(x));

    // s (1 + x (1 - s)) with s = sigmoid(x): from the sigmoid t of -|x|, which loses no digits to 1 - s.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SiluSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var a = TOps.Min(TOps.Create(-SiluMinimum), TOps.KeepBits(x, int.MaxValue));
        var t = Sigmoid<TOps, TVector>(TOps.Subtract(TOps.Create(0f), a));
        var rest = TOps.Subtract(TOps.Create(1f), t);
        var s = TOps.SelectBySign(x, t, rest);
        var factor = TOps.SelectBySign(x, TOps.Subtract(TOps.Create(0f), rest), t);
        return TOps.MultiplyAdd(TOps.Multiply(s, a), factor, s);
    }
}
