using System.Runtime.CompilerServices;

namespace RnnCodegen.Kernels;

/// <summary>
/// The activations, for one float or a vector of them. Every width runs the same steps, so the results agree bit for bit.
/// NaN gives NaN; infinities, denormals and large arguments give what the function's definition gives.
/// Bounds are in ULP of the exact result, over all floats, with and without fused multiply-add.
/// </summary>
public static partial class VectorMath
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the upper has trailing zeros, so that its product with an exponent is exact.
    private const float Ln2Upper = 0.693145752f;
    private const float Ln2Lower = 1.42860677e-6f;

    // (e^t - 1) / t on +-ln2/2 by Chebyshev interpolation: 1 + 0.5 t + E2 t^2 + ...
    private const float E2 = 0.16666505f;
    private const float E3 = 0.041666463f;
    private const float E4 = 0.008369184f;
    private const float E5 = 0.0013933686f;

    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the float.
    private const float Round = 12582912f;

    // As Round, and leaves the integer as a biased exponent, ready for ShiftIntoExponent.
    private const float RoundBiased = Round + 127f;

    // e^t - 1 for |t| <= ln2/2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ReducedExpM1<TOps, TVector>(TVector t)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var p = TOps.MultiplyAdd(TOps.Create(E5), t, TOps.Create(E4));
        p = TOps.MultiplyAdd(p, t, TOps.Create(E3));
        p = TOps.MultiplyAdd(p, t, TOps.Create(E2));
        p = TOps.MultiplyAdd(p, t, TOps.Create(0.5f));
        return TOps.MultiplyAdd(TOps.Multiply(t, t), p, t);
    }

    // x - power * ln2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Reduce<TOps, TVector>(TVector x, TVector power)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
    {
        var t = TOps.MultiplyAdd(power, TOps.Create(-Ln2Upper), x);
        return TOps.MultiplyAdd(power, TOps.Create(-Ln2Lower), t);
    }
}
