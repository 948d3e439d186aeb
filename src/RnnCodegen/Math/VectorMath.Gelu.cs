using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // Beyond this, e^(-x^2 / 2) is 0; infinity times that 0 would be none.
    private const float GeluMaximum = 15f;

    // 1 / sqrt(2 pi).
    private const float NormalDensity = 0.398942280f;

    // The normal distribution's tail, e^(a^2 / 2) times its share above a >= 0, is a polynomial in u = 1 / (1 + a / 4): minimax fit up to
    // 14.5, relative error 1.7e-8.
    private const float G0 = -1.98575781e-5f;
    private const float G1 = 0.100195408f;
    private const float G2 = 0.0950984061f;
    private const float G3 = 0.120268993f;
    private const float G4 = -0.0166113637f;
    private const float G5 = 0.297411710f;
    private const float G6 = -0.324890047f;
    private const float G7 = 0.388505161f;
    private const float G8 = -0.193385348f;
    private const float G9 = 0.0334269367f;

    /// <summary>
    /// x times the normal distribution's share below x, x (1 + erf(x / sqrt
    /// 2)) / 2, within 2e-7 of its magnitude, or of 1 where that is less.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gelu(float x) => Gelu<ScalarOps, float>(x);

    /// <inheritdoc cref="Gelu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Gelu(Vector128<float> x) => Gelu<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Gelu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Gelu(Vector256<float> x) => Gelu<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Gelu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x) => Gelu<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of gelu at x, within 4e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float GeluSlope(float x) => GeluSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="GeluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GeluSlope(Vector128<float> x) => GeluSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="GeluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GeluSlope(Vector256<float> x) => GeluSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="GeluSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluSlope(Vector512<float> x) => GeluSlope<Vector512Ops, Vector512<float>>(x);

    // x less the share above it where x is positive, and what remains, -|x| times the share above |x|, where it is not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Gelu<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var a = TOps.Min(TOps.Create(GeluMaximum), TOps.KeepBits(x, int.MaxValue));
        var (share, _) = NormalTail<TOps, TVector>(a);
        return TOps.Subtract(TOps.Max(TOps.Create(0f), x), TOps.Multiply(a, share));
    }

    // The share below x, and x times the density at x.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector GeluSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var a = TOps.Min(TOps.Create(GeluMaximum), TOps.KeepBits(x, int.MaxValue));
        var (share, e) = NormalTail<TOps, TVector>(a);
        var below = TOps.SelectBySign(x, share, TOps.Subtract(TOps.Create(1f), share));
        return TOps.MultiplyAdd(TOps.Multiply(TOps.WithSign(a, x), TOps.Create(NormalDensity)), e, below);
    }

    // The share above a >= 0, and e^(-a^2 / 2).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector Share, TVector Exp) NormalTail<TOps, TVector>(TVector a)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var e = ExpOfNegative<TOps, TVector>(TOps.Multiply(TOps.Multiply(TOps.Create(-0.5f), a), a));
        var u = TOps.Divide(TOps.Create(1f), TOps.MultiplyAdd(TOps.Create(0.25f), a, TOps.Create(1f)));
        var square = TOps.Multiply(u, u);
        var even = TOps.MultiplyAdd(TOps.Create(G8), square, TOps.Create(G6));
        var odd = TOps.MultiplyAdd(TOps.Create(G9), square, TOps.Create(G7));
        even = TOps.MultiplyAdd(even, square, TOps.Create(G4));
        odd = TOps.MultiplyAdd(odd, square, TOps.Create(G5));
        even = TOps.MultiplyAdd(even, square, TOps.Create(G2));
        odd = TOps.MultiplyAdd(odd, square, TOps.Create(G3));
        even = TOps.MultiplyAdd(even, square, TOps.Create(G0));
        odd = TOps.MultiplyAdd(odd, square, TOps.Create(G1));
        return (TOps.Multiply(e, TOps.MultiplyAdd(odd, u, even)), e);
    }
}
