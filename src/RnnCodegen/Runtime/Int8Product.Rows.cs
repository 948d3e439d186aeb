using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RnnCodegen.Runtime;

/// <content>Activations in 8 bits.</content>
public static unsafe partial class Int8Product
{
    private const int SignMask = 0x7FFFFFFF;
    private const int InfinityBits = 0x7F800000;

    /// <summary>Bytes of four activations, at most: what callers make room for, whatever the machine takes.</summary>
    internal const int GroupBytes = 8;

    /// <summary>Whether four magnitudes stand before four signs (<see cref="Avx2Sums"/>).</summary>
    private static bool HasSigns => Avx2.IsSupported && !AvxVnni.IsSupported;

    /// <summary>What a byte for 0 is: instructions that multiply take activations with a sign on ARM, and without one on x64.</summary>
    private static byte ZeroPoint => (byte)(HasSigns || AdvSimd.Arm64.IsSupported ? 0 : 128);

    // 1.5 * 2^23: the sum's last bit is worth 1, so adding rounds to nearest even, and its low byte is the integer.
    private static float Rounding => 12582912f + ZeroPoint;

    /// <summary>Rounds a row of activations to round(a / s), s = max |a| / 127.</summary>
    /// <param name="a">The row.</param>
    /// <param name="k">Its length.</param>
    /// <param name="q">
    /// Receives up to 8 bytes for each 4 values, the last 4 filled up with zeros. Where the scale is 0 or NaN what is in them does not
    /// matter, as each sum is multiplied by it.
    /// </param>
    /// <returns>The scale s; 0 where all |a| are below 2^-100, NaN where one is not finite.</returns>
    public static ByteScale Quantize(float* a, nint k, byte* q)
    {
        var largest = k < 16 ? LargestBits(a, k)
            : Vector512.IsHardwareAccelerated ? LargestBits512(a, k)
            : Vector256.IsHardwareAccelerated ? LargestBits256(a, k)
            : LargestBits128(a, k);
        if (largest >= InfinityBits)
        {
            return new(float.NaN, 0);
        }

        var magnitude = BitConverter.Int32BitsToSingle(largest);
        if (magnitude < Int8Packer.Smallest)
        {
            return default;
        }

        var inverse = 127f / magnitude;
        if (HasSigns)
        {
            return new(magnitude / 127f, RoundSigns(a, k, inverse, q));
        }

        if (k < 16)
        {
            for (nint i = 0; i < k; i++)
            {
                q[i] = (byte)BitConverter.SingleToInt32Bits((a[i] * inverse) + Rounding);
            }
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            // The last vector overlaps the one before it and writes the same bytes again.
            for (nint i = 0; i < k; i += 16)
            {
                var at = Math.Min(i, k - 16);
                Round512(a + at, inverse, q + at);
            }
        }
        else
        {
            for (nint i = 0; i < k; i += 16)
            {
                var at = Math.Min(i, k - 16);
                Round128(a + at, inverse, q + at);
            }
        }

        for (var i = k; i % 4 != 0; i++)
        {
            q[i] = ZeroPoint;
        }

        return new(magnitude / 127f, 0);
    }

    /// <summary>A value of a row.</summary>
    internal static int ValueOf(byte* q, nint i)
    {
        byte* at = HasSigns ? q + (i / 4 * 8) + (i % 4) : q + i;
        return HasSigns ? (at[4] == 0 ? *at : -*at) : ZeroPoint == 0 ? (sbyte)*at : *at - ZeroPoint;
    }

    private static int LargestBits(float* a, nint k)
    {
        var largest = 0;
        for (nint i = 0; i < k; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(a[i]) & SignMask);
        }

        return largest;
    }

    // As integers, magnitudes are ordered as floats are, infinity above all numbers and NaN above infinity.
    private static int LargestBits512(float* a, nint k)
    {
        var mask = Vector512.Create(SignMask);
        var largest = Vector512.Load((int*)(a + k - 16)) & mask;
        for (nint i = 0; i + 16 < k; i += 16)
        {
            largest = Vector512.Max(largest, Vector512.Load((int*)(a + i)) & mask);
        }

        var half = Vector256.Max(largest.GetLower(), largest.GetUpper());
        return Largest(Vector128.Max(half.GetLower(), half.GetUpper()));
    }

    private static int LargestBits256(float* a, nint k)
    {
        var mask = Vector256.Create(SignMask);
        var (largest, other) = (Vector256.Load((int*)(a + k - 8)) & mask, Vector256.Load((int*)(a + k - 16)) & mask);
        for (nint i = 0; i + 16 < k; i += 16)
        {
            largest = Vector256.Max(largest, Vector256.Load((int*)(a + i)) & mask);
            other = Vector256.Max(other, Vector256.Load((int*)(a + i + 8)) & mask);
        }

        largest = Vector256.Max(largest, other);
        return Largest(Vector128.Max(largest.GetLower(), largest.GetUpper()));
    }

    private static int LargestBits128(float* a, nint k)
    {
        var mask = Vector128.Create(SignMask);
        var largest = Vector128.Load((int*)(a + k - 4)) & mask;
        for (nint i = 0; i + 4 < k; i += 4)
        {
            largest = Vector128.Max(largest, Vector128.Load((int*)(a + i)) & mask);
        }

        return Largest(largest);
    }

    private static int Largest(Vector128<int> values)
    {
        values = Vector128.Max(values, Vector128.Shuffle(values, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(values.GetElement(0), values.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round512(float* a, float inverse, byte* q)
    {
        var bits = ((Vector512.Load(a) * inverse) + Vector512.Create(Rounding)).AsUInt32();
        var shorts = Vector256.Narrow(bits.GetLower(), bits.GetUpper());
        Vector128.Store(Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()), q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round128(float* a, float inverse, byte* q)
    {
        Vector128.Store(Vector128.Narrow(Vector128.Narrow(Bits(a), Bits(a + 4)), Vector128.Narrow(Bits(a + 8), Bits(a + 12))), q);

        Vector128<uint> Bits(float* p) => ((Vector128.Load(p) * inverse) + Vector128.Create(Rounding)).AsUInt32();
    }

    /// <summary>Magnitudes and signs.</summary>
    /// <returns>The magnitudes of the negative values, summed.</returns>
    [SkipLocalsInit]
    private static int RoundSigns(float* a, nint k, float inverse, byte* q)
    {
        var scale = Vector256.Create(inverse);
        var sums = Vector256<ulong>.Zero;
        nint i = 0;
        for (; i + 32 <= k; i += 32)
        {
            sums += RoundSigns256(
                Vector256.Load(a + i) * scale, Vector256.Load(a + i + 8) * scale, Vector256.Load(a + i + 16) * scale,
                Vector256.Load(a + i + 24) * scale, q + (2 * i));
        }

        if (i < k)
        {
            byte* last = stackalloc byte[64];
            var count = (int)(k - i);
            sums += RoundSigns256(Some(a + i, 0), Some(a + i, 8), Some(a + i, 16), Some(a + i, 24), last);
            for (nint g = 0; g < Int8Packer.Groups(count); g++)
            {
                ((ulong*)(q + (2 * i)))[g] = ((ulong*)last)[g];
            }

            Vector256<float> Some(float* p, int first) => count <= first ? Vector256<float>.Zero : scale * Avx.MaskLoad(
                p + first, Vector256.GreaterThan(Vector256.Create(count - first), Vector256<int>.Indices).AsSingle());
        }

        return (int)Vector256.Sum(sums);
    }

    // Conversions round to nearest even, too. Vectors are packed half by half, so groups come out as 0 2 4 6 | 1 3 5 7, and as 0 2 1 3 and
    // 4 6 5 7 beside their signs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> RoundSigns256(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, byte* q)
    {
        var values = Avx2.PackSignedSaturate(
            Avx2.PackSignedSaturate(Avx.ConvertToVector256Int32(a), Avx.ConvertToVector256Int32(b)),
            Avx2.PackSignedSaturate(Avx.ConvertToVector256Int32(c), Avx.ConvertToVector256Int32(d)));
        var (magnitudes, signs) = (Avx2.Abs(values), Avx2.CompareGreaterThan(Vector256<sbyte>.Zero, values).AsByte());
        Store(Avx2.UnpackLow(magnitudes.AsUInt32(), signs.AsUInt32()), q);
        Store(Avx2.UnpackHigh(magnitudes.AsUInt32(), signs.AsUInt32()), q + 32);
        return Avx2.SumAbsoluteDifferences(magnitudes & signs, Vector256<byte>.Zero).AsUInt64();

        static void Store(Vector256<uint> groups, byte* q) =>
            Vector256.Store(Avx2.Permute4x64(groups.AsUInt64(), 0b11_01_10_00).AsByte(), q);
    }
}
