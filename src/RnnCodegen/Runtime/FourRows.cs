using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

/// <summary>Four rows of four floats.</summary>
internal static class FourRows
{
    /// <summary>Makes the columns of four rows their rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, ref Vector128<float> d)
    {
        if (Sse.IsSupported)
        {
            var (lowAb, highAb) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b));
            var (lowCd, highCd) = (Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
            a = Sse.MoveLowToHigh(lowAb, lowCd);
            b = Sse.MoveHighToLow(lowCd, lowAb);
            c = Sse.MoveLowToHigh(highAb, highCd);
            d = Sse.MoveHighToLow(highCd, highAb);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            var (lowAc, highAc) = (AdvSimd.Arm64.ZipLow(a, c), AdvSimd.Arm64.ZipHigh(a, c));
            var (lowBd, highBd) = (AdvSimd.Arm64.ZipLow(b, d), AdvSimd.Arm64.ZipHigh(b, d));
            a = AdvSimd.Arm64.ZipLow(lowAc, lowBd);
            b = AdvSimd.Arm64.ZipHigh(lowAc, lowBd);
            c = AdvSimd.Arm64.ZipLow(highAc, highBd);
            d = AdvSimd.Arm64.ZipHigh(highAc, highBd);
        }
        else
        {
            (a, b, c, d) = (Column(0, a, b, c, d), Column(1, a, b, c, d), Column(2, a, b, c, d), Column(3, a, b, c, d));
        }
    }

    private static Vector128<float> Column(int i, Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        Vector128.Create(a[i], b[i], c[i], d[i]);
}
