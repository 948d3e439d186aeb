using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>One float, computed as a lane of a vector would be.</summary>
internal readonly unsafe struct ScalarOps : IVectorOps<float>
{
    private const int SignBit = int.MinValue;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Create(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float value, float* target) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Divide(float a, float b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float a) => MathF.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => float.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => float.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WithSign(float magnitude, float sign) =>
        BitConverter.Int32BitsToSingle(
            BitConverter.SingleToInt32Bits(magnitude) | (BitConverter.SingleToInt32Bits(sign) & SignBit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float KeepBits(float x, int mask) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) & mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SelectBySign(float x, float negative, float positive) =>
        BitConverter.SingleToInt32Bits(x) < 0 ? negative : positive;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OneWhereGreater(float a, float b) => a > b ? 1f : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ZeroBelow(float x, float floor) => MathF.Abs(x) < floor ? 0f : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AddBits(float a, float b) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) + BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftBitsLeft(float x, int count) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftBitsRight(float x, int count) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Lookup(float index, float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7) =>
        Vector128Ops.Lookup(Vector128.CreateScalarUnsafe(index), t0, t1, t2, t3, t4, t5, t6, t7).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float x) => x;
}
