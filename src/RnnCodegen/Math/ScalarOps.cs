using System.Runtime.CompilerServices;

namespace RnnCodegen.Kernels;

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
    public static float NegativeAbs(float x) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) | SignBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SelectBySign(float x, float negative, float positive) =>
        BitConverter.SingleToInt32Bits(x) < 0 ? negative : positive;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OneWhereGreater(float a, float b) => a > b ? 1f : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftIntoExponent(float x) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) << 23);

    public static bool HasScale => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(float x, float power) => throw new PlatformNotSupportedException("Check HasScale first.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float x) => x;
}
