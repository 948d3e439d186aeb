using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

/// <content>The inner loops, one for each instruction set; compilers fold the choice.</content>
public static unsafe partial class Int8Product
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(
        uint* a, sbyte* w, nint groups, nint width, float scale, float* scales, int* offsets, float* start, float* c)
    {
        if (AvxVnni.IsSupported)
        {
            if (width == Int8Packer.WidestPanel)
            {
                Vnni64(a, w, groups, scale, scales, offsets, start, c);
            }
            else if (width == Int8Packer.HalfPanel)
            {
                Vnni32(a, w, groups, scale, scales, offsets, start, c);
            }
            else
            {
                Vnni8(a, w, groups, scale, scales, offsets, start, c);
            }

            return;
        }

        for (nint column = 0; column < width; column += Int8Packer.Lanes)
        {
            if (Avx2.IsSupported)
            {
                Avx2Columns(a, w + (4 * column), 4 * width, groups, column, scale, scales, offsets, start, c);
            }
            else if (Dp.IsSupported)
            {
                DpColumns(a, w + (4 * column), 4 * width, groups, column, scale, scales, offsets, start, c);
            }
            else if (AdvSimd.Arm64.IsSupported)
            {
                AdvSimdColumns(a, w + (4 * column), 4 * width, groups, column, scale, scales, offsets, start, c);
            }
            else
            {
                ScalarColumns((byte*)a, w + (4 * column), 4 * width, groups, column, scale, scales, offsets, start, c);
            }
        }
    }

    // Each sum waits four cycles for itself, and two are done a cycle: eight at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vnni64(
        uint* a, sbyte* w, nint groups, float scale, float* scales, int* offsets, float* start, float* c)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector256.Create(a[g]).AsByte();
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, x, Vector256.Load(w));
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, x, Vector256.Load(w + 32));
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, x, Vector256.Load(w + 64));
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, x, Vector256.Load(w + 96));
            s4 = AvxVnni.MultiplyWideningAndAdd(s4, x, Vector256.Load(w + 128));
            s5 = AvxVnni.MultiplyWideningAndAdd(s5, x, Vector256.Load(w + 160));
            s6 = AvxVnni.MultiplyWideningAndAdd(s6, x, Vector256.Load(w + 192));
            s7 = AvxVnni.MultiplyWideningAndAdd(s7, x, Vector256.Load(w + 224));
            w += 256;
        }

        Store(s0, scale, scales, offsets, start, c, 0);
        Store(s1, scale, scales, offsets, start, c, 8);
        Store(s2, scale, scales, offsets, start, c, 16);
        Store(s3, scale, scales, offsets, start, c, 24);
        Store(s4, scale, scales, offsets, start, c, 32);
        Store(s5, scale, scales, offsets, start, c, 40);
        Store(s6, scale, scales, offsets, start, c, 48);
        Store(s7, scale, scales, offsets, start, c, 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vnni32(
        uint* a, sbyte* w, nint groups, float scale, float* scales, int* offsets, float* start, float* c)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector256.Create(a[g]).AsByte();
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, x, Vector256.Load(w));
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, x, Vector256.Load(w + 32));
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, x, Vector256.Load(w + 64));
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, x, Vector256.Load(w + 96));
            w += 128;
        }

        Store(s0, scale, scales, offsets, start, c, 0);
        Store(s1, scale, scales, offsets, start, c, 8);
        Store(s2, scale, scales, offsets, start, c, 16);
        Store(s3, scale, scales, offsets, start, c, 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vnni8(
        uint* a, sbyte* w, nint groups, float scale, float* scales, int* offsets, float* start, float* c)
    {
        Vector256<int> s = default;
        for (nint g = 0; g < groups; g++)
        {
            s = AvxVnni.MultiplyWideningAndAdd(s, Vector256.Create(a[g]).AsByte(), Vector256.Load(w));
            w += 32;
        }

        Store(s, scale, scales, offsets, start, c, 0);
    }

    // Products of bytes do not fit 16 bits where two are added, so both are widened first; a column's sum is in two halves until the end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Avx2Columns(
        uint* a, sbyte* w, nint stride, nint groups, nint column, float scale, float* scales, int* offsets, float* start, float* c)
    {
        Vector256<int> s0 = default, s1 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Avx2.ConvertToVector256Int16(Vector128.Create(a[g]).AsByte());
            s0 += Avx2.MultiplyAddAdjacent(x, Avx2.ConvertToVector256Int16(w));
            s1 += Avx2.MultiplyAddAdjacent(x, Avx2.ConvertToVector256Int16(w + 16));
            w += stride;
        }

        // columns 0 1 4 5 2 3 6 7, as halves of vectors are added apart
        var sums = Avx2.HorizontalAdd(s0, s1);
        Store(Avx2.Permute4x64(sums.AsInt64(), 0b11_01_10_00).AsInt32(), scale, scales, offsets, start, c, column);
    }

    // The instruction takes both sides signed: the zero point comes off the
    // activations, and its share is added, which the end takes off again.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void DpColumns(
        uint* a, sbyte* w, nint stride, nint groups, nint column, float scale, float* scales, int* offsets, float* start, float* c)
    {
        var s0 = Vector128.Load(offsets + column);
        var s1 = Vector128.Load(offsets + column + 4);
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector128.Create(a[g] ^ 0x80808080).AsSByte();
            s0 = Dp.DotProduct(s0, x, Vector128.Load(w));
            s1 = Dp.DotProduct(s1, x, Vector128.Load(w + 16));
            w += stride;
        }

        Store(s0, scale, scales, offsets, start, c, column);
        Store(s1, scale, scales, offsets, start, c, column + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AdvSimdColumns(
        uint* a, sbyte* w, nint stride, nint groups, nint column, float scale, float* scales, int* offsets, float* start, float* c)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector64.Create(a[g] ^ 0x80808080).AsSByte();
            s0 = AdvSimd.AddPairwiseWideningAndAdd(s0, AdvSimd.MultiplyWideningLower(x, Vector64.Load(w)));
            s1 = AdvSimd.AddPairwiseWideningAndAdd(s1, AdvSimd.MultiplyWideningLower(x, Vector64.Load(w + 8)));
            s2 = AdvSimd.AddPairwiseWideningAndAdd(s2, AdvSimd.MultiplyWideningLower(x, Vector64.Load(w + 16)));
            s3 = AdvSimd.AddPairwiseWideningAndAdd(s3, AdvSimd.MultiplyWideningLower(x, Vector64.Load(w + 24)));
            w += stride;
        }

        Store(AdvSimd.Arm64.AddPairwise(s0, s1) + Vector128.Load(offsets + column), scale, scales, offsets, start, c, column);
        Store(AdvSimd.Arm64.AddPairwise(s2, s3) + Vector128.Load(offsets + column + 4), scale, scales, offsets, start, c, column + 4);
    }

    internal static void ScalarColumns(
        byte* a, sbyte* w, nint stride, nint groups, nint column, float scale, float* scales, int* offsets, float* start, float* c)
    {
        for (nint j = 0; j < Int8Packer.Lanes; j++)
        {
            var sum = 0;
            for (nint g = 0; g < groups; g++)
            {
                byte* x = a + (4 * g);
                sbyte* y = w + (g * stride) + (4 * j);
                sum += (x[0] * y[0]) + (x[1] * y[1]) + (x[2] * y[2]) + (x[3] * y[3]);
            }

            c[column + j] = float.MultiplyAddEstimate(sum - offsets[column + j], scales[column + j] * scale, start[column + j]);
        }
    }
}
