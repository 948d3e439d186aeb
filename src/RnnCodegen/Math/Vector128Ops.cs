using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace RnnCodegen.Runtime;

/// <summary>128-bit vectors.</summary>
internal readonly unsafe struct Vector128Ops : IVectorOps<V>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source) => Vector128.Load(source);

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
    public static V Sqrt(V a) => Vector128.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min(V a, V b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V a, V b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V WithSign(V magnitude, V sign) => magnitude | (sign & Vector128.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V KeepBits(V x, int mask) => x & Vector128.Create(mask).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SelectBySign(V x, V negative, V positive) =>
        Vector128.ConditionalSelect(Vector128.LessThan(x.AsInt32(), Vector128<int>.Zero).AsSingle(), negative, positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneWhereGreater(V a, V b) => Vector128.GreaterThan(a, b) & V.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ZeroBelow(V x, float floor) => Vector128.AndNot(x, Vector128.LessThan(Vector128.Abs(x), Vector128.Create(floor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddBits(V a, V b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsLeft(V x, int count) => (x.AsInt32() << count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftBitsRight(V x, int count) => (x.AsInt32() >>> count).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V index, float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.PermuteVar8x32(Vector256.Create(t0, t1, t2, t3, t4, t5, t6, t7), index.AsInt32().ToVector256Unsafe()).GetLower();
        }

        // Shuffle gives 0 where an index is outside the four.
        var i = index.AsInt32() & Vector128.Create(7);
        return Vector128.Shuffle(Vector128.Create(t0, t1, t2, t3), i)
            | Vector128.Shuffle(Vector128.Create(t4, t5, t6, t7), i - Vector128.Create(4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V x) => Vector128.Sum(x);
}
