using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

/// <summary>
/// Four floats with one load, each of which is then spread over a vector within registers: where every multiply-add loads its weights,
/// loads are what a product waits for.
/// </summary>
public static unsafe class FourFloats
{
    /// <summary>Four floats, in both halves of the vector.</summary>
    /// <param name="source">The first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) =>
        Avx.IsSupported ? Avx.BroadcastVector128ToVector256(source) : Vector256.Create(Vector128.Load(source), Vector128.Load(source));

    /// <summary>One of the four in all lanes.</summary>
    /// <param name="four">The vector that <see cref="Load"/> gave.</param>
    /// <param name="index">0 to 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Spread(Vector256<float> four, [ConstantExpected(Max = (byte)3)] byte index) =>
        !Avx.IsSupported ? Vector256.Create(four.GetElement(index)) : index switch
        {
            0 => Avx.Permute(four, 0b00_00_00_00),
            1 => Avx.Permute(four, 0b01_01_01_01),
            2 => Avx.Permute(four, 0b10_10_10_10),
            _ => Avx.Permute(four, 0b11_11_11_11),
        };

    /// <summary>Four floats, in each quarter of the vector.</summary>
    /// <param name="source">The first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadToQuarters(float* source) =>
        Avx512F.IsSupported ? Avx512F.BroadcastVector128ToVector512(source) : Vector512.Create(Load(source), Load(source));

    /// <summary>One of the four in all lanes.</summary>
    /// <param name="four">The vector that <see cref="LoadToQuarters"/> gave.</param>
    /// <param name="index">0 to 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Spread(Vector512<float> four, [ConstantExpected(Max = (byte)3)] byte index) =>
        !Avx512F.IsSupported ? Vector512.Create(four.GetElement(index)) : index switch
        {
            0 => Avx512F.Permute4x32(four, 0b00_00_00_00),
            1 => Avx512F.Permute4x32(four, 0b01_01_01_01),
            2 => Avx512F.Permute4x32(four, 0b10_10_10_10),
            _ => Avx512F.Permute4x32(four, 0b11_11_11_11),
        };
}
