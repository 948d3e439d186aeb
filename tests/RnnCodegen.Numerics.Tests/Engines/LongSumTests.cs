using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Sums over millions of steps, in inference and in gradients, are as good as sums over few.</summary>
public class LongSumTests
{
    private const int Steps = 2_000_000;

    [Theory]
    [InlineData(0.4999f, 0.4999f)]
    [InlineData(1.3f, -0.9f)]
    public void A_mean_is_the_same_in_one_call_in_segments_and_step_by_step(float even, float odd)
    {
        var model = new MeanOfOne();
        model.Parameters["Same.weight"].Edit().Fill(1);
        var x = new float[Steps];
        for (var t = 0; t < Steps; t++)
        {
            x[t] = t % 2 == 0 ? even : odd;
        }

        var (whole, y) = (new float[1], new float[1]);
        model.Run(x, whole, Steps);
        Assert.InRange(whole[0] - (((double)even + odd) / 2), -2e-7, 2e-7);

        var state = model.CreateState();
        model.Run(x.AsSpan(0, Steps / 2), y, Steps / 2, initialState: state, finalState: state);
        model.Run(x.AsSpan(Steps / 2), y, Steps / 2, initialState: state, finalState: state);
        Near.Same("segments", y, whole);

        state.Reset();
        for (var t = 0; t < Steps; t++)
        {
            model.Step(x.AsSpan(t, 1), y, state);
        }

        Near.Same("steps", y, whole);
        Assert.Equal(Steps, state.Vector("Mean.pooled")[1]);
        var tape = model.CreateTape(Steps, 1);
        model.Forward(x, y, tape);
        Near.Same("training", y, whole);
    }

    [Theory]
    [InlineData(SimdWidth.Vector512)]
    [InlineData(SimdWidth.Vector256)]
    [InlineData(SimdWidth.Vector128)]
    [InlineData(SimdWidth.Scalar)]
    public void Gradients_hold_over_a_long_sequence(SimdWidth width)
    {
        // All rows are alike, so each gradient is a number of rows times one
        // row's: single sums were off by 3e-2 (weights) and 2e-4 (biases).
        const int Rows = 1_000_000;
        var model = TestModel.Of<LineAndSlope>();
        var core = model.Create(width, new Samples(2).Parameters(model.Reference));
        var x = new float[Rows * 2];
        for (var t = 0; t < x.Length; t++)
        {
            x[t] = t % 2 == 0 ? -0.9f : 0.4f;
        }

        var (one, many) = (Gradients(core, x, 1), Gradients(core, x, Rows));
        for (var i = 0; i < one.Length; i++)
        {
            Assert.InRange(many[i] - ((double)one[i] * Rows), -3e-6 * Rows * Math.Abs(one[i]), 3e-6 * Rows * Math.Abs(one[i]));
        }
    }

    [Fact]
    public void Gradients_of_a_recurrent_layer_hold_over_a_long_sequence()
    {
        // A cell at rest: all steps are alike but for the last ones, so what 4000 further steps add says what 400,000 do.
        const int Few = 4000, Rows = 400_000;
        var model = TestModel.Of<LstmPeepholes>();
        var core = model.Create(TestModel.Widest, new Samples(2).Parameters(model.Reference));
        var x = new float[Rows * core.Definition.InputSize];
        Array.Fill(x, 0.5f);
        var rest = core.CreateState();
        core.Run(x.AsSpan(0, Few * core.Definition.InputSize), new float[Few * core.Definition.OutputSize], Few, finalState: rest);
        var (few, twice, many) = (Gradients(core, x, Few, rest), Gradients(core, x, 2 * Few, rest), Gradients(core, x, Rows, rest));
        var largest = many.Max(Math.Abs);
        for (var i = 0; i < many.Length; i++)
        {
            var expected = few[i] + (((double)twice[i] - few[i]) * ((Rows / Few) - 1));
            Assert.InRange(many[i] - expected, -2e-5 * largest, 2e-5 * largest);
        }
    }

    private static float[] Gradients(ModelCore core, float[] x, int steps, ModelState? start = null)
    {
        var (y, dy) = (new float[steps * core.Definition.OutputSize], new float[steps * core.Definition.OutputSize]);
        Array.Fill(dy, 0.1f);
        var (tape, gradients) = (core.CreateTape(steps, 1), core.CreateGradients());
        core.Forward(x.AsSpan(0, steps * core.Definition.InputSize), y, tape, initialState: start);
        core.Backward(dy, default, tape, gradients);
        return gradients.Values.ToArray();
    }
}
