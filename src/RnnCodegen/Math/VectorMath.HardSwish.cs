using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>x clip(x / 6 + 0.5, 0, 1), within 2e-7 of its magnitude, or of 1 where that is less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HardSwish(float x) => HardSwish<ScalarOps, float>(x);

    /// <inheritdoc cref="HardSwish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HardSwish(Vector128<float> x) => HardSwish<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="HardSwish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HardSwish(Vector256<float> x) => HardSwish<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="HardSwish(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HardSwish(Vector512<float> x) => HardSwish<Vector512Ops, Vector512<float>>(x);

    /// <summary>The derivative of hard swish at x: 0 up to -3, 1 from 3 on, else x / 3 + 0.5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HardSwishSlope(float x) => HardSwishSlope<ScalarOps, float>(x);

    /// <inheritdoc cref="HardSwishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HardSwishSlope(Vector128<float> x) => HardSwishSlope<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="HardSwishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HardSwishSlope(Vector256<float> x) => HardSwishSlope<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="HardSwishSlope(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HardSwishSlope(Vector512<float> x) => HardSwishSlope<Vector512Ops, Vector512<float>>(x);

    // Below -3 the second factor is 0; infinity times that 0 would be none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HardSwish<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Multiply(TOps.Max(TOps.Create(-3f), x), HardSigmoid<TOps, TVector>(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HardSwishSlope<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var bounded = TOps.Min(TOps.Create(3f), TOps.Max(TOps.Create(-3f), x));
        var isBelow = TOps.OneWhereGreater(TOps.Create(3f), bounded);
        var line = TOps.MultiplyAdd(bounded, TOps.Create(1f / 3f), TOps.Create(0.5f));
        var right = TOps.MultiplyAdd(isBelow, TOps.Subtract(line, TOps.Create(1f)), TOps.Create(1f));
        return TOps.Multiply(TOps.OneWhereGreater(bounded, TOps.Create(-3f)), right);
    }
}
