using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>x where x is positive, else slope x, rounded once; NaN stays.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="slope">Any number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float PRelu(float x, float slope) => PRelu<ScalarOps, float>(x, slope);

    /// <inheritdoc cref="PRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PRelu(Vector128<float> x, Vector128<float> slope) => PRelu<Vector128Ops, Vector128<float>>(x, slope);

    /// <inheritdoc cref="PRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PRelu(Vector256<float> x, Vector256<float> slope) => PRelu<Vector256Ops, Vector256<float>>(x, slope);

    /// <inheritdoc cref="PRelu(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PRelu(Vector512<float> x, Vector512<float> slope) => PRelu<Vector512Ops, Vector512<float>>(x, slope);

    /// <summary>1 where x is positive, else slope: the derivative of <see cref="PRelu(float, float)"/>.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="slope">As in the function.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float PReluSlope(float x, float slope) => PReluSlope<ScalarOps, float>(x, slope);

    /// <inheritdoc cref="PReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PReluSlope(Vector128<float> x, Vector128<float> slope) =>
        PReluSlope<Vector128Ops, Vector128<float>>(x, slope);

    /// <inheritdoc cref="PReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PReluSlope(Vector256<float> x, Vector256<float> slope) =>
        PReluSlope<Vector256Ops, Vector256<float>>(x, slope);

    /// <inheritdoc cref="PReluSlope(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PReluSlope(Vector512<float> x, Vector512<float> slope) =>
        PReluSlope<Vector512Ops, Vector512<float>>(x, slope);

    /// <summary>x where x is negative, else 0: the derivative of <see cref="PRelu(float, float)"/> by its slope; NaN stays.</summary>
    /// <param name="x">The argument.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float NegativePart(float x) => NegativePart<ScalarOps, float>(x);

    /// <inheritdoc cref="NegativePart(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> NegativePart(Vector128<float> x) => NegativePart<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="NegativePart(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NegativePart(Vector256<float> x) => NegativePart<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="NegativePart(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NegativePart(Vector512<float> x) => NegativePart<Vector512Ops, Vector512<float>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PRelu<TOps, TVector>(TVector x, TVector slope)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.SelectBySign(x, TOps.Multiply(slope, x), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PReluSlope<TOps, TVector>(TVector x, TVector slope)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        // A factor of 0 or 1 for each of the two, so that the slope stays as it is.
        var positive = TOps.OneWhereGreater(x, TOps.Create(0f));
        return TOps.MultiplyAdd(TOps.Subtract(TOps.Create(1f), positive), slope, positive);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector NegativePart<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Min(TOps.Create(0f), x);
}
