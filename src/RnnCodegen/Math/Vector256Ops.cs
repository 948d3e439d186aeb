using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace RnnCodegen.Runtime;

/// <summary>256-bit vectors.</summary>
internal readonly unsafe struct Vector256Ops : IVectorOps<V>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vector256.Load(source);

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
    public static V Sqrt(V a) => Vector256.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V WithSign(V magnitude, V sign) => magnitude | (sign & Vector256.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V KeepBits(V x, int mask) => x & Vector256.Create(mask).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SelectBySign(V x, V negative, V positive) =>
        Vector256.ConditionalSelect(Vector256.LessThan(x.AsInt32(), Vector256<int>.Zero).AsSingle(), negative, positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneWhereGreater(V a, V b) => Vector256.GreaterThan(a, b) & V.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ZeroBelow(V x, float floor) => Vector256.AndNot(x, Vector256.LessThan(Vector256.Abs(x), Vector256.Create(floor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddBits(V a, V b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsLeft(V x, int count) => (x.AsInt32() << count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsRight(V x, int count) => (x.AsInt32() >>> count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V index, float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7) =>
        Avx2.IsSupported
            ? Avx2.PermuteVar8x32(Vector256.Create(t0, t1, t2, t3, t4, t5, t6, t7), index.AsInt32())
            : Vector256.Create(
                Vector128Ops.Lookup(index.GetLower(), t0, t1, t2, t3, t4, t5, t6, t7),
                Vector128Ops.Lookup(index.GetUpper(), t0, t1, t2, t3, t4, t5, t6, t7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V x) => Vector256.Sum(x);
}
