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
