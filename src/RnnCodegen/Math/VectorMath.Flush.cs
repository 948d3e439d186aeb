using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

public static partial class VectorMath
{
    /// <summary>
    /// 2^-100: magnitudes below it are 0 in a state, so that no state decays into subnormal numbers, with which processors are slow.
    /// </summary>
    public const float FlushFloor = 7.8886090522101181e-31f;

    /// <summary>0 where the magnitude of x is below <see cref="FlushFloor"/>, else x; NaN stays.</summary>
    /// <param name="x">The argument.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Flush(float x) => Flush<ScalarOps, float>(x);

    /// <inheritdoc cref="Flush(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Flush(Vector128<float> x) => Flush<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Flush(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Flush(Vector256<float> x) => Flush<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Flush(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Flush(Vector512<float> x) => Flush<Vector512Ops, Vector512<float>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Flush<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.ZeroBelow(x, FlushFloor);
}
