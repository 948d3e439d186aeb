using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

// The functions of straight pieces, and the masks that their derivatives are, read off the saved output.
public static partial class VectorMath
{
    /// <summary>max(x, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Relu(float x) => Relu<ScalarOps, float>(x);

    /// <inheritdoc cref="Relu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Relu(Vector128<float> x) => Relu<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="Relu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Relu(Vector256<float> x) => Relu<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="Relu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Relu(Vector512<float> x) => Relu<Vector512Ops, Vector512<float>>(x);

    /// <summary>clip(x / 6 + 0.5, 0, 1), within 1e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HardSigmoid(float x) => HardSigmoid<ScalarOps, float>(x);

    /// <inheritdoc cref="HardSigmoid(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HardSigmoid(Vector128<float> x) => HardSigmoid<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="HardSigmoid(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HardSigmoid(Vector256<float> x) => HardSigmoid<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="HardSigmoid(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HardSigmoid(Vector512<float> x) => HardSigmoid<Vector512Ops, Vector512<float>>(x);

    /// <summary>clip(0.2 x + 0.5, 0, 1), within 1e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HardSigmoidKeras2(float x) => HardSigmoidKeras2<ScalarOps, float>(x);

    /// <inheritdoc cref="HardSigmoidKeras2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HardSigmoidKeras2(Vector128<float> x) => HardSigmoidKeras2<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="HardSigmoidKeras2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HardSigmoidKeras2(Vector256<float> x) => HardSigmoidKeras2<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="HardSigmoidKeras2(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HardSigmoidKeras2(Vector512<float> x) => HardSigmoidKeras2<Vector512Ops, Vector512<float>>(x);

    /// <summary>1 where x &gt; 0, else 0: the derivative of relu, from its argument or its output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float StepMask(float x) => StepMask<ScalarOps, float>(x);

    /// <inheritdoc cref="StepMask(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> StepMask(Vector128<float> x) => StepMask<Vector128Ops, Vector128<float>>(x);

    /// <inheritdoc cref="StepMask(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> StepMask(Vector256<float> x) => StepMask<Vector256Ops, Vector256<float>>(x);

    /// <inheritdoc cref="StepMask(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> StepMask(Vector512<float> x) => StepMask<Vector512Ops, Vector512<float>>(x);

    /// <summary>1 where 0 &lt; y &lt; 1, else 0: where a hard sigmoid with output y is not clipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float InsideUnit(float y) => InsideUnit<ScalarOps, float>(y);

    /// <inheritdoc cref="InsideUnit(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> InsideUnit(Vector128<float> y) => InsideUnit<Vector128Ops, Vector128<float>>(y);

    /// <inheritdoc cref="InsideUnit(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> InsideUnit(Vector256<float> y) => InsideUnit<Vector256Ops, Vector256<float>>(y);

    /// <inheritdoc cref="InsideUnit(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InsideUnit(Vector512<float> y) => InsideUnit<Vector512Ops, Vector512<float>>(y);

    // Min and Max give their second operand where one is NaN: x goes there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Relu<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Max(TOps.Create(0f), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HardSigmoid<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => ClippedLine<TOps, TVector>(x, 1f / 6f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HardSigmoidKeras2<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => ClippedLine<TOps, TVector>(x, 0.2f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ClippedLine<TOps, TVector>(TVector x, float slope)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var line = TOps.MultiplyAdd(x, TOps.Create(slope), TOps.Create(0.5f));
        return TOps.Min(TOps.Create(1f), TOps.Max(TOps.Create(0f), line));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector StepMask<TOps, TVector>(TVector x)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.OneWhereGreater(x, TOps.Create(0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector InsideUnit<TOps, TVector>(TVector y)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Multiply(TOps.OneWhereGreater(y, TOps.Create(0f)), TOps.OneWhereGreater(TOps.Create(1f), y));
}
