using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace RnnCodegen.Runtime;

/// <content>The inner loops for ARM, where bytes on both sides have a sign.</content>
public static unsafe partial class Int8Product
{
    internal static void ArmPanel(
        bool hasDotProducts, byte* a, sbyte* w, nint groups, nint width, float scale, float* scales, float* start, float* c)
    {
        var x = (sbyte*)a;
        nint column = 0;
        if (hasDotProducts && width == Int8Packer.WidestPanel)
        {
            Dp64(x, w, groups, scale, scales, start, c);
            return;
        }

        for (; !hasDotProducts && column + 16 <= width; column += 16)
        {
            Neon16(x, w + (4 * column), 4 * width, groups, scale, scales + column, start + column, c + column);
        }

        for (; column < width; column += Int8Packer.Lanes)
        {
            if (hasDotProducts)
            {
                Dp8(x, w + (4 * column), 4 * width, groups, scale, scales + column, start + column, c + column);
            }
            else
            {
                Neon8(x, w + (4 * column), 4 * width, groups, scale, scales + column, start + column, c + column);
            }
        }
    }

    // Sixteen sums: four instructions are under way on each of four ports. One load brings the activations of four groups, and an
    // instruction takes the ones of its group out of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dp64(sbyte* a, sbyte* w, nint groups, float scale, float* scales, float* start, float* c)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector128<int> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
        for (; groups >= 4; groups -= 4)
        {
            var x = Vector128.Load(a);
            Group(x, 0);
            Group(x, 1);
            Group(x, 2);
            Group(x, 3);
            a += 16;
            w += 1024;
        }

        for (; groups > 0; groups--)
        {
            Group(Vector128.CreateScalarUnsafe(*(uint*)a).AsSByte(), 0);
            a += 4;
            w += 256;
        }

        Store(s0, scale, scales, start, c, 0);
        Store(s1, scale, scales, start, c, 4);
        Store(s2, scale, scales, start, c, 8);
        Store(s3, scale, scales, start, c, 12);
        Store(s4, scale, scales, start, c, 16);
        Store(s5, scale, scales, start, c, 20);
        Store(s6, scale, scales, start, c, 24);
        Store(s7, scale, scales, start, c, 28);
        Store(t0, scale, scales, start, c, 32);
        Store(t1, scale, scales, start, c, 36);
        Store(t2, scale, scales, start, c, 40);
        Store(t3, scale, scales, start, c, 44);
        Store(t4, scale, scales, start, c, 48);
        Store(t5, scale, scales, start, c, 52);
        Store(t6, scale, scales, start, c, 56);
        Store(t7, scale, scales, start, c, 60);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Group(Vector128<sbyte> x, [ConstantExpected(Max = (byte)15)] byte g)
        {
            sbyte* y = w + (256 * g);
            s0 = Dp.DotProductBySelectedQuadruplet(s0, Vector128.Load(y), x, g);
            s1 = Dp.DotProductBySelectedQuadruplet(s1, Vector128.Load(y + 16), x, g);
            s2 = Dp.DotProductBySelectedQuadruplet(s2, Vector128.Load(y + 32), x, g);
            s3 = Dp.DotProductBySelectedQuadruplet(s3, Vector128.Load(y + 48), x, g);
            s4 = Dp.DotProductBySelectedQuadruplet(s4, Vector128.Load(y + 64), x, g);
            s5 = Dp.DotProductBySelectedQuadruplet(s5, Vector128.Load(y + 80), x, g);
            s6 = Dp.DotProductBySelectedQuadruplet(s6, Vector128.Load(y + 96), x, g);
            s7 = Dp.DotProductBySelectedQuadruplet(s7, Vector128.Load(y + 112), x, g);
            t0 = Dp.DotProductBySelectedQuadruplet(t0, Vector128.Load(y + 128), x, g);
            t1 = Dp.DotProductBySelectedQuadruplet(t1, Vector128.Load(y + 144), x, g);
            t2 = Dp.DotProductBySelectedQuadruplet(t2, Vector128.Load(y + 160), x, g);
            t3 = Dp.DotProductBySelectedQuadruplet(t3, Vector128.Load(y + 176), x, g);
            t4 = Dp.DotProductBySelectedQuadruplet(t4, Vector128.Load(y + 192), x, g);
            t5 = Dp.DotProductBySelectedQuadruplet(t5, Vector128.Load(y + 208), x, g);
            t6 = Dp.DotProductBySelectedQuadruplet(t6, Vector128.Load(y + 224), x, g);
            t7 = Dp.DotProductBySelectedQuadruplet(t7, Vector128.Load(y + 240), x, g);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dp8(sbyte* a, sbyte* w, nint stride, nint groups, float scale, float* scales, float* start, float* c)
    {
        Vector128<int> s0 = default, s1 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector128.Create(((uint*)a)[g]).AsSByte();
            s0 = Dp.DotProduct(s0, x, Vector128.Load(w));
            s1 = Dp.DotProduct(s1, x, Vector128.Load(w + 16));
            w += stride;
        }

        Store(s0, scale, scales, start, c, 0);
        Store(s1, scale, scales, start, c, 4);
    }

    // Two products of magnitudes up to 127 fit 16 bits, so a group's are added to those of the one before, and then both to a sum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Neon16(sbyte* a, sbyte* w, nint stride, nint groups, float scale, float* scales, float* start, float* c)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (; groups >= 2; groups -= 2)
        {
            var (x, y) = (Vector128.Create(*(uint*)a).AsSByte(), Vector128.Create(*(uint*)(a + 4)).AsSByte());
            (s0, s1) = Add(s0, s1, 0);
            (s2, s3) = Add(s2, s3, 16);
            (s4, s5) = Add(s4, s5, 32);
            (s6, s7) = Add(s6, s7, 48);
            a += 8;
            w += 2 * stride;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            (Vector128<int>, Vector128<int>) Add(Vector128<int> lower, Vector128<int> upper, nint at)
            {
                var (p, q) = (Vector128.Load(w + at), Vector128.Load(w + stride + at));
                return (
                    AdvSimd.AddPairwiseWideningAndAdd(lower, AdvSimd.MultiplyWideningLowerAndAdd(
                        AdvSimd.MultiplyWideningLower(x.GetLower(), p.GetLower()), y.GetLower(), q.GetLower())),
                    AdvSimd.AddPairwiseWideningAndAdd(upper, AdvSimd.MultiplyWideningUpperAndAdd(
                        AdvSimd.MultiplyWideningUpper(x, p), y, q)));
            }
        }

        if (groups > 0)
        {
            var x = Vector128.Create(*(uint*)a).AsSByte();
            (s0, s1) = Add(s0, s1, 0);
            (s2, s3) = Add(s2, s3, 16);
            (s4, s5) = Add(s4, s5, 32);
            (s6, s7) = Add(s6, s7, 48);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            (Vector128<int>, Vector128<int>) Add(Vector128<int> lower, Vector128<int> upper, nint at)
            {
                var p = Vector128.Load(w + at);
                return (
                    AdvSimd.AddPairwiseWideningAndAdd(lower, AdvSimd.MultiplyWideningLower(x.GetLower(), p.GetLower())),
                    AdvSimd.AddPairwiseWideningAndAdd(upper, AdvSimd.MultiplyWideningUpper(x, p)));
            }
        }

        Store(AdvSimd.Arm64.AddPairwise(s0, s1), scale, scales, start, c, 0);
        Store(AdvSimd.Arm64.AddPairwise(s2, s3), scale, scales, start, c, 4);
        Store(AdvSimd.Arm64.AddPairwise(s4, s5), scale, scales, start, c, 8);
        Store(AdvSimd.Arm64.AddPairwise(s6, s7), scale, scales, start, c, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Neon8(sbyte* a, sbyte* w, nint stride, nint groups, float scale, float* scales, float* start, float* c)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint g = 0; g < groups; g++)
        {
            var x = Vector128.Create(((uint*)a)[g]).AsSByte();
            var (p, q) = (Vector128.Load(w), Vector128.Load(w + 16));
            s0 = AdvSimd.AddPairwiseWideningAndAdd(s0, AdvSimd.MultiplyWideningLower(x.GetLower(), p.GetLower()));
            s1 = AdvSimd.AddPairwiseWideningAndAdd(s1, AdvSimd.MultiplyWideningUpper(x, p));
            s2 = AdvSimd.AddPairwiseWideningAndAdd(s2, AdvSimd.MultiplyWideningLower(x.GetLower(), q.GetLower()));
            s3 = AdvSimd.AddPairwiseWideningAndAdd(s3, AdvSimd.MultiplyWideningUpper(x, q));
            w += stride;
        }

        Store(AdvSimd.Arm64.AddPairwise(s0, s1), scale, scales, start, c, 0);
        Store(AdvSimd.Arm64.AddPairwise(s2, s3), scale, scales, start, c, 4);
    }
}
