using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// Silence after sound: a state that decays becomes 0, and is not subnormal for good; so does a gradient on its way back through time.
/// </summary>
public class SilenceTests
{
    private const int Sound = 20;

    private static readonly TestModel[] s_models =
    [
        TestModel.Of<LstmI20H33>(), TestModel.Of<LstmStacked>(), TestModel.Of<LstmProjection>(), TestModel.Of<LstmPeepholes>(),
        TestModel.Of<GruI40H33>(),
        TestModel.Of<ElmanI17H33>(), TestModel.Of<ElmanReluI20H64>(), TestModel.Of<FastLstm>(), TestModel.Of<BFloat16LstmI20H33>(),
        TestModel.Of<BFloat16GruI9H17>(),
        TestModel.Of<Int8LstmI20H33>(), TestModel.Of<Int8GruI9H17>(), TestModel.Of<Int8LstmProjectionPeepholes>(),
    ];

    public static TheoryData<string, SimdWidth> Cases
    {
        get
        {
            var cases = new TheoryData<string, SimdWidth>();
            foreach (var model in s_models)
            {
                foreach (var width in Enum.GetValues<SimdWidth>())
                {
                    cases.Add(model.Type.Name, width);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_value_of_a_state_stays_subnormal(string name, SimdWidth width)
    {
        var core = Create(name, width);
        var (size, state) = (core.Definition.InputSize, core.CreateState());
        var (x, y) = (TestModel.Narrow(new Samples(3).Uniform(Sound * size)), new float[core.Definition.OutputSize]);
        for (var t = 0; t < Sound; t++)
        {
            core.Step(x.AsSpan(t * size, size), y, state);
        }

        Assert.Contains(Values(state), v => v != 0);
        var silence = new float[size];
        for (var t = 0; t < 2500; t++)
        {
            core.Step(silence, y, state);
            if (t % 100 == 0)
            {
                Assert.DoesNotContain(Values(state), float.IsSubnormal);
            }
        }

        // With one gate at 0.88 and the others between, all has decayed: a fixed point of rounding would be left.
        Assert.All(Values(state), v => Assert.Equal(0, v));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_is_as_silent_as_Step(string name, SimdWidth width)
    {
        const int Steps = 2000, Batch = 3;
        var core = Create(name, width);
        var x = new float[Steps * Batch * core.Definition.InputSize];
        TestModel.Narrow(new Samples(3).Uniform(Sound * Batch * core.Definition.InputSize)).CopyTo(x, 0);
        var (y, state) = (new float[Steps * Batch * core.Definition.OutputSize], core.CreateState(Batch));
        core.Run(x, y, Steps, Batch, finalState: state);
        Assert.DoesNotContain(y, float.IsSubnormal);
        Assert.All(Values(state), v => Assert.Equal(0, v));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_gradient_that_vanishes_is_not_subnormal_at_the_first_step(string name, SimdWidth width)
    {
        const int Steps = 1500;
        var core = Create(name, width);
        var x = TestModel.Narrow(new Samples(3).Uniform(Steps * core.Definition.InputSize));
        var (y, dy) = (new float[Steps * core.Definition.OutputSize], new float[Steps * core.Definition.OutputSize]);
        var (tape, gradients, initial) = (core.CreateTape(Steps, 1), core.CreateGradients(), core.CreateState());
        dy.AsSpan(dy.Length - core.Definition.OutputSize).Fill(1);
        core.Forward(x, y, tape);
        core.Backward(dy, default, tape, gradients, initialStateGradient: initial);
        Assert.DoesNotContain(Values(initial), float.IsSubnormal);
        Assert.DoesNotContain(gradients.Values.ToArray(), float.IsNaN);
    }

    // Weights half the usual, no biases but that of the gate that keeps the state: 2, so that it decays by 0.88 a step.
    private static ModelCore Create(string name, SimdWidth width)
    {
        var model = s_models.First(m => m.Type.Name == name);
        var values = new Samples(5).Parameters(model.Reference);
        foreach (var (tensor, data) in values)
        {
            if (!tensor.Contains("bias", StringComparison.Ordinal))
            {
                Array.ConvertAll(data, v => (double)(float)(v / 2)).CopyTo(data, 0);
                continue;
            }

            Array.Clear(data);
            var gates = model.Type.Name.Contains("Elman", StringComparison.Ordinal)
                ? 1
                : model.Type.Name.Contains("Gru", StringComparison.Ordinal) ? 3
                : 4;
            if (gates > 1 && tensor.Contains("bias_ih", StringComparison.Ordinal))
            {
                data.AsSpan(data.Length / gates, data.Length / gates).Fill(2);
            }
        }

        return model.Create(width, values);
    }

    private static float[] Values(ModelState state)
    {
        var values = new float[state.Length];
        state.CopyTo(values);
        return values;
    }
}
