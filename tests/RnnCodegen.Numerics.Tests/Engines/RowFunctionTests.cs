using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Functions of a row where rounding, overflow or NaN could spoil them, at every width, by steps and by sequences.</summary>
public class RowFunctionTests
{
    private const int Rows = 3;

    private static readonly TestModel[] s_models =
    [
        TestModel.Of<SoftmaxOf2>(), TestModel.Of<SoftmaxOf33>(), TestModel.Of<SoftmaxOf5000>(), TestModel.Of<LogSoftmaxOf17>(),
        TestModel.Of<LogSoftmaxOf5000>(), TestModel.Of<SigmoidOf31>(), TestModel.Of<NormOf19>(), TestModel.Of<BendOf19>(),
    ];

    public static TheoryData<SimdWidth> Widths => [.. Enum.GetValues<SimdWidth>()];

    public static TheoryData<string, float, SimdWidth> Transforms
    {
        get
        {
            var cases = new TheoryData<string, float, SimdWidth>();
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                foreach (var scale in new[] { 1f, 30f, 1000f })
                {
                    cases.Add(nameof(SoftmaxOf2), scale, width);
                    cases.Add(nameof(SoftmaxOf33), scale, width);
                    cases.Add(nameof(SoftmaxOf5000), scale, width);
                    cases.Add(nameof(LogSoftmaxOf17), scale, width);
                    cases.Add(nameof(LogSoftmaxOf5000), scale, width);
                    cases.Add(nameof(SigmoidOf31), scale, width);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Transforms))]
    public void An_output_is_transformed_as_it_is_defined(string model, float scale, SimdWidth width)
    {
        var core = Core(model, width);
        var size = core.Definition.InputSize;
        float[] x = [.. new Samples(7).Uniform(Rows * size).Select(v => (float)v * scale)];
        var y = Results(core, x);
        for (var r = 0; r < Rows; r++)
        {
            var row = x.AsSpan(r * size, size).ToArray();
            double largest = row.Max();
            var log = largest + Math.Log(row.Sum(v => Math.Exp(v - largest)));
            for (var c = 0; c < size; c++)
            {
                var (expected, tolerance) = core.Definition.Output switch
                {
                    OutputTransform.Softmax => (Math.Exp(row[c] - log), 3e-7),
                    OutputTransform.LogSoftmax => (row[c] - log, 3e-7 * Math.Max(scale, 4)),
                    _ => (1 / (1 + Math.Exp(-row[c])), 2e-7),
                };
                Assert.True(Math.Abs(y[(r * size) + c] - expected) <= tolerance, $"{y[(r * size) + c]:g9}, expected {expected:g9}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Huge_and_masked_logits_neither_overflow_nor_spread(SimdWidth width)
    {
        var core = Core(nameof(SoftmaxOf33), width);
        Assert.Equal(Row(c => c == 1 ? 1 : 0), Results(core, Row(c => c == 1 ? 3e38f : -3e38f)));
        Assert.Equal(Row(c => c == 32 ? 0 : 1 / 32f), Results(core, Row(c => c == 32 ? float.NegativeInfinity : 1)));
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(20, float.NaN)]
    [InlineData(32, float.NaN)]
    [InlineData(7, float.PositiveInfinity)]
    public void What_has_no_softmax_is_a_row_of_NaN_and_no_other(int place, float value)
    {
        foreach (var width in Enum.GetValues<SimdWidth>())
        {
            var y = Results(Core(nameof(SoftmaxOf33), width), [.. Row(c => c == place ? value : 1), .. Row(_ => 1)]);
            Assert.All(y[..33], v => Assert.True(float.IsNaN(v)));
            Assert.All(y[33..], v => Assert.Equal(1 / 33f, v));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_large_mean_does_not_spoil_the_variance(SimdWidth width)
    {
        // In single precision the mean of squares is 1e6 and its last digit 0.06.
        float[] x = [.. Enumerable.Range(0, 19).Select(c => 1000f + (c % 2 == 0 ? 0.25f : -0.25f))];
        var mean = x.Average(v => (double)v);
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + 1e-5);
        var y = Results(Core(nameof(NormOf19), width), x);
        Assert.All(y.Zip(x), pair => Assert.Equal((pair.Second - mean) / deviation, pair.First, 3e-4));
    }

    /// <summary>Both zeros are on the slope's side, whose derivative is the slope.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void A_bend_belongs_to_the_slope(SimdWidth width)
    {
        var core = Core(nameof(BendOf19), width);
        core.Parameters.Edit().Fill(-0.5f);
        float[] x = [.. Enumerable.Range(0, 19).Select(c => (c % 4) switch { 0 => 0f, 1 => -0f, 2 => -2f, _ => 3f })];
        var (y, tape, gradients, dx) = (new float[19], core.CreateTape(1, 1), core.CreateGradients(), new float[19]);
        core.Forward(x, y, tape);
        Assert.Equal(x.Select(v => v > 0 ? v : -0.5f * v), y);
        core.Backward([.. Enumerable.Repeat(2f, 19)], dx, tape, gradients);
        Assert.Equal(x.Select(v => v > 0 ? 2f : -1f), dx);
        Assert.Equal(x.Select(v => v > 0 ? 0f : 2 * v), gradients.Values.ToArray());
        Assert.All(Results(core, [.. Enumerable.Repeat(float.NaN, 19)]), v => Assert.True(float.IsNaN(v)));
    }

    private static float[] Row(Func<int, float> value) => [.. Enumerable.Range(0, 33).Select(value)];

    private static ModelCore Core(string name, SimdWidth width)
    {
        var model = s_models.First(m => m.Type.Name == name);
        return model.Create(width, model.Definition.Parameters.ToDictionary(p => p.Name,
            p => Enumerable.Repeat(p.Role is ParameterRole.NormShift or ParameterRole.AffineShift ? 0.0 : 1, p.Length).ToArray()));
    }

    /// <summary>Rows step by step, which must be those of a sequence.</summary>
    private static float[] Results(ModelCore core, float[] x)
    {
        var (inputs, outputs) = (core.Definition.InputSize, core.Definition.OutputSize);
        var rows = x.Length / inputs;
        var (steps, sequence, state) = (new float[rows * outputs], new float[rows * outputs], core.CreateState());
        for (var r = 0; r < rows; r++)
        {
            core.Step(x.AsSpan(r * inputs, inputs), steps.AsSpan(r * outputs, outputs), state);
        }

        core.Run(x, sequence, rows);
        Assert.Equal(steps, sequence);
        return steps;
    }
}
