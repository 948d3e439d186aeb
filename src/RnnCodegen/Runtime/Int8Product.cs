using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Products of rows with 8-bit weights. Activations are bytes around a zero point of 128, so that one instruction multiplies them with
/// signed weights where a machine has it. Sums are 32-bit integers and exact; therefore every machine gives the same ones.
/// </summary>
public static unsafe partial class Int8Product
{
    private const int SignMask = 0x7FFFFFFF;
    private const int InfinityBits = 0x7F800000;

    // 1.5 * 2^23: the sum's last bit is worth 1, so adding rounds to nearest even, and its low byte is the integer; 128 is the zero point.
    private const float RoundToZeroPoint = 12582912f + 128f;

    /// <summary>Rounds a row of activations to q + 128, q = round(a / s), s = max |a| / 127.</summary>
    /// <param name="a">The row.</param>
    /// <param name="k">Its length.</param>
    /// <param name="q">
    /// Receives k bytes, and may receive up to three more. Where the result is 0 or NaN what is in them does not matter, as each sum is
    /// multiplied by the result.
    /// </param>
    /// <returns>The scale s; 0 where all |a| are below 2^-100, NaN where one is not finite.</returns>
    public static float Quantize(float* a, nint k, byte* q)
    {
        var largest = k < 16 ? LargestBits(a, k) : Vector512.IsHardwareAccelerated ? LargestBits512(a, k) : LargestBits128(a, k);
        if (largest >= InfinityBits)
        {
            return float.NaN;
        }

        var magnitude = BitConverter.Int32BitsToSingle(largest);
        if (magnitude < Int8Packer.Smallest)
        {
            return 0;
        }

        var inverse = 127f / magnitude;
        if (k < 16)
        {
            for (nint i = 0; i < k; i++)
            {
                q[i] = (byte)BitConverter.SingleToInt32Bits((a[i] * inverse) + RoundToZeroPoint);
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

        return magnitude / 127f;
    }

    /// <summary>c[rows, columns] = start + (a w), a and w being what bytes and scales stand for.</summary>
    /// <param name="q">Rows of bytes, as <see cref="Quantize"/> made them, padded
    /// to a multiple of 4; what the padding holds does not matter.</param>
    /// <param name="ldq">Bytes from one row to the next.</param>
    /// <param name="scales">The rows' scales.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="w">Weights as <see cref="Int8Packer.PackRows"/> laid them out.</param>
    /// <param name="start">The row, or rows, that sums start from.</param>
    /// <param name="ldStart">Floats from one of them to the next; 0 for one row.</param>
    /// <param name="c">Receives the result; may be <paramref name="start"/>.</param>
    /// <param name="ldc">Floats from one of its rows to the next.</param>
    /// <param name="k">K.</param>
    /// <param name="columns">N, a multiple of <see cref="Int8Packer.Lanes"/>.</param>
    /// <param name="turn">Panels are walked forwards where it is even and backwards where it is odd.</param>
    public static void Multiply(
        byte* q, nint ldq, float* scales, nint rows, float* w, float* start, nint ldStart, float* c, nint ldc, nint k, nint columns,
        int turn)
    {
        var groups = Int8Packer.Groups(k);
        var columnScales = w + Int8Packer.ScalesAt(k, columns);
        var offsets = (int*)(w + Int8Packer.OffsetsAt(k, columns));
        var (last, isForward) = (columns - 1, (turn & 1) == 0);
        for (nint done = 0; done < columns;)
        {
            var (first, width) = Int8Packer.Panel(isForward ? done : last - done, columns);
            var weights = (sbyte*)w + (4 * first * groups);
            for (nint r = 0; r < rows; r++)
            {
                Columns(
                    (uint*)(q + (r * ldq)), weights, groups, width, scales[r], columnScales + first, offsets + first,
                    start + (r * ldStart) + first, c + (r * ldc) + first);
            }

            done += width;
        }
    }

    /// <summary>c[columns] = start + (a w) + (b u): one row of an input and one of a state, panel by panel.</summary>
    /// <param name="a">Bytes of the input's row.</param>
    /// <param name="scaleA">Its scale.</param>
    /// <param name="w">Its weights.</param>
    /// <param name="k">Its length.</param>
    /// <param name="b">Bytes of the state's row.</param>
    /// <param name="scaleB">Its scale.</param>
    /// <param name="u">Its weights.</param>
    /// <param name="l">Its length.</param>
    /// <param name="start">The row that sums start from.</param>
    /// <param name="c">Receives the result.</param>
    /// <param name="columns">N, a multiple of <see cref="Int8Packer.Lanes"/>.</param>
    /// <param name="turn">Panels are walked forwards where it is even and backwards where it is odd.</param>
    public static void MultiplyPair(
        byte* a, float scaleA, float* w, nint k, byte* b, float scaleB, float* u, nint l, float* start, float* c, nint columns, int turn)
    {
        var (groupsA, groupsB) = (Int8Packer.Groups(k), Int8Packer.Groups(l));
        var (scalesA, scalesB) = (Int8Packer.ScalesAt(k, columns), Int8Packer.ScalesAt(l, columns));
        var (offsetsA, offsetsB) = (Int8Packer.OffsetsAt(k, columns), Int8Packer.OffsetsAt(l, columns));
        var (last, isForward) = (columns - 1, (turn & 1) == 0);
        for (nint done = 0; done < columns;)
        {
            var (first, width) = Int8Packer.Panel(isForward ? done : last - done, columns);
            Columns(
                (uint*)a, (sbyte*)w + (4 * first * groupsA), groupsA, width, scaleA, w + scalesA + first, (int*)w + offsetsA + first,
                start + first, c + first);
            Columns((uint*)b, (sbyte*)u + (4 * first * groupsB), groupsB, width, scaleB, u + scalesB + first, (int*)u + offsetsB + first,
                c + first, c + first);
            done += width;
        }
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
        var bits = ((Vector512.Load(a) * inverse) + Vector512.Create(RoundToZeroPoint)).AsUInt32();
        var shorts = Vector256.Narrow(bits.GetLower(), bits.GetUpper());
        Vector128.Store(Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()), q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round128(float* a, float inverse, byte* q)
    {
        Vector128.Store(Vector128.Narrow(Vector128.Narrow(Bits(a), Bits(a + 4)), Vector128.Narrow(Bits(a + 8), Bits(a + 12))), q);

        Vector128<uint> Bits(float* p) => ((Vector128.Load(p) * inverse) + Vector128.Create(RoundToZeroPoint)).AsUInt32();
    }

    /// <summary>Turns the integer sums of eight columns into floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> sums, float scale, float* scales, int* offsets, float* start, float* c, nint column)
    {
        var value = Vector256.ConvertToSingle(sums - Vector256.Load(offsets + column));
        Vector256.Store(
            Vector256.MultiplyAddEstimate(value, Vector256.Load(scales + column) * scale, Vector256.Load(start + column)), c + column);
    }

    /// <summary>The same of four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> sums, float scale, float* scales, int* offsets, float* start, float* c, nint column)
    {
        var value = Vector128.ConvertToSingle(sums - Vector128.Load(offsets + column));
        Vector128.Store(
            Vector128.MultiplyAddEstimate(value, Vector128.Load(scales + column) * scale, Vector128.Load(start + column)), c + column);
    }
}
