using System.Runtime.Intrinsics;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public class VectorMathTests
{
    private static readonly int[] Widths = [1, 4, 8, 16];

    // Every 7919th float of both signs (every 997th with RNNCODEGEN_SWEEPS=all), and whole neighbourhoods of the places where the functions
    // change their ways.
    private static readonly float[] Sample = CreateSample();

    // The borders of exp's eighths are odd multiples of ln2/16; those of tanh are where its next polynomial begins.
    private static ReadOnlySpan<float> Centres =>
    [
        0.0433217f, 0.1299651f, 0.2166085f, 0.3032519f, 0.4765388f, 0.5631821f, 0.6498255f, 17.3286795f, 18f, 18.04f,
        0.25f, 0.75f, 1.25f, 2.25f, 3.25f, 5.25f, 7.25f, 9.02f, 9.1f,
        8.5f, 9.3f, 10f, 1.9470799f, 4.1541376f, 87.33655f, 88.72284f, 103.9721f,
    ];

    private static readonly Function[] Masks = [Function.StepMask, Function.InsideUnit, Function.InsideBound];

    // Of NaN they may be anything: what they are multiplied with or added to is NaN too.
    private static readonly Function[] Slopes = [Function.LeakyReluSlope, Function.EluSlope, Function.PReluSlope];

    public static TheoryData<string> Names => [.. Function.All.Select(f => f.Name)];

    // The bounds hold with and without fused multiply-add.
    [Theory]
    [InlineData("Exp", 0.8)]
    [InlineData("Sigmoid", 2.5)]
    [InlineData("Tanh", 1.8)]
    [InlineData("LeakyRelu", 0.5)]
    [InlineData("PRelu", 0.5)]
    public void Stays_within_its_ulp_bound_at_every_width(string name, double bound) => RequireBound(name, bound, "ULP", UlpError);

    [Theory]
    [InlineData("SigmoidFast", 3e-7)]
    [InlineData("TanhFast", 3e-7)]
    [InlineData("HardSigmoid", 1e-7)]
    [InlineData("HardSigmoidKeras2", 1e-7)]
    [InlineData("Relu", 0)]
    [InlineData("StepMask", 0)]
    [InlineData("InsideUnit", 0)]
    [InlineData("LeakyReluSlope", 0)]
    [InlineData("PReluSlope", 0)]
    [InlineData("NegativePart", 0)]
    [InlineData("Elu", 1.2e-7)]
    [InlineData("EluOfThree", 3.6e-7)]
    [InlineData("Clip", 0)]
    [InlineData("InsideBound", 0)]
    public void Stays_within_its_absolute_bound_at_every_width(string name, double bound) =>
        RequireBound(name, bound, "off", (y, exact) => Math.Abs(y - exact));

    // Functions that are about x: an error of some ULP where their values are large, and of as many of 1 where they are small.
    [Theory]
    [InlineData("Silu", 2e-7)]
    [InlineData("Gelu", 2e-7)]
    [InlineData("GeluTanh", 2e-7)]
    [InlineData("Softplus", 2e-7)]
    [InlineData("Mish", 2e-7)]
    [InlineData("HardSwish", 2e-7)]
    [InlineData("Sqrt", 2e-7)]
    [InlineData("SiluSlope", 4e-7)]
    [InlineData("GeluSlope", 4e-7)]
    [InlineData("GeluTanhSlope", 4e-7)]
    [InlineData("SoftplusSlope", 4e-7)]
    [InlineData("MishSlope", 4e-7)]
    [InlineData("HardSwishSlope", 4e-7)]
    [InlineData("SqrtSlope", 4e-7)]
    public void Stays_within_its_bound_of_one_or_its_magnitude_at_every_width(string name, double bound) =>
        RequireBound(name, bound, "of 1 or the value", (y, exact) => Math.Abs(y - exact) / Math.Max(1, Math.Abs(exact)));

    // Backward takes the derivative from the output; it must be that of the function that Forward ran. Differences over five points, whose
    // own error
    // (h^4 / 30 times the fifth derivative, and rounding over h) is below 6e-6.
    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("SigmoidFast")]
    [InlineData("TanhFast")]
    public void Its_slope_is_what_the_output_says(string name)
    {
        const float H = 1f / 32;
        var function = Function.Named(name);
        (double worst, float at) = (0, 0);
        for (float x = -12; x <= 12; x += 1f / 1024)
        {
            double slope = ((8 * ((double)function.Scalar(x + H) - function.Scalar(x - H)))
                - ((double)function.Scalar(x + (2 * H)) - function.Scalar(x - (2 * H)))) / (12 * H);
            double y = function.Scalar(x);
            double error = Math.Abs(slope - (name.StartsWith("Tanh", StringComparison.Ordinal) ? 1 - (y * y) : y * (1 - y)));
            (worst, at) = error > worst ? (error, x) : (worst, at);
        }

        Assert.True(worst <= 1e-5, $"{name}: {worst:e2} at {at}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_width_gives_the_same_bits(string name)
    {
        var function = Function.Named(name);
        var expected = new float[Sample.Length];
        var y = new float[Sample.Length];
        function.Apply(1, Sample, expected);
        foreach (int lanes in Widths[1..])
        {
            function.Apply(lanes, Sample, y);
            for (int i = 0; i < y.Length; i++)
            {
                if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(y[i]))
                {
                    Assert.Fail($"{name}({Sample[i]:g9}): {expected[i]:g9} alone, {y[i]:g9} in {lanes} lanes");
                }
            }
        }
    }

    [Theory]
    [InlineData("Exp", 0f, 1f)]
    [InlineData("Exp", 88.72283f, 3.4027985e38f)]
    [InlineData("Exp", 88.72284f, float.PositiveInfinity)]
    [InlineData("Exp", float.MaxValue, float.PositiveInfinity)]
    [InlineData("Exp", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Exp", -103f, 1.40129846e-45f)]
    [InlineData("Exp", -105f, 0f)]
    [InlineData("Exp", float.NegativeInfinity, 0f)]
    [InlineData("Exp", float.Epsilon, 1f)]
    [InlineData("Sigmoid", 0f, 0.5f)]
    [InlineData("Sigmoid", float.Epsilon, 0.5f)]
    [InlineData("Sigmoid", float.PositiveInfinity, 1f)]
    [InlineData("Sigmoid", float.MaxValue, 1f)]
    [InlineData("Sigmoid", -103f, 1.40129846e-45f)]
    [InlineData("Sigmoid", float.NegativeInfinity, 0f)]
    [InlineData("SigmoidFast", 0f, 0.5f)]
    [InlineData("SigmoidFast", float.PositiveInfinity, 1f)]
    [InlineData("SigmoidFast", float.NegativeInfinity, 0f)]
    [InlineData("Tanh", 0f, 0f)]
    [InlineData("Tanh", float.Epsilon, float.Epsilon)]
    [InlineData("Tanh", -float.Epsilon, -float.Epsilon)]
    [InlineData("Tanh", 1e-30f, 1e-30f)]
    [InlineData("Tanh", float.PositiveInfinity, 1f)]
    [InlineData("Tanh", float.MinValue, -1f)]
    [InlineData("Tanh", float.NegativeInfinity, -1f)]
    [InlineData("TanhFast", float.Epsilon, float.Epsilon)]
    [InlineData("TanhFast", float.PositiveInfinity, 1f)]
    [InlineData("TanhFast", float.NegativeInfinity, -1f)]
    [InlineData("Relu", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Relu", float.NegativeInfinity, 0f)]
    [InlineData("HardSigmoid", float.PositiveInfinity, 1f)]
    [InlineData("HardSigmoid", float.NegativeInfinity, 0f)]
    [InlineData("HardSigmoidKeras2", 2.5f, 1f)]
    [InlineData("HardSigmoidKeras2", -3f, 0f)]
    [InlineData("StepMask", 0f, 0f)]
    [InlineData("StepMask", float.Epsilon, 1f)]
    [InlineData("InsideUnit", 0f, 0f)]
    [InlineData("InsideUnit", 1f, 0f)]
    [InlineData("InsideUnit", 0.99999994f, 1f)]
    [InlineData("LeakyRelu", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("LeakyRelu", float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData("LeakyRelu", -1f, -0.01f)]
    [InlineData("LeakyReluSlope", 0f, 0.01f)]
    [InlineData("LeakyReluSlope", float.Epsilon, 1f)]
    [InlineData("Elu", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Elu", float.NegativeInfinity, -1f)]
    [InlineData("Elu", float.MaxValue, float.MaxValue)]
    [InlineData("Elu", float.MinValue, -1f)]
    [InlineData("EluOfThree", float.NegativeInfinity, -3f)]
    [InlineData("EluSlope", 0f, 1f)]
    [InlineData("EluSlope", -1f, 0f)]
    [InlineData("EluSlope", float.PositiveInfinity, 1f)]
    [InlineData("Silu", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Silu", float.NegativeInfinity, -0f)]
    [InlineData("Silu", 100f, 100f)]
    [InlineData("SiluSlope", float.PositiveInfinity, 1f)]
    [InlineData("SiluSlope", float.NegativeInfinity, 0f)]
    [InlineData("Gelu", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Gelu", float.NegativeInfinity, 0f)]
    [InlineData("Gelu", 20f, 20f)]
    [InlineData("GeluSlope", float.PositiveInfinity, 1f)]
    [InlineData("GeluSlope", float.NegativeInfinity, 0f)]
    [InlineData("GeluTanh", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("GeluTanh", float.NegativeInfinity, -0f)]
    [InlineData("GeluTanhSlope", float.PositiveInfinity, 1f)]
    [InlineData("GeluTanhSlope", float.NegativeInfinity, 0f)]
    [InlineData("Softplus", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Softplus", float.NegativeInfinity, 0f)]
    [InlineData("Softplus", 1e4f, 1e4f)]
    [InlineData("SoftplusSlope", float.NegativeInfinity, 0f)]
    [InlineData("Mish", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Mish", float.NegativeInfinity, -0f)]
    [InlineData("Mish", 100f, 100f)]
    [InlineData("MishSlope", float.PositiveInfinity, 1f)]
    [InlineData("HardSwish", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("HardSwish", float.NegativeInfinity, -0f)]
    [InlineData("HardSwishSlope", float.PositiveInfinity, 1f)]
    [InlineData("HardSwishSlope", 3f, 1f)]
    [InlineData("Sqrt", 9f, 3f)]
    [InlineData("Sqrt", -9f, 0f)]
    [InlineData("Sqrt", float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData("Sqrt", float.NegativeInfinity, 0f)]
    [InlineData("SqrtSlope", 0f, 0f)]
    [InlineData("SqrtSlope", 4f, 0.25f)]
    [InlineData("SqrtSlope", -4f, 0f)]
    [InlineData("SqrtSlope", float.PositiveInfinity, 0f)]
    [InlineData("Clip", float.PositiveInfinity, 3f)]
    [InlineData("Clip", float.NegativeInfinity, -3f)]
    [InlineData("InsideBound", 3f, 0f)]
    [InlineData("InsideBound", -3f, 0f)]
    [InlineData("InsideBound", 2.9999998f, 1f)]
    [InlineData("InsideBound", -2.9999998f, 1f)]
    public void Gives_the_exact_value_at_special_points(string name, float x, float expected)
    {
        foreach (int lanes in Widths)
        {
            float y = Function.Named(name).At(lanes, x);
            Assert.True(
                BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(y),
                $"{name}({x:g9}), {lanes} lanes: {y:g9}, expected {expected:g9}");
        }
    }

    [Theory]
    [InlineData("Exp", 1f)]
    [InlineData("Sigmoid", 0.5f)]
    [InlineData("SigmoidFast", 0.5f)]
    [InlineData("Tanh", -0f)]
    [InlineData("TanhFast", -0f)]
    [InlineData("LeakyRelu", -0f)]
    [InlineData("LeakyReluSlope", 0.01f)]
    [InlineData("PReluSlope", -0.3f)]
    [InlineData("Elu", 0f)]
    [InlineData("EluSlope", 1f)]
    [InlineData("Clip", -0f)]
    public void Takes_negative_zero_as_the_function_does(string name, float expected)
    {
        foreach (int lanes in Widths)
        {
            float y = Function.Named(name).At(lanes, -0f);
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(y));
        }
    }

    [Fact]
    public void Exp_of_what_is_not_positive_is_exp()
    {
        float[] some = [.. Sample.Where(v => v <= 0).Take(1 << 20)];
        float[] x = [.. some, .. new float[-some.Length & 15]];
        for (var i = 0; i < x.Length; i += 16)
        {
            var v = Vector512.Create(x.AsSpan(i));
            var y = VectorMath.ExpOfNegative(v);
            Assert.Equal(VectorMath.Exp(v), y);
            Assert.Equal(VectorMath.ExpOfNegative(v.GetLower()), y.GetLower());
            Assert.Equal(VectorMath.ExpOfNegative(v.GetLower().GetLower()), y.GetLower().GetLower());
            Assert.Equal(VectorMath.ExpOfNegative(x[i]), y[0]);
        }
    }

    [Fact]
    public void The_largest_of_a_vector_is_found_in_each_place()
    {
        for (var place = 0; place < 16; place++)
        {
            foreach (var largest in new[] { 3f, float.PositiveInfinity, float.NaN })
            {
                float[] x = [.. Enumerable.Range(0, 16).Select(i => i == place ? largest : -i - 1f)];
                Assert.Equal(largest, VectorMath.Largest(Vector512.Create(x)));
                Assert.Equal(place < 8 ? largest : -1, VectorMath.Largest(Vector256.Create(x)));
                Assert.Equal(place < 4 ? largest : -1, VectorMath.Largest(Vector128.Create(x)));
            }
        }
    }

    // A NaN's low bits would reach the exponent if a step moved them there; the payloads try that.
    [Theory]
    [InlineData(0x7fc00000)]
    [InlineData(0x7fc00001)]
    [InlineData(0x7fc000ff)]
    [InlineData(0x7fffffff)]
    [InlineData(-1)]
    [InlineData(unchecked((int)0xffc00181))]
    public void Passes_nan_on(int bits)
    {
        float nan = BitConverter.Int32BitsToSingle(bits);
        foreach (var function in Function.All.Where(f => !Masks.Contains(f) && !Slopes.Contains(f)))
        {
            foreach (int lanes in Widths)
            {
                float y = function.At(lanes, nan);
                Assert.True(float.IsNaN(y), $"{function.Name}(NaN), {lanes} lanes: {y:g9}");
            }
        }
    }

    [Fact]
    public void Masks_are_zero_at_nan()
    {
        foreach (int lanes in Widths)
        {
            Assert.All(Masks, m => Assert.Equal(0f, m.At(lanes, float.NaN)));
        }
    }

    [Theory]
    [InlineData("Sigmoid", 0f)]
    [InlineData("SigmoidFast", 0f)]
    [InlineData("Tanh", -1f)]
    [InlineData("TanhFast", -1f)]
    public void Never_leaves_its_range(string name, float minimum)
    {
        var y = new float[Sample.Length];
        foreach (int lanes in Widths)
        {
            Function.Named(name).Apply(lanes, Sample, y);
            Assert.Equal(minimum, y.Min());
            Assert.Equal(1f, y.Max());
        }
    }

    /// <summary>The sample part by part, so that what is exact is computed once for all widths.</summary>
    private static void RequireBound(string name, double bound, string unit, Func<float, double, double> error)
    {
        const int Part = 1 << 14;
        var function = Function.Named(name);
        var (exact, y) = (new double[Part], new float[Part]);
        var worst = Widths.ToDictionary(lanes => lanes, _ => (Error: 0.0, At: 0f));
        for (var first = 0; first < Sample.Length; first += Part)
        {
            var x = Sample.AsSpan(first, Math.Min(Part, Sample.Length - first));
            for (var i = 0; i < x.Length; i++)
            {
                exact[i] = function.Exact(x[i]);
            }

            foreach (var lanes in Widths)
            {
                function.Apply(lanes, x, y);
                var (largest, at) = worst[lanes];
                for (var i = 0; i < x.Length; i++)
                {
                    var off = error(y[i], exact[i]);
                    (largest, at) = off <= largest || double.IsNaN(largest) ? (largest, at) : (off, x[i]);
                }

                worst[lanes] = (largest, at);
            }
        }

        foreach (var lanes in Widths)
        {
            var (largest, at) = worst[lanes];
            Assert.True(largest <= bound, $"{name}, {lanes} lanes: {largest:g4} {unit} at {at:g9}, bound {bound}");
        }
    }

    // The distance to the exact result in units of its own last place, denormals included.
    private static double UlpError(float actual, double exact)
    {
        if (exact >= 3.4028235677973366e38)
        {
            return float.IsPositiveInfinity(actual) ? 0 : double.PositiveInfinity;
        }

        int exponent = exact == 0 ? -126 : Math.Max(-126, Math.ILogB(exact));
        return Math.Abs(actual - exact) / Math.ScaleB(1, exponent - 23);
    }

    private static float[] CreateSample()
    {
        const int Infinity = 0x7f800000;
        var sample = new List<float>(4_600_000);
        var gap = Environment.GetEnvironmentVariable("RNNCODEGEN_SWEEPS") == "all" ? 997 : 7919;
        for (int bits = 0; bits < Infinity; bits += gap)
        {
            float x = BitConverter.Int32BitsToSingle(bits);
            sample.Add(x);
            sample.Add(-x);
        }

        foreach (float centre in Centres)
        {
            int middle = BitConverter.SingleToInt32Bits(centre);
            for (int bits = middle - 2000; bits < middle + 2000; bits++)
            {
                float x = BitConverter.Int32BitsToSingle(bits);
                sample.Add(x);
                sample.Add(-x);
            }
        }

        while (sample.Count % 16 != 0)
        {
            sample.Add(0);
        }

        return [.. sample];
    }
}
