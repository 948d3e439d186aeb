using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>
/// The minimal LSTM where one gate or both are 0 or 1 in float: the shares are those that the divisions give in double precision.
/// </summary>
public class MinimalGateTests
{
    private const int Steps = 5;
    private const int Batch = 3;

    public static TheoryData<double, double, SimdWidth> Cases
    {
        get
        {
            var cases = new TheoryData<double, double, SimdWidth>();
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                cases.Add(-150, -150, width);
                cases.Add(-150.5, -150, width);
                cases.Add(100, 100, width);
                cases.Add(-150, 150, width);
                cases.Add(150, -150, width);
                cases.Add(3, -150, width);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Shares_are_right_where_gates_are_at_their_ends(double forget, double input, SimdWidth width)
    {
        var model = TestModel.Of<MinLstmI17H33>();
        var samples = new Samples(4);
        var values = samples.Parameters(model.Reference);
        var (bias, units) = (values["Cell.bias_ih_l0"], 33);
        for (var k = 0; k < 2 * units; k++)
        {
            bias[k] = (float)(bias[k] + (k < units ? forget : input));
        }

        var x = samples.Uniform(Steps * Batch * model.Reference.InputSize);
        var expected = new ReferenceRun(model.Reference, new ReferenceCall(Steps, Batch) { Input = x, Parameters = values });
        var dy = samples.Uniform(expected.Output.Length);
        var expectedGradients = expected.Backward(dy).Parameters;

        var core = model.Create(width, values);
        var (y, tape, gradients) = (new float[dy.Length], core.CreateTape(Steps, Batch), core.CreateGradients());
        core.Run(TestModel.Narrow(x), y, Steps, Batch);
        Require("output of Run", y, expected.Output, 1e-4);
        core.Forward(TestModel.Narrow(x), y, tape);
        Require("output of Forward", y, expected.Output, 1e-4);
        core.Backward(TestModel.Narrow(dy), default, tape, gradients);
        var largest = expectedGradients.Values.Max(g => Near.Largest(g));
        foreach (var tensor in gradients.Tensors)
        {
            Require(tensor.Name, tensor.Values, expectedGradients[tensor.Name], 1e-4 * Math.Max(1, largest));
        }
    }

    [Fact]
    public void Biases_of_the_forget_gate_start_at_1_where_the_LSTM_s_do()
    {
        var bias = new MinLstmI17H33(3, Initialization.GlorotOrthogonal).Cell.BiasInput.Values.ToArray();
        Assert.Equal([.. Enumerable.Repeat(1f, 33), .. new float[66]], bias);
    }

    // Sums of 150 are of few digits behind the point, so that shares are known to about 1e-5.
    private static void Require(string what, ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.True(Math.Abs(actual[i] - expected[i]) <= tolerance, $"{what}[{i}]: {actual[i]:g9}, expected {expected[i]:g9}");
        }
    }
}
