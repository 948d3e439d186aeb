using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Xunit;

namespace RnnCodegen.Tests.Parameters;

public sealed class InitializerTests
{
    [Theory]
    [InlineData("Encoder.weight_ih_l0", 40)]
    [InlineData("Encoder.weight_hh_l0", 40)]
    [InlineData("Encoder.bias_ih_l0", 40)]
    [InlineData("Encoder.bias_hh_l0", 40)]
    [InlineData("Encoder.weight_hr_l0", 40)]
    [InlineData("Encoder.weight_cf_l0", 40)]
    [InlineData("Head.weight", 12)]
    [InlineData("Head.bias", 12)]
    public void PyTorchs_tensors_are_uniform_within_one_over_the_root_of_the_fan_in(string name, int fanIn) =>
        AssertUniform(Draw(Initialization.PyTorch)[name].Values, 1 / Math.Sqrt(fanIn));

    [Theory]
    [InlineData("Encoder.weight_ih_l0", 160 + 24)]
    [InlineData("Encoder.weight_hr_l0", 12 + 40)]
    [InlineData("Head.weight", 5 + 12)]
    public void Keras_matrices_are_glorot_uniform(string name, int fans) =>
        AssertUniform(Draw(Initialization.GlorotOrthogonal)[name].Values, Math.Sqrt(6.0 / fans));

    [Fact]
    public void PyTorchs_embeddings_are_standard_normal()
    {
        var values = Draw(Initialization.PyTorch)["Words.weight"].Values.ToArray();
        var mean = values.Average(v => (double)v);
        var variance = values.Average(v => (v - mean) * (v - mean));
        var kurtosis = values.Average(v => Math.Pow(v - mean, 4)) / (variance * variance);

        // 7200 values: five standard errors of each moment.
        Assert.InRange(mean, -0.06, 0.06);
        Assert.InRange(variance, 0.92, 1.08);
        Assert.InRange(kurtosis, 2.7, 3.3);
    }

    [Theory]
    [InlineData(160, 40)]
    [InlineData(33, 33)]
    [InlineData(1, 1)]
    [InlineData(5, 17)]
    public void Hidden_weights_are_orthogonal(int rows, int columns)
    {
        var set = new ParameterSet(Layouts.Place(("E.weight_hh_l0", ParameterRole.HiddenWeight, rows, columns, columns)));
        ParameterInitializer.Initialize(set, Initialization.GlorotOrthogonal, 5);
        var values = set.Values.ToArray();
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var dot = 0.0;
                for (var i = 0; i < length; i++)
                {
                    dot += (double)At(a, i) * At(b, i);
                }

                Assert.Equal(a == b ? 1.0 : 0.0, dot, 3e-7);
            }
        }

        float At(int vector, int i) => rows >= columns ? values[(i * columns) + vector] : values[(vector * columns) + i];
    }

    [Fact]
    public void Keras_biases_are_zero_but_one_for_the_forget_gate_and_peepholes_are_zero()
    {
        var set = Draw(Initialization.GlorotOrthogonal);
        var bias = set["Encoder.bias_ih_l0"].Values;
        Assert.False(bias[..40].ContainsAnyExcept(0f));
        Assert.False(bias[40..80].ContainsAnyExcept(1f));
        Assert.False(bias[80..].ContainsAnyExcept(0f));
        Assert.False(set["Encoder.bias_hh_l0"].Values.ContainsAnyExcept(0f));
        Assert.False(set["Encoder.weight_cf_l0"].Values.ContainsAnyExcept(0f));
        Assert.False(set["Head.bias"].Values.ContainsAnyExcept(0f));
        AssertUniform(set["Words.weight"].Values, 0.05);
    }

    [Theory]
    [InlineData(Initialization.PyTorch)]
    [InlineData(Initialization.GlorotOrthogonal)]
    public void Norms_start_as_the_identity(Initialization initialization)
    {
        var set = Draw(initialization);
        Assert.False(set["Norm.weight"].Values.ContainsAnyExcept(1f));
        Assert.False(set["Norm.bias"].Values.ContainsAnyExcept(0f));
    }

    [Theory]
    [InlineData(Initialization.PyTorch, 0.25f)]
    [InlineData(Initialization.GlorotOrthogonal, 0f)]
    public void Affine_layers_start_as_the_identity_and_slopes_as_their_framework_has_them(Initialization initialization, float slope)
    {
        var set = new ParameterSet(Layouts.Place(
            ("A.weight", ParameterRole.AffineScale, 9, 0, 9), ("A.bias", ParameterRole.AffineShift, 9, 0, 9),
            ("P.weight", ParameterRole.PReluSlope, 9, 0, 9)));
        set.Edit().Fill(float.NaN);
        ParameterInitializer.Initialize(set, initialization, 3);
        Assert.False(set["A.weight"].Values.ContainsAnyExcept(1f));
        Assert.False(set["A.bias"].Values.ContainsAnyExcept(0f));
        Assert.False(set["P.weight"].Values.ContainsAnyExcept(slope));
    }

    [Theory]
    [InlineData(Initialization.PyTorch)]
    [InlineData(Initialization.GlorotOrthogonal)]
    public void Learned_initial_states_start_as_zeros(Initialization initialization)
    {
        var set = new ParameterSet(Layouts.Place(("E.h0_l0", ParameterRole.InitialState, 9, 0, 9)));
        set.Edit().Fill(float.NaN);
        ParameterInitializer.Initialize(set, initialization, 3);
        Assert.False(set.Values.ContainsAnyExcept(0f));
    }

    [Theory]
    [InlineData(Initialization.PyTorch, "85136227AB708408")]
    [InlineData(Initialization.GlorotOrthogonal, "2B3D9CC013CC8189")]
    public void A_seed_means_the_same_bits_everywhere_and_forever(Initialization initialization, string hash)
    {
        var bytes = MemoryMarshal.AsBytes(Draw(initialization).Values);
        Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public void Different_seeds_draw_different_values()
    {
        var (a, b) = (Draw(Initialization.PyTorch, 7), Draw(Initialization.PyTorch, 8));
        Assert.False(a.Values.SequenceEqual(b.Values));
        Assert.False(a.Values.SequenceEqual(Draw(Initialization.PyTorch, -7).Values));
    }

    [Fact]
    public void The_generator_is_xoshiro256_starstar_seeded_by_splitmix64()
    {
        // The reference C code's first outputs for the SplitMix64 seed 0.
        var random = new SeededRandom(0);
        Assert.Equal(0x99EC5F36CB75F2B4ul, random.NextUInt64());
        Assert.Equal(0xBF6E1F784956452Aul, random.NextUInt64());
    }

    private static ParameterSet Draw(Initialization initialization, int seed = 7)
    {
        var set = new ParameterSet(Layouts.Lstm());
        set.Edit().Fill(float.NaN);
        ParameterInitializer.Initialize(set, initialization, seed);
        return set;
    }

    private static void AssertUniform(ReadOnlySpan<float> values, double limit)
    {
        var (sum, squares, largest) = (0.0, 0.0, 0.0);
        foreach (var value in values)
        {
            sum += value;
            squares += (double)value * value;
            largest = Math.Max(largest, Math.Abs(value));
        }

        // The mean of n uniform values has the standard error limit / sqrt(3 n), their squares' one of limit^2 sqrt(4 / 45 n).
        var n = values.Length;
        Assert.InRange(largest, limit * (1 - (8.0 / n)), limit);
        Assert.InRange(Math.Abs(sum / n), 0, 4 * limit / Math.Sqrt(3.0 * n));
        Assert.InRange(Math.Abs((squares / n) - (limit * limit / 3)), 0, 4 * limit * limit * Math.Sqrt(4.0 / (45.0 * n)));
    }
}
