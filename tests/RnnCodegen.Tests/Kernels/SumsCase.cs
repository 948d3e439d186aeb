using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>A panel of 8-bit weights and a row of activations, laid out for each instruction set that this machine has.</summary>
internal sealed unsafe class SumsCase
{
    private readonly int _groups;
    private readonly int _width;
    private readonly int[] _activations;
    private readonly sbyte[] _weights;
    private readonly int[] _offsets;
    private readonly float[] _ones;
    private readonly float[] _zeros;
    private readonly float[] _sums;

    /// <param name="groups">Groups of 4 k.</param>
    /// <param name="width">Columns.</param>
    /// <param name="extreme">What all activations are; 0 for random ones. Of the weights, many have the largest magnitude.</param>
    public SumsCase(int groups, int width, int extreme)
    {
        var random = new Random(4);
        (_groups, _width) = (groups, width);
        _activations = [.. Enumerable.Range(0, 4 * groups)
            .Select(i => extreme != 0 ? extreme : i % 9 == 0 ? 127 : i % 7 == 0 ? -127 : random.Next(-127, 128))];
        _weights = [.. Enumerable.Range(0, 4 * groups * width)
            .Select(i => (sbyte)(i % 5 < 2 ? 127 : i % 11 == 0 ? -127 : random.Next(-127, 128)))];
        _offsets = [.. Enumerable.Range(0, width).Select(j => 128 * Sum(j, _ => 1))];
        (_ones, _zeros, _sums) = (new float[width], new float[width], new float[width]);
        Array.Fill(_ones, 1);
    }

    public void Check()
    {
        var around128 = Bytes(x => (byte)(x + 128));
        Whole("scalar", around128, (a, w, scales, offsets, start, c) =>
        {
            for (var j = 0; j < _width; j += 8)
            {
                Int8Product.ScalarColumns(a, w + (4 * j), 4 * _width, _groups, j, 1, scales, offsets, start, c);
            }
        });
        if (AvxVnni.IsSupported)
        {
            Panel<VnniSums>("VNNI", around128, 0);
        }

        if (Avx2.IsSupported)
        {
            var signs = new byte[8 * _groups];
            for (var i = 0; i < _activations.Length; i++)
            {
                signs[(i / 4 * 8) + (i % 4)] = (byte)Math.Abs(_activations[i]);
                signs[(i / 4 * 8) + 4 + (i % 4)] = (byte)(_activations[i] < 0 ? 0xFF : 0);
            }

            Panel<Avx2Sums>("AVX2", signs, _activations.Sum(x => Math.Max(0, -x)));
        }

        var signed = Bytes(x => (byte)x);
        foreach (var hasDotProducts in AdvSimd.Arm64.IsSupported ? Dp.IsSupported ? [false, true] : new[] { false } : [])
        {
            Whole(hasDotProducts ? "dot product" : "NEON", signed, (a, w, scales, _, start, c) =>
                Int8Product.ArmPanel(hasDotProducts, a, w, _groups, _width, 1, scales, start, c));
        }
    }

    private delegate void Product(byte* a, sbyte* w, float* scales, int* offsets, float* start, float* c);

    private int Sum(int column, Func<int, int> activation) => Enumerable.Range(0, 4 * _groups)
        .Sum(k => activation(k) * _weights[(k / 4 * 4 * _width) + (4 * column) + (k % 4)]);

    private byte[] Bytes(Func<int, byte> of) => [.. _activations.Select(of)];

    private void Panel<T>(string path, byte[] activations, int negative)
        where T : struct, IByteSums<T> => Whole(path, activations, (a, w, scales, offsets, start, c) =>
            Int8Product.Panel<T>(a, w, _groups, _width, new ByteScale(1, negative), scales, offsets, start, c));

    private void Whole(string path, byte[] activations, Product multiply)
    {
        fixed (byte* a = activations)
        fixed (sbyte* w = _weights)
        fixed (int* offsets = _offsets)
        fixed (float* scales = _ones, start = _zeros, c = _sums)
        {
            multiply(a, w, scales, offsets, start, c);
        }

        Require(path);
    }

    private void Require(string path)
    {
        for (var j = 0; j < _width; j++)
        {
            var expected = Sum(j, k => _activations[k]);
            Assert.True(_sums[j] == expected, $"{path}: column {j} of {_width} is {_sums[j]}, expected {expected}.");
        }

        Array.Fill(_sums, float.NaN);
    }
}
