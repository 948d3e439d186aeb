using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // e^x overflows from 88.72284 on and is 0 below -103.98.
    private const float ExpMaximum = 89f;
    private const float ExpMinimum = -104f;

    // Powers of two from 2^-150 to 2^128 are needed, more than a float has:
    // they are computed times 2^64 or 2^-64, and that is taken back last.
    private const float Lift = 18446744073709551616f; // 2^64

    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the float; here with the lift, in eighths of a power.
    private const float Round = 12582912f;
    private const float RoundAndLift = Round + (8 * 64);
    private const float RoundAndLower = Round - (8 * 64);

    // 8 / ln 2, and ln 2 / 8 in two parts. Where multiply-add rounds once, the upper part may have all its bits; else it has 13, so that
    // its product with a count of eighths is exact.
    private const float EighthsPerUnit = 11.5415603f;
    private const float FusedEighthUpper = 0.0866433978f;
    private const float FusedEighthLower = -2.38081777e-10f;
    private const float EighthUpper = 0.0866394043f;
    private const float EighthLower = 3.99327291e-6f;

    // e^t ~ 1 + t + t^2 / 2 + E3 t^3 + E4 t^4 on +-ln2/16: minimax fit, relative error 1.7e-10.
    private const float E3 = 0.166680261f;
    private const float E4 = 0.0416690968f;

    // 2^(f / 8) ~ 1 + F1 f + F2 f^2 + F3 f^3 on +-1/2: minimax fit, relative error 2.5e-8.
    private const float F1 = 0.0866433978f;
    private const float F2 = 0.00375402556f;
    private const float F3 = 0.000108414839f;

    /// <summary>e^x within 0.8 ULP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Exp<ScalarOps, float>(x);

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> x) => Exp<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x) => Exp<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Exp<Vector512Ops, Vector512<float>>(x);

    /// <summary>e^x for an x that is not positive: the same as <see cref="Exp(float)"/> in fewer steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ExpOfNegative(float x) => ExpOfNegative<ScalarOps, float>(x);

    /// <inheritdoc cref="ExpOfNegative(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ExpOfNegative(Vector128<float> x) => ExpOfNegative<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="ExpOfNegative(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpOfNegative(Vector256<float> x) => ExpOfNegative<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="ExpOfNegative(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpOfNegative(Vector512<float> x) => ExpOfNegative<Vector512Ops, Vector512<float>>(x);

    // Both compilers know the answer, so that one of the two ways is compiled.
    private static bool MultiplyAddIsFused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exp<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        x = TOps.Min(TOps.Create(ExpMaximum), TOps.Max(TOps.Create(ExpMinimum), x));
        var round = TOps.SelectBySign(x, TOps.Create(RoundAndLift), TOps.Create(RoundAndLower));
        var undo = TOps.SelectBySign(x, TOps.Create(1f / Lift), TOps.Create(Lift));
        return TOps.Multiply(LiftedExp<TOps, TVector>(x, round), undo);
    }

    // e^x for x <= 0: the same result as Exp in fewer steps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector ExpOfNegative<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        x = TOps.Max(TOps.Create(ExpMinimum), x);
        return TOps.Multiply(LiftedExp<TOps, TVector>(x, TOps.Create(RoundAndLift)), TOps.Create(1f / Lift));
    }

    // e^x times the lift that round holds. With x = n ln2/8 + t and n the nearest integer, e^x = 2^(n / 8) e^t: the lowest three bits of n
    // choose among eight powers of two, the others are the exponent.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LiftedExp<TOps, TVector>(TVector x, TVector round)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var index = TOps.MultiplyAdd(x, TOps.Create(EighthsPerUnit), round);
        var n = TOps.Subtract(index, round);

        var scale = PowerOfEighths<TOps, TVector>(index);
        var r = TOps.MultiplyAdd(n, TOps.Create(MultiplyAddIsFused ? -FusedEighthUpper : -EighthUpper), x);
        var t = TOps.MultiplyAdd(n, TOps.Create(MultiplyAddIsFused ? -FusedEighthLower : -EighthLower), r);

        // The small lower part does not matter to t^2 and on, which need not wait for it.
        r = MultiplyAddIsFused ? r : t;
        var p = TOps.MultiplyAdd(TOps.MultiplyAdd(TOps.Create(E4), r, TOps.Create(E3)), r, TOps.Create(0.5f));
        p = TOps.MultiplyAdd(TOps.Multiply(r, r), p, TOps.Add(t, Residual<TOps, TVector>(index)));
        return TOps.MultiplyAdd(scale, p, scale);
    }

    // As LiftedExp, for results that need no relative accuracy far from 0: x / (ln2/8) is not split, so the error grows by 6e-8 |x|.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LiftedExpFast<TOps, TVector>(TVector x, TVector round)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var index = TOps.MultiplyAdd(x, TOps.Create(EighthsPerUnit), round);
        var f = TOps.MultiplyAdd(x, TOps.Create(EighthsPerUnit), TOps.Subtract(round, index));
        var scale = PowerOfEighths<TOps, TVector>(index);
        var p = TOps.MultiplyAdd(TOps.MultiplyAdd(TOps.Create(F3), f, TOps.Create(F2)), f, TOps.Create(F1));
        return TOps.MultiplyAdd(TOps.Multiply(scale, f), p, scale);
    }

    // 2^(n / 8) for the n in the low bits of the index: the bits of 2^(j / 8), less those that j itself adds when it is shifted along with
    // the exponent.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PowerOfEighths<TOps, TVector>(TVector index)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.AddBits(
            TOps.Lookup(index, 1f, 0.982753873f, 0.969603539f, 0.960919797f, 0.957106769f, 0.958605409f, 0.965896428f, 0.979504049f),
            TOps.ShiftBitsLeft(index, 20));

    // What the float of a power of eighths is short of it, relatively.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Residual<TOps, TVector>(TVector index)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Lookup(index, 0f, -1.19921571e-08f, 3.19341809e-08f, -3.09907208e-08f, 1.71142713e-08f, 5.23333425e-09f, -1.47196054e-08f,
            -6.12825982e-09f);
}
