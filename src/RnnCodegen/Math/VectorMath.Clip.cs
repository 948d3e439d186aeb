using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>x within [-bound, bound], exactly.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="bound">Positive.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Clip(float x, float bound) => Clip<ScalarOps, float>(x, bound);

    /// <inheritdoc cref="Clip(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clip(Vector128<float> x, float bound) => Clip<Vector128Ops, Vector128<float>>(x, bound);

    /// <inheritdoc cref="Clip(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Clip(Vector256<float> x, float bound) => Clip<Vector256Ops, Vector256<float>>(x, bound);

    /// <inheritdoc cref="Clip(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clip(Vector512<float> x, float bound) => Clip<Vector512Ops, Vector512<float>>(x, bound);

    /// <summary>1 where -bound &lt; y &lt; bound, else 0: the derivative of clip, from its argument or its output.</summary>
    /// <param name="y">The argument or the output.</param>
    /// <param name="bound">As in the function.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float InsideBound(float y, float bound) => InsideBound<ScalarOps, float>(y, bound);

    /// <inheritdoc cref="InsideBound(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> InsideBound(Vector128<float> y, float bound) => InsideBound<Vector128Ops, Vector128<float>>(y, bound);

    /// <inheritdoc cref="InsideBound(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> InsideBound(Vector256<float> y, float bound) => InsideBound<Vector256Ops, Vector256<float>>(y, bound);

    /// <inheritdoc cref="InsideBound(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InsideBound(Vector512<float> y, float bound) => InsideBound<Vector512Ops, Vector512<float>>(y, bound);

    // Min and Max give their second operand where one is NaN: x goes there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clip<TOps, TVector>(TVector x, float bound)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Min(TOps.Create(bound), TOps.Max(TOps.Create(-bound), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector InsideBound<TOps, TVector>(TVector y, float bound)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Multiply(TOps.OneWhereGreater(y, TOps.Create(-bound)), TOps.OneWhereGreater(TOps.Create(bound), y));
}
