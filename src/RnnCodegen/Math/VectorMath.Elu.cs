using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>x where x is positive, else alpha (e^x - 1) within 1.2e-7 alpha.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="alpha">Positive.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Elu(float x, float alpha) => Elu<ScalarOps, float>(x, alpha);

    /// <inheritdoc cref="Elu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Elu(Vector128<float> x, float alpha) => Elu<Vector128Ops, Vector128<float>>(x, alpha);

    /// <inheritdoc cref="Elu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Elu(Vector256<float> x, float alpha) => Elu<Vector256Ops, Vector256<float>>(x, alpha);

    /// <inheritdoc cref="Elu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Elu(Vector512<float> x, float alpha) => Elu<Vector512Ops, Vector512<float>>(x, alpha);

    /// <summary>1 where y is positive, else y + alpha: the derivative of an elu with output y.</summary>
    /// <param name="y">The output.</param>
    /// <param name="alpha">As in the function.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float EluSlope(float y, float alpha) => EluSlope<ScalarOps, float>(y, alpha);

    /// <inheritdoc cref="EluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> EluSlope(Vector128<float> y, float alpha) => EluSlope<Vector128Ops, Vector128<float>>(y, alpha);

    /// <inheritdoc cref="EluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> EluSlope(Vector256<float> y, float alpha) => EluSlope<Vector256Ops, Vector256<float>>(y, alpha);

    /// <inheritdoc cref="EluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> EluSlope(Vector512<float> y, float alpha) => EluSlope<Vector512Ops, Vector512<float>>(y, alpha);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Elu<TOps, TVector>(TVector x, float alpha)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.SelectBySign(
            x, TOps.Multiply(TOps.Create(alpha), TOps.Subtract(ExpOfNegative<TOps, TVector>(x), TOps.Create(1f))), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector EluSlope<TOps, TVector>(TVector y, float alpha)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.SelectBySign(TOps.Subtract(TOps.Create(0f), y), TOps.Create(1f), TOps.Add(y, TOps.Create(alpha)));
}
