using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    // Up to here e^4x is a float, and beyond it mish(x) is x; far below, mish(x) is 0, and infinity times that 0 would be none.
    private const float MishMaximum = 20f;
    private const float MishMinimum = -110f;

    /// <summary>x tanh(ln(1 + e^x)) within 2e-7 of its magnitude, or of 1 where that is less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Mish(float x) => Mish<ScalarOps, float>(x);

    /// <inheritdoc cref="Mish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Mish(Vector128<float> x) => Mish<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Mish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Mish(Vector256<float> x) => Mish<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Mish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mish(Vector512<float> x) => Mish<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of mish at x, within 4e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MishSlope(float x) => MishSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="MishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MishSlope(Vector128<float> x) => MishSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="MishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MishSlope(Vector256<float> x) => MishSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="MishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MishSlope(Vector512<float> x) => MishSlope<Vector512Ops, Vector512<float>>(x);

    // With w = e^x and n = w (w + 2), tanh(ln(1 + w)) = n / (n + 2).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Mish<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var w = Exp<TOps, TVector>(TOps.Min(TOps.Create(MishMaximum), x));
        var n = TOps.Multiply(w, TOps.Add(w, TOps.Create(2f)));
        return TOps.Multiply(TOps.Max(TOps.Create(MishMinimum), x), TOps.Divide(n, TOps.Add(n, TOps.Create(2f))));
    }

    // n / (n + 2) + 4 x w (1 + w) / (n + 2)^2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MishSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        x = TOps.Min(TOps.Create(MishMaximum), TOps.Max(TOps.Create(MishMinimum), x));
        var w = Exp<TOps, TVector>(x);
        var n = TOps.Multiply(w, TOps.Add(w, TOps.Create(2f)));
        var d = TOps.Divide(TOps.Create(1f), TOps.Add(n, TOps.Create(2f)));
        var bend = TOps.Multiply(TOps.Multiply(TOps.MultiplyAdd(w, w, w), d), TOps.Multiply(TOps.Create(4f), d));
        return TOps.MultiplyAdd(x, bend, TOps.Multiply(n, d));
    }
}
