using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace RnnCodegen.Runtime;

/// <summary>512-bit vectors.</summary>
internal readonly unsafe struct Vector512Ops : IVectorOps<V>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divide(V a, V b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sqrt(V a) => Vector512.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Vector512.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Vector512.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V WithSign(V magnitude, V sign) => magnitude | (sign & Vector512.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V KeepBits(V x, int mask) => x & Vector512.Create(mask).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SelectBySign(V x, V negative, V positive) =>
        Vector512.ConditionalSelect(Vector512.LessThan(x.AsInt32(), Vector512<int>.Zero).AsSingle(), negative, positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneWhereGreater(V a, V b) => Vector512.GreaterThan(a, b) & V.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ZeroBelow(V x, float floor) => Vector512.AndNot(x, Vector512.LessThan(Vector512.Abs(x), Vector512.Create(floor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddBits(V a, V b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsLeft(V x, int count) => (x.AsInt32() << count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsRight(V x, int count) => (x.AsInt32() >>> count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V index, float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7) =>
        Avx512F.IsSupported
            ? Avx512F.PermuteVar16x32(Vector512.Create(t0, t1, t2, t3, t4, t5, t6, t7, t0, t1, t2, t3, t4, t5, t6, t7), index.AsInt32())
            : Vector512.Create(
                Vector256Ops.Lookup(index.GetLower(), t0, t1, t2, t3, t4, t5, t6, t7),
                Vector256Ops.Lookup(index.GetUpper(), t0, t1, t2, t3, t4, t5, t6, t7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V x) => Vector512.Sum(x);
}
