using System.Numerics;
using CsCheck;
using RnnCodegen.Tests.Parameters;
using Xunit;

namespace RnnCodegen.Tests.Weights;

/// <summary>Every element type: written and read bit for bit, and turned into floats exactly or to the nearest.</summary>
public sealed class SafeTensorTypesTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void All_types_survive_writing_and_each_way_of_reading()
    {
        SafeTensor[] written =
        [
            SafeTensor.Of<byte>("u8", [3], new byte[] { 0, 128, 255 }),
            SafeTensor.Of<bool>("bool", [3], new[] { true, false, true }),
            SafeTensor.Of<sbyte>("i8", [2], new sbyte[] { sbyte.MinValue, sbyte.MaxValue }),
            SafeTensor.Of<short>("i16", [2, 1], new short[] { short.MinValue, short.MaxValue }),
            SafeTensor.Of<ushort>("u16", [1], new ushort[] { ushort.MaxValue }),
            SafeTensor.Of<int>("i32", [1, 2, 1], new[] { int.MinValue, int.MaxValue }),
            SafeTensor.Of<uint>("u32", [1], new[] { uint.MaxValue }),
            SafeTensor.Of<long>("i64", [2], new[] { long.MinValue, long.MaxValue }),
            SafeTensor.Of<ulong>("u64", [1], new[] { ulong.MaxValue }),
            SafeTensor.Of<Half>("f16", [3], new[] { Half.MinValue, Half.Epsilon, Half.NaN }),
            SafeTensor.Of<float>("f32", [], new[] { float.Epsilon }),
            SafeTensor.Of<double>("f64", [2], new[] { double.MaxValue, double.NaN }),
            SafeTensor.RoundToBFloat16("bf16", [4], [1, -0f, 1.00390625f, float.PositiveInfinity]),
            SafeTensor.OfBytes("f8", "F8_E4M3", [5], new byte[] { 1, 2, 3, 4, 5 }),
            SafeTensor.OfBytes("f8b", "F8_E5M2", [1], new byte[] { 255 }),
            SafeTensor.Of<float>("none", [2, 0, 3], default),
            SafeTensor.Of<long>("none64", [0], default),
        ];
        SafeTensorsFile.Write(_path, written);
        using var mapped = SafeTensorsFile.Map(_path);
        foreach (var file in new[] { SafeTensorsFile.Read(_path), mapped, SafeTensorsFile.Parse("memory", File.ReadAllBytes(_path)) })
        {
            Assert.Equal(written.Length, file.Tensors.Count);
            foreach (var tensor in written)
            {
                var read = file[tensor.Name];
                Assert.Equal(tensor.DataType, read.DataType);
                Assert.Equal(tensor.Shape, read.Shape);
                Assert.Equal(tensor.Bytes.ToArray(), read.Bytes.ToArray());
            }

            Assert.Equal([long.MinValue, long.MaxValue], file["i64"].Values<long>().ToArray());
            Assert.Equal([true, false, true], file["bool"].Values<bool>().ToArray());
            Assert.Equal(double.MaxValue, file["f64"].Values<double>()[0]);
            Assert.Equal([1, -0f, 1, float.PositiveInfinity], file["bf16"].ToFloats());
            Assert.Equal([1f, 0, 1], file["bool"].ToFloats());
            Assert.Equal([-128f, 127], file["i8"].ToFloats());
            Assert.Equal([0f, 128, 255], file["u8"].ToFloats());
            Assert.Equal([-32768f, 32767], file["i16"].ToFloats());
        }
    }

    [Fact]
    public void Random_tensors_of_all_types_and_shapes_survive_writing()
    {
        // 300 files of up to 6 tensors.
        var types = SafeTensorsTypes.Names.Split(", ");
        Gen.Select(Gen.Int[0, types.Length - 1], Gen.Int[0, 4].Array[0, 4], Gen.Int,
            (type, shape, seed) => (type: types[type], shape, seed)).Array[0, 6].Sample(
                specs =>
                {
                    var written = specs.Select((s, i) =>
                    {
                        var bytes = new byte[s.shape.Aggregate(ElementType.Find(s.type)!.Size, (product, size) => product * size)];
                        new Random(s.seed).NextBytes(bytes);
                        return SafeTensor.OfBytes($"{i}\"\u00e9", s.type, s.shape, bytes);
                    }).ToArray();
                    SafeTensorsFile.Write(_path, written);
                    var read = SafeTensorsFile.Read(_path);
                    Assert.Equal(written.Length, read.Tensors.Count);
                    foreach (var tensor in written)
                    {
                        var back = read[tensor.Name];
                        Assert.Equal(tensor.DataType, back.DataType);
                        Assert.Equal(tensor.Shape, back.Shape);
                        Assert.Equal(tensor.Bytes.ToArray(), back.Bytes.ToArray());
                    }
                },
                iter: 300, threads: 1);
    }

    [Fact]
    public void Larger_elements_are_stored_first_so_that_all_are_aligned()
    {
        SafeTensorsFile.Write(_path,
            [SafeTensor.Of<byte>("a", [1], new byte[1]), SafeTensor.Of<double>("b", [1], new double[1]),
                new SafeTensor("c", [1], new float[1])]);
        Assert.Equal(["b", "c", "a"], SafeTensorsFile.Read(_path).Tensors.Select(t => t.Name));
    }

    [Fact]
    public void Each_half_and_bfloat16_becomes_the_same_float()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(bits.AsSpan()).ToArray();
        var halves = SafeTensor.OfBytes("h", "F16", [bits.Length], bytes).ToFloats();
        var brains = SafeTensor.OfBytes("b", "BF16", [bits.Length], bytes).ToFloats();
        for (var i = 0; i < bits.Length; i++)
        {
            var half = (float)BitConverter.UInt16BitsToHalf(bits[i]);
            Assert.True(float.IsNaN(half)
                ? float.IsNaN(halves[i])
                : BitConverter.SingleToInt32Bits(half) == BitConverter.SingleToInt32Bits(halves[i]));
            Assert.Equal((uint)bits[i] << 16, BitConverter.SingleToUInt32Bits(brains[i]));
        }
    }

    [Fact]
    public void Doubles_and_whole_numbers_become_the_nearest_float()
    {
        var random = new Random(3);
        var bits = Enumerable.Range(0, 20_000).Select(_ => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)).ToArray();
        var doubles = bits.Select(BitConverter.Int64BitsToDouble).Where(d => Math.Abs(d) is >= 1e-37 and < float.MaxValue).ToArray();
        doubles = [.. doubles, 1 + (1.0 / (1 << 24)), 1 + (3.0 / (1 << 24)), 1e-320, -0.0];
        AssertNearest(doubles, SafeTensor.Of<double>("d", [doubles.Length], doubles).ToFloats());

        // Halfway between two floats, and just beyond, where rounding to double first would go wrong.
        long[] longs = [.. bits, (1L << 62) + (1L << 38), (1L << 62) + (1L << 38) + 1, (1L << 62) + (1L << 38) - 1, long.MaxValue,
            long.MinValue];
        var fromLongs = SafeTensor.Of<long>("l", [longs.Length], longs).ToFloats();
        for (var i = 0; i < longs.Length; i++)
        {
            var error = BigInteger.Abs((BigInteger)fromLongs[i] - longs[i]);
            var next = BigInteger.Abs((BigInteger)MathF.BitIncrement(fromLongs[i]) - longs[i]);
            var last = BigInteger.Abs((BigInteger)MathF.BitDecrement(fromLongs[i]) - longs[i]);
            Assert.True(error.IsZero || (error <= next && error <= last), $"{longs[i]} became {fromLongs[i]:R}");
        }
    }

    [Fact]
    public void A_finite_double_beyond_float_is_not_turned_into_infinity()
    {
        var tensor = SafeTensor.Of<double>("d", [3], new[] { double.NegativeInfinity, 1, 1e300 });
        Assert.Contains("Value 2 of tensor 'd' is 1E+300", Assert.Throws<InvalidDataException>(tensor.ToFloats).Message,
            StringComparison.Ordinal);
        Assert.Equal([float.NegativeInfinity, 1], SafeTensor.Of<double>("d", [2], new[] { double.NegativeInfinity, 1 }).ToFloats());
    }

    [Fact]
    public void Parameters_load_from_each_real_type()
    {
        var set = new ParameterSet(Layouts.Place(
            ("a", ParameterRole.DenseWeight, 1, 2, 2), ("b", ParameterRole.DenseBias, 2, 0, 2), ("c", ParameterRole.DenseBias, 2, 0, 2),
            ("d", ParameterRole.DenseBias, 1, 0, 1)));
        SafeTensorsFile.Write(_path,
        [
            SafeTensor.Of<Half>("a", [1, 2], new[] { (Half)0.1f, Half.MaxValue }),
            SafeTensor.RoundToBFloat16("b", [2], [0.1f, -3e38f]),
            SafeTensor.Of<double>("c", [2], new[] { 0.1, Math.PI }),
            new SafeTensor("d", [1], new[] { 0.1f }),
        ]);
        SafeTensors.Load(_path, set);
        Assert.Equal([0.0999755859375f, 65504, 0.10009765625f, -3.00405527e38f, 0.1f, 3.14159274f, 0.1f], set.Values.ToArray());
    }

    [Fact]
    public void Wrong_types_are_refused_by_name()
    {
        var half = SafeTensor.Of<Half>("h", [1], new Half[1]);
        Assert.Contains("F16", Assert.Throws<InvalidOperationException>(() => half.Values<float>().Length).Message,
            StringComparison.Ordinal);
        Assert.Contains("F16", Assert.Throws<InvalidOperationException>(() => half.Floats.Length).Message, StringComparison.Ordinal);
        Assert.Contains("F8_E4M3", Assert.Throws<InvalidOperationException>(
            SafeTensor.OfBytes("f", "F8_E4M3", [1], new byte[1]).ToFloats).Message, StringComparison.Ordinal);
        Assert.Contains("'b' is 7", Assert.Throws<InvalidDataException>(
            () => SafeTensor.OfBytes("b", "BOOL", [1], new byte[] { 7 }).Values<bool>().Length).Message, StringComparison.Ordinal);
        Assert.Contains("Decimal", Assert.Throws<ArgumentException>(() => SafeTensor.Of<decimal>("d", [1], new decimal[1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("F31", Assert.Throws<ArgumentException>(() => SafeTensor.OfBytes("d", "F31", [1], new byte[4])).Message,
            StringComparison.Ordinal);
        Assert.Contains("whole values", Assert.Throws<ArgumentException>(() => SafeTensor.OfBytes("d", "F32", [1], new byte[5])).Message,
            StringComparison.Ordinal);
        Assert.Contains("BF16's range",
            Assert.Throws<ArgumentException>(() => SafeTensor.RoundToBFloat16("d", [1], [float.MaxValue])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => half.CopyTo(new float[2]));
    }

    private static void AssertNearest(double[] exact, float[] rounded)
    {
        for (var i = 0; i < exact.Length; i++)
        {
            var error = Math.Abs(exact[i] - rounded[i]);
            Assert.True(error <= Math.Abs(exact[i] - MathF.BitIncrement(rounded[i])), $"{exact[i]:R} became {rounded[i]:R}");
            Assert.True(error <= Math.Abs(exact[i] - MathF.BitDecrement(rounded[i])), $"{exact[i]:R} became {rounded[i]:R}");
        }
    }
}
