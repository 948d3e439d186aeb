using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>x where x is positive, else alpha x, rounded once.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="alpha">Positive.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LeakyRelu(float x, float alpha) => LeakyRelu<ScalarOps, float>(x, alpha);

    /// <inheritdoc cref="LeakyRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LeakyRelu(Vector128<float> x, float alpha) => LeakyRelu<Vector128Ops, Vector128<float>>(x, alpha);

    /// <inheritdoc cref="LeakyRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LeakyRelu(Vector256<float> x, float alpha) => LeakyRelu<Vector256Ops, Vector256<float>>(x, alpha);

    /// <inheritdoc cref="LeakyRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LeakyRelu(Vector512<float> x, float alpha) => LeakyRelu<Vector512Ops, Vector512<float>>(x, alpha);

    /// <summary>1 where y is positive, else alpha: the derivative of a leaky relu with output y.</summary>
    /// <param name="y">The output.</param>
    /// <param name="alpha">As in the function.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LeakyReluSlope(float y, float alpha) => LeakyReluSlope<ScalarOps, float>(y, alpha);

    /// <inheritdoc cref="LeakyReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LeakyReluSlope(Vector128<float> y, float alpha) =>
        LeakyReluSlope<Vector128Ops, Vector128<float>>(y, alpha);

    /// <inheritdoc cref="LeakyReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LeakyReluSlope(Vector256<float> y, float alpha) =>
        LeakyReluSlope<Vector256Ops, Vector256<float>>(y, alpha);

    /// <inheritdoc cref="LeakyReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LeakyReluSlope(Vector512<float> y, float alpha) =>
        LeakyReluSlope<Vector512Ops, Vector512<float>>(y, alpha);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LeakyRelu<TOps, TVector>(TVector x, float alpha)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.SelectBySign(x, TOps.Multiply(TOps.Create(alpha), x), x);

    // The sign of 0 - y: neither zero has it, so that both get alpha.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LeakyReluSlope<TOps, TVector>(TVector y, float alpha)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.SelectBySign(TOps.Subtract(TOps.Create(0f), y), TOps.Create(1f), TOps.Create(alpha));
}
