using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>What dropout promises beyond its equation, which the table of cases checks.</summary>
public class DropoutTests
{
    private const int Steps = 6;
    private const int Batch = 4;

    private readonly Dropped _model = new(3);
    private readonly float[] _x = TestModel.Narrow(new Samples(1).Uniform(Steps * Batch * Dropped.InputSize));

    [Fact]
    public void Equal_seeds_give_equal_outputs_and_others_do_not()
    {
        Assert.Equal(Forward(1), Forward(1));
        Assert.NotEqual(Forward(1), Forward(2));
    }

    [Fact]
    public void The_mean_over_many_seeds_is_near_the_output_of_a_linear_head_without_dropout()
    {
        // The last dropout is followed by a linear layer only, so that with the other masks' effect small the mean is near; 200 masks of keep rates
        // 0.8, 0.5, 0.5 and 0.7 leave a standard error of the mean well below 0.05 for outputs of this size.
        var mean = new double[Steps * Batch * Dropped.OutputSize];
        for (var seed = 0; seed < 200; seed++)
        {
            var y = Forward((ulong)seed);
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += y[i] / 200.0;
            }
        }

        var tape = _model.CreateTape(Steps, Batch);
        tape.Training = false;
        var without = new float[mean.Length];
        _model.Forward(_x, without, tape);
        Assert.All(mean.Zip(without), p => Assert.InRange(p.First - p.Second, -0.05, 0.05));
    }

    [Fact]
    public void Inference_has_no_dropout()
    {
        var (run, forward) = (new float[Steps * Batch * Dropped.OutputSize], new float[Steps * Batch * Dropped.OutputSize]);
        _model.Run(_x, run, Steps, Batch);
        var tape = _model.CreateTape(Steps, Batch);
        tape.Training = false;
        _model.Forward(_x, forward, tape);
        Near.Forward("Run", run, Array.ConvertAll(forward, v => (double)v));
    }

    private float[] Forward(ulong seed)
    {
        var tape = _model.CreateTape(Steps, Batch);
        tape.DropoutSeed = seed;
        var y = new float[Steps * Batch * Dropped.OutputSize];
        _model.Forward(_x, y, tape);
        return y;
    }
}
