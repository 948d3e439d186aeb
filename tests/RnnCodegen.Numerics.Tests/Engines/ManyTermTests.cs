using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Gradients hold whatever they are summed over: places of one token, samples, parts of a batch, calls. Terms are alike, so that a sum is a
/// number times one of them, and one in float would round all additions the same way.
/// </summary>
public class ManyTermTests
{
    [Fact]
    public void A_token_that_is_met_a_million_times()
    {
        const int Rows = 1_000_000;
        var core = Create<LineOfTokens>();
        Near(Tokens(core, [1]), Tokens(core, [.. Enumerable.Repeat(1, Rows)]), Rows, 1e-6, "Words.weight");
    }

    [Fact]
    public void A_learned_state_of_many_samples()
    {
        const int Samples = 200_000, Few = 16;
        var core = Create<LstmLearned>();
        var (few, many) = (Gradients(core, 1, Few), Gradients(core, 1, Samples));
        Near(few, many, (double)Samples / Few, 2e-6, "Cell.h0_l0");
        Near(few, many, (double)Samples / Few, 2e-6, "Cell.c0_l0");
    }

    [Fact]
    public void Peepholes_and_biases_of_as_many_rows_as_need_no_further_memory()
    {
        // A cell at rest: all steps are alike but for the last ones, so what 2000 further steps add says what 32,000 do.
        const int Few = 2000, Rows = 32_000;
        var core = Create<LstmPeepholes>();
        var rest = core.CreateState();
        core.Run(Input(core, Few), new float[Few * core.Definition.OutputSize], Few, finalState: rest);
        var (few, twice, many) = (Gradients(core, Few, 1, rest), Gradients(core, 2 * Few, 1, rest), Gradients(core, Rows, 1, rest));
        foreach (var tensor in many.Tensors.Where(t => t.Info.Columns == 0))
        {
            for (var i = 0; i < tensor.Values.Length; i++)
            {
                var (a, b) = (few[tensor.Name].Values[i], twice[tensor.Name].Values[i]);
                var expected = a + (((double)b - a) * ((Rows / Few) - 1));
                Assert.True(
                    Math.Abs(tensor.Values[i] - expected) <= 5e-6 * Math.Abs(expected),
                    $"{tensor.Name}[{i}]: {tensor.Values[i]:g9}, expected {expected:g9}");
            }
        }
    }

    [Theory]
    [InlineData(20_000, 0)]
    [InlineData(20_000, 7)]
    [InlineData(16, 0)]
    [InlineData(17, 0)]
    public void Calls_that_accumulate(int calls, int clearedAt)
    {
        const int Rows = 4;
        var core = Create<LineAndSlope>();
        var (x, dy) = (Input(core, Rows), Filled(Rows * core.Definition.OutputSize));
        var (tape, sum, one) = (core.CreateTape(Rows, 1), core.CreateGradients(), core.CreateGradients());
        core.Forward(x, new float[dy.Length], tape);
        core.Backward(dy, default, tape, one);
        for (var call = 0; call < calls + clearedAt; call++)
        {
            if (call == clearedAt && call > 0)
            {
                sum.Clear();
            }

            core.Backward(dy, default, tape, sum, accumulate: true);
        }

        foreach (var tensor in one.Tensors)
        {
            Near(one, sum, calls, 1e-6, tensor.Name);
        }

        // What others write counts, also where sums stand beside the values; a call that does not accumulate begins anew.
        sum.Edit().Fill(3);
        core.Backward(dy, default, tape, sum, accumulate: true);
        Assert.All(sum.Values.ToArray().Zip(one.Values.ToArray()), pair => Assert.Equal(3 + pair.Second, pair.First, 1e-6f));
        core.Backward(dy, default, tape, sum);
        Assert.Equal(one.Values.ToArray(), sum.Values.ToArray());
    }

    [Fact]
    public void Accumulating_calls_allocate_nothing_once_their_sums_have_room()
    {
        var core = Create<LineAndSlope>();
        var (x, dy) = (Input(core, 4), Filled(4 * core.Definition.OutputSize));
        var (tape, sum) = (core.CreateTape(4, 1), core.CreateGradients());
        core.Forward(x, new float[dy.Length], tape);
        for (var call = 0; call < 20; call++)
        {
            core.Backward(dy, default, tape, sum, accumulate: true);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 20; call++)
        {
            core.Backward(dy, default, tape, sum, accumulate: true);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(36)]
    public void Many_parts_of_a_batch(int threads)
    {
        // Tables and learned states get the sum of each part, one after the other; so do equal calls, which accumulate.
        const int Steps = 64, Batch = 288;
        var core = Create<LearnedTokens>();
        int[] tokens = [.. Enumerable.Range(0, Steps * Batch).Select(i => (i * 7) % 29)];
        var (alone, shared) = (Tokens(core, tokens, Steps), new ParameterSet(core.Definition.Parameters));
        core.MaxThreads = threads;
        for (var calls = 1; calls <= 3; calls++)
        {
            shared = Tokens(core, tokens, Steps, calls);
            var largest = alone.Values.ToArray().Max(Math.Abs);
            Assert.All(alone.Values.ToArray().Zip(shared.Values.ToArray()),
                p => Assert.Equal(calls * (double)p.First, p.Second, calls * 1e-6 * largest));
        }

        Assert.Equal(shared.Values.ToArray(), Tokens(core, tokens, Steps, 3).Values.ToArray());
    }

    private static ModelCore Create<TModel>()
        where TModel : class, IRnnModel<TModel>
    {
        var model = TestModel.Of<TModel>();
        return model.Create(TestModel.Widest, new Samples(2).Parameters(model.Reference));
    }

    private static float[] Filled(int length)
    {
        var values = new float[length];
        Array.Fill(values, 0.1f);
        return values;
    }

    private static float[] Input(ModelCore core, int rows)
    {
        var x = new float[rows * core.Definition.InputSize];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = 0.5f - (0.3f * (i % core.Definition.InputSize));
        }

        return x;
    }

    private static ParameterSet Gradients(ModelCore core, int steps, int batch, ModelState? start = null)
    {
        var dy = Filled(steps * batch * core.Definition.OutputSize);
        var (tape, gradients) = (core.CreateTape(steps, batch), core.CreateGradients());
        core.Forward(Input(core, steps * batch), new float[dy.Length], tape, initialState: start);
        core.Backward(dy, default, tape, gradients);
        return gradients;
    }

    private static ParameterSet Tokens(ModelCore core, int[] tokens, int steps = 1, int calls = 1)
    {
        var dy = Filled(tokens.Length * core.Definition.OutputSize);
        var (tape, gradients) = (core.CreateTape(steps, tokens.Length / steps), core.CreateGradients());
        core.Forward(tokens, new float[dy.Length], tape);
        for (var call = 0; call < calls; call++)
        {
            core.Backward(dy, default, tape, gradients, accumulate: true);
        }

        return gradients;
    }

    private static void Near(ParameterSet one, ParameterSet many, double times, double tolerance, string tensor)
    {
        for (var i = 0; i < one[tensor].Values.Length; i++)
        {
            var (expected, actual) = (times * one[tensor].Values[i], many[tensor].Values[i]);
            Assert.True(
                Math.Abs(actual - expected) <= tolerance * Math.Abs(expected),
                $"{tensor}[{i}]: {actual:g9}, expected {expected:g9}, off by {(actual / expected) - 1:g3}");
        }
    }
}
