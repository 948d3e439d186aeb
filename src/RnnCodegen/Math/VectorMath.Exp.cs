using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Kernels;

public static partial class VectorMath
{
    // e^x overflows from 88.72284 on and is 0 below -103.98.
    private const float ExpMaximum = 89f;
    private const float ExpMinimum = -104f;

    /// <summary>e^x within 1.05 ULP.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exp<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        x = TOps.Min(TOps.Create(ExpMaximum), TOps.Max(TOps.Create(ExpMinimum), x));
        var power = TOps.Subtract(TOps.MultiplyAdd(x, TOps.Create(Log2E), TOps.Create(Round)), TOps.Create(Round));
        var e = TOps.Add(ReducedExpM1<TOps, TVector>(Reduce<TOps, TVector>(x, power)), TOps.Create(1f));
        if (TOps.HasScale)
        {
            return TOps.Scale(e, power);
        }

        // 2^power may lie outside the floats' exponents (-150 to 128 is needed); its two halves do not.
        var half = TOps.MultiplyAdd(power, TOps.Create(0.5f), TOps.Create(RoundBiased));
        var rest = TOps.Subtract(power, TOps.Subtract(half, TOps.Create(RoundBiased)));
        e = TOps.Multiply(e, TOps.ShiftIntoExponent(half));
        return TOps.Multiply(e, TOps.ShiftIntoExponent(TOps.Add(rest, TOps.Create(RoundBiased))));
    }

    // e^x for x <= 0: the same result as Exp in fewer steps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector ExpOfNegative<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        // The powers -150 to 0 leave the exponents' range only below, so a lift of 2^64, taken back at the end, is enough.
        const float Lift = 64f;
        const float Undo = 5.42101086e-20f; // 2^-64

        x = TOps.Max(TOps.Create(ExpMinimum), x);
        var lifted = TOps.MultiplyAdd(x, TOps.Create(Log2E), TOps.Create(RoundBiased + Lift));
        var power = TOps.Subtract(lifted, TOps.Create(RoundBiased + Lift));
        var e = TOps.Add(ReducedExpM1<TOps, TVector>(Reduce<TOps, TVector>(x, power)), TOps.Create(1f));
        return TOps.HasScale
            ? TOps.Scale(e, power)
            : TOps.Multiply(TOps.Multiply(e, TOps.ShiftIntoExponent(lifted)), TOps.Create(Undo));
    }
}
