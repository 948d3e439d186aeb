using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Rounding, layout and products of reduced weights against plain loops.</summary>
public unsafe class ReducedWeightsTests
{
    // K and N of 8-bit products: every kind of panel, groups of 4 that are not full.
    public static TheoryData<int, int> Int8Shapes =>
        new() { { 1, 8 }, { 3, 16 }, { 4, 32 }, { 17, 64 }, { 30, 104 }, { 64, 128 }, { 131, 232 } };

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(-2.5f, 0xC020)]
    [InlineData(1.00390625f, 0x3F80)] // half-way between 0x3F80 and 0x3F81: to the even one
    [InlineData(1.01171875f, 0x3F82)] // half-way between 0x3F81 and 0x3F82
    [InlineData(1.00390637f, 0x3F81)] // just above half-way
    [InlineData(3.4028235e38f, 0x7F80)] // past the largest: infinity
    [InlineData(float.NegativeInfinity, 0xFF80)]
    [InlineData(-0f, 0x8000)]
    [InlineData(1e-45f, 0)] // subnormal
    public void Weights_round_to_the_nearest_bfloat16(float weight, int bits) => Assert.Equal(bits, BFloat16Packer.Round(weight));

    [Fact]
    public void NaN_stays_NaN_in_bfloat16()
    {
        foreach (var bits in new[] { 0x7F800001u, 0xFFC00000u, 0x7FFFFFFFu })
        {
            Assert.True(
                float.IsNaN(BitConverter.UInt32BitsToSingle((uint)BFloat16Packer.Round(BitConverter.UInt32BitsToSingle(bits)) << 16)));
        }
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(6, new[] { 16, 16, 4 })]
    [InlineData(7, new[] { 64, 32, 3 })]
    public void Bfloat16_panels_hold_pairs_of_k(int k, int[] panels)
    {
        int n = panels.Sum();
        var source = Matrix.Random(1, n, k, k);
        int[] map = [.. Enumerable.Range(0, n).Select(j => j % 5 == 3 ? -1 : n - 1 - j)];
        var pairs = (k + 1) / 2;
        var target = new uint[pairs * n];
        fixed (uint* p = target)
        {
            BFloat16Packer.PackRows(source.Pointer, k, map, panels, p);
        }

        var first = 0;
        foreach (var width in panels)
        {
            for (var i = 0; i < pairs * width; i++)
            {
                var (row, pair) = (map[first + (i % width)], 2 * (i / width));
                uint Bits(int at) => row < 0 || at >= k ? 0u : BFloat16Packer.Round(source[row, at]);
                Assert.Equal(Bits(pair) | (Bits(pair + 1) << 16), target[(pairs * first) + i]);
            }

            first += width;
        }

        Assert.Throws<ArgumentException>(() => BFloat16Packer.PackRows(source.Pointer, k, map, [n + 1], null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(37)]
    [InlineData(200)]
    public void Activations_round_to_the_nearest_step(int k)
    {
        var row = Matrix.Random(k, 1, k, k, 3);
        row[0, k - 1] = -3.5f; // the largest, at the end
        byte* q = AllocateBytes(k);
        Assert.Equal(3.5f / 127, Int8Product.Quantize(row.Pointer, k, q).Value);
        for (var i = 0; i < k; i++)
        {
            Assert.Equal(MathF.Round(row[0, i] * (127f / 3.5f), MidpointRounding.ToEven), Int8Product.ValueOf(q, i));
        }

        for (var i = k; i % 4 != 0; i++)
        {
            Assert.Equal(0, Int8Product.ValueOf(q, i));
        }
    }

    [Fact]
    public void Ties_round_to_even()
    {
        float[] row = [0.5f, 1.5f, -0.5f, -1.5f, 2.5f, -2.5f, 126.5f, -126.5f, 127];
        foreach (var repeats in new[] { 1, 2, 5 })
        {
            float[] values = [.. Enumerable.Repeat(row, repeats).SelectMany(r => r)];
            byte* q = AllocateBytes(values.Length);
            fixed (float* a = values)
            {
                Assert.Equal(1f, Int8Product.Quantize(a, values.Length, q).Value);
            }

            int[] expected = [0, 2, 0, -2, 2, -2, 126, -126, 127];
            for (var i = 0; i < values.Length; i++)
            {
                Assert.Equal(expected[i % 9], Int8Product.ValueOf(q, i));
            }
        }
    }

    [Theory]
    [InlineData(3, 0f, 0f)]
    [InlineData(40, 7e-31f, 0f)] // below 2^-100
    [InlineData(40, float.NaN, float.NaN)]
    [InlineData(3, float.PositiveInfinity, float.NaN)]
    [InlineData(40, float.NegativeInfinity, float.NaN)]
    public void Rows_without_a_scale_have_zero_or_NaN(int k, float value, float scale)
    {
        byte* q = AllocateBytes(k);
        for (var at = 0; at < k; at++)
        {
            var row = new Matrix(1, k, k, (_, i) => i == at ? value : i % 2 == 0 ? 0 : float.IsFinite(value) ? value : 1);
            Assert.Equal(scale, Int8Product.Quantize(row.Pointer, k, q).Value);
        }
    }

    [Fact]
    public void Weights_have_a_scale_a_column()
    {
        var source = new Matrix(4, 3, 3, (r, k) => r switch { 0 => k - 1, 1 => 0, 2 => k == 2 ? float.NaN : 1, _ => 1e-3f * (k + 1) });
        var target = AllocatePacked(3, 8);
        Int8Packer.PackRows(source.Pointer, 3, [0, 1, 2, 3, -1, 0, -1, 3], target.Pointer);
        var scales = target.Span.Slice((int)Int8Packer.ScalesAt(3, 8), 8).ToArray();
        Assert.Equal([1f / 127, 0, float.NaN, 3e-3f / 127, 0, 1f / 127, 0, 3e-3f / 127], scales);
        var bytes = new ReadOnlySpan<sbyte>(target.Pointer, 32).ToArray();
        Assert.Equal([-127, 0, 127, 0], bytes[..4]);
        Assert.Equal([42, 85, 127, 0], bytes[12..16]);
        var offsets = new ReadOnlySpan<int>(target.Pointer + Int8Packer.OffsetsAt(3, 8), 8).ToArray();
        Assert.Equal([0, 0, 0, 128 * 254, 0, 0, 0, 128 * 254], offsets);
        Assert.Throws<ArgumentException>(() => Int8Packer.PackRows(source.Pointer, 3, [0, 1], target.Pointer));
    }

    [Theory]
    [MemberData(nameof(Int8Shapes))]
    public void Products_are_those_of_the_integers(int k, int n)
    {
        const int Rows = 3;
        var (source, a) = (Matrix.Random(1, n, k, k), Matrix.Random(2, Rows, k, k + 5, 2));
        var packed = AllocatePacked(k, n);
        int[] map = [.. Enumerable.Range(0, n).Select(j => j % 7 == 4 ? -1 : n - 1 - j)];
        Int8Packer.PackRows(source.Pointer, k, map, packed.Pointer);
        var start = Matrix.Random(3, 1, n, n);
        var stride = (k + 3) / 4 * Int8Product.GroupBytes;
        byte* q = stackalloc byte[Rows * stride];
        ByteScale* scales = stackalloc ByteScale[Rows];
        new Span<byte>(q, Rows * stride).Fill(0xEE);
        for (var r = 0; r < Rows; r++)
        {
            scales[r] = Int8Product.Quantize(a.Pointer + (r * a.Stride), k, q + (r * stride));
        }

        for (var turn = 0; turn < 2; turn++)
        {
            var c = Matrix.Zeros(Rows, n, n + 3);
            Int8Product.Multiply(q, stride, scales, Rows, packed.Pointer, start.Pointer, 0, c.Pointer, c.Stride, k, n, turn);
            c.CheckEach((r, j) => start[0, j] + Product(r, j), 1e-6 * k);

            var pair = Matrix.Zeros(1, n, n);
            Int8Product.MultiplyPair(q, scales[0], packed.Pointer, k, q + stride, scales[1], packed.Pointer, k, start.Pointer, pair.Pointer,
                n, turn);
            pair.CheckEach((_, j) => start[0, j] + Product(0, j) + Product(1, j), 2e-6 * k);
        }

        double Product(int r, int j)
        {
            if (map[j] < 0)
            {
                return 0;
            }

            var (largestA, largestW) = (Largest(a, r, k), Largest(source, map[j], k));
            var sum = 0;
            for (var i = 0; i < k; i++)
            {
                var weight = (int)Math.Round(source[map[j], i] * (127.0 / largestW), MidpointRounding.ToEven);
                sum += ((int)MathF.Round(a[r, i] * (127f / largestA), MidpointRounding.ToEven)) * weight;
            }

            return sum * ((double)largestA / 127) * ((double)largestW / 127);
        }
    }

    /// <summary>Whatever instructions a machine has, sums are the same integers, also at the ends of their range.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    public void Every_instruction_set_gives_the_same_sums(int groups)
    {
        foreach (var width in new[] { 8, 32, 64 })
        {
            foreach (var extreme in new[] { 0, 127, -127 })
            {
                new SumsCase(groups, width, extreme).Check();
            }
        }
    }

    // Bytes of a row of activations, full of something else.
    private static byte* AllocateBytes(int k)
    {
        var bytes = GC.AllocateArray<byte>((k + 3) / 4 * Int8Product.GroupBytes, pinned: true);
        Array.Fill(bytes, (byte)0xEE);
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(bytes));
    }

    private static AlignedBuffer AllocatePacked(int k, int n) => new(Int8Packer.Length(k, n));

    private static float Largest(Matrix matrix, int row, int count) => Enumerable.Range(0, count).Max(k => MathF.Abs(matrix[row, k]));
}
