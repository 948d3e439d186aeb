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
        byte* a, sbyte* w, nint groups, nint width, ByteScale scale, float* scales, int* offsets, float* start, float* c)
    {
        if (AvxVnni.IsSupported)
        {
            Panel<VnniSums>(a, w, groups, width, scale, scales, offsets, start, c);
            return;
        }

        if (Avx2.IsSupported)
        {
            Panel<Avx2Sums>(a, w, groups, width, scale, scales, offsets, start, c);
            return;
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            ArmPanel(Dp.IsSupported, a, w, groups, width, scale.Value, scales, start, c);
            return;
        }

        for (nint column = 0; column < width; column += Int8Packer.Lanes)
        {
            ScalarColumns(a, w + (4 * column), 4 * width, groups, column, scale.Value, scales, offsets, start, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Panel<T>(
        byte* a, sbyte* w, nint groups, nint width, ByteScale scale, float* scales, int* offsets, float* start, float* c)
        where T : struct, IByteSums<T>
    {
        if (width == Int8Packer.WidestPanel)
        {
            Columns64<T>(a, w, groups, scale, scales, offsets, start, c);
        }
        else if (width == Int8Packer.HalfPanel)
        {
            Columns32<T>(a, w, groups, scale, scales, offsets, start, c);
        }
        else
        {
            Columns8<T>(a, w, groups, scale, scales, offsets, start, c);
        }
    }

    // Each sum waits four cycles for itself, and two are done a cycle: eight at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns64<T>(
        byte* a, sbyte* w, nint groups, ByteScale scale, float* scales, int* offsets, float* start, float* c)
        where T : struct, IByteSums<T>
    {
        Vector256<int> s0 = T.First(scale), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (; groups >= 4; groups -= 4)
        {
            Group(0);
            Group(1);
            Group(2);
            Group(3);
            a += 4 * T.GroupBytes;
            w += 1024;
        }

        for (; groups > 0; groups--)
        {
            Group(0);
            a += T.GroupBytes;
            w += 256;
        }

        Store(T.Last(s0, offsets), scale.Value, scales, start, c, 0);
        Store(T.Last(s1, offsets + 8), scale.Value, scales, start, c, 8);
        Store(T.Last(s2, offsets + 16), scale.Value, scales, start, c, 16);
        Store(T.Last(s3, offsets + 24), scale.Value, scales, start, c, 24);
        Store(T.Last(s4, offsets + 32), scale.Value, scales, start, c, 32);
        Store(T.Last(s5, offsets + 40), scale.Value, scales, start, c, 40);
        Store(T.Last(s6, offsets + 48), scale.Value, scales, start, c, 48);
        Store(T.Last(s7, offsets + 56), scale.Value, scales, start, c, 56);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Group(nint g)
        {
            var x = T.Of(a + (g * T.GroupBytes));
            sbyte* y = w + (256 * g);
            s0 = x.AddTo(s0, y);
            s1 = x.AddTo(s1, y + 32);
            s2 = x.AddTo(s2, y + 64);
            s3 = x.AddTo(s3, y + 96);
            s4 = x.AddTo(s4, y + 128);
            s5 = x.AddTo(s5, y + 160);
            s6 = x.AddTo(s6, y + 192);
            s7 = x.AddTo(s7, y + 224);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns32<T>(
        byte* a, sbyte* w, nint groups, ByteScale scale, float* scales, int* offsets, float* start, float* c)
        where T : struct, IByteSums<T>
    {
        Vector256<int> s0 = T.First(scale), s1 = s0, s2 = s0, s3 = s0;
        for (nint g = 0; g < groups; g++)
        {
            var x = T.Of(a + (g * T.GroupBytes));
            s0 = x.AddTo(s0, w);
            s1 = x.AddTo(s1, w + 32);
            s2 = x.AddTo(s2, w + 64);
            s3 = x.AddTo(s3, w + 96);
            w += 128;
        }

        Store(T.Last(s0, offsets), scale.Value, scales, start, c, 0);
        Store(T.Last(s1, offsets + 8), scale.Value, scales, start, c, 8);
        Store(T.Last(s2, offsets + 16), scale.Value, scales, start, c, 16);
        Store(T.Last(s3, offsets + 24), scale.Value, scales, start, c, 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns8<T>(
        byte* a, sbyte* w, nint groups, ByteScale scale, float* scales, int* offsets, float* start, float* c)
        where T : struct, IByteSums<T>
    {
        var s = T.First(scale);
        for (nint g = 0; g < groups; g++)
        {
            s = T.Of(a + (g * T.GroupBytes)).AddTo(s, w);
            w += 32;
        }

        Store(T.Last(s, offsets), scale.Value, scales, start, c, 0);
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
