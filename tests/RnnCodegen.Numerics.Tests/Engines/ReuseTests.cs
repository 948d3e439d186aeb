using RnnCodegen.Runtime;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>What a call leaves behind does not show in the next one: memory, weights, threads.</summary>
public class ReuseTests
{
    private static readonly int[] Lengths = [3, 0, 5, 1];

    public static TheoryData<string, SimdWidth> Models()
    {
        var rows = new TheoryData<string, SimdWidth>();
        foreach (var name in All.Keys)
        {
            foreach (var width in Enum.GetValues<SimdWidth>())
            {
                rows.Add(name, width);
            }
        }

        return rows;
    }

    private static Dictionary<string, TestModel> All { get; } = new()
    {
        [nameof(LstmI17H17)] = TestModel.Of<LstmI17H17>(),
        [nameof(LstmPeepholesProjectionCoupled)] = TestModel.Of<LstmPeepholesProjectionCoupled>(),
        [nameof(GruStackedBidirectional)] = TestModel.Of<GruStackedBidirectional>(),
        [nameof(GruBeforeStackedBidirectional)] = TestModel.Of<GruBeforeStackedBidirectional>(),
        [nameof(ElmanNoBias)] = TestModel.Of<ElmanNoBias>(),
        [nameof(HeadOfEveryActivation)] = TestModel.Of<HeadOfEveryActivation>(),
        [nameof(Residual)] = TestModel.Of<Residual>(),
        [nameof(Branches)] = TestModel.Of<Branches>(),
        [nameof(Dropped)] = TestModel.Of<Dropped>(),
        [nameof(LastStatesJoined)] = TestModel.Of<LastStatesJoined>(),
        [nameof(BFloat16LstmEverything)] = TestModel.Of<BFloat16LstmEverything>(),
        [nameof(Int8LstmEverything)] = TestModel.Of<Int8LstmEverything>(),
        [nameof(OneReducedLayer)] = TestModel.Of<OneReducedLayer>(),
    };

    /// <summary>
    /// A larger batch of NaN fills all memory that a model keeps; a vector that reads past its row would bring them back.
    /// </summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Memory_full_of_NaN_does_not_show(string name, SimdWidth width)
    {
        var model = All[name];
        var core = model.Create(width, new Samples(2).Parameters(model.Reference));
        var (fresh, reused) = (core.CreateTape(5, 4), core.CreateTape(8, 6));
        var clean = Train(core, fresh, 5, 4, Lengths, 0);
        _ = Train(core, reused, 8, 6, default, float.NaN);
        reused.Reshape(5, 4);
        var after = Train(core, reused, 5, 4, Lengths, 0);
        Assert.All(clean, v => Assert.True(float.IsFinite(v)));
        Near.Same(name, after, clean);
    }

    /// <summary>Padding that NaN reached must not come back in the next batch of the same shape, for which nothing is cleared.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void A_batch_of_NaN_does_not_show_in_the_next(string name, SimdWidth width)
    {
        var model = All[name];
        var core = model.Create(width, new Samples(2).Parameters(model.Reference));
        var (fresh, reused) = (core.CreateTape(5, 4), core.CreateTape(5, 4));
        var clean = Train(core, fresh, 5, 4, Lengths, 0);
        _ = Train(core, reused, 5, 4, Lengths, float.NaN);
        Near.Same(name, Train(core, reused, 5, 4, Lengths, 0), clean);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Changed_weights_are_used(string name, SimdWidth width)
    {
        var model = All[name];
        var (first, second) = (new Samples(2).Parameters(model.Reference), new Samples(3).Parameters(model.Reference));
        var (core, other) = (model.Create(width, first), model.Create(width, second));
        var before = Train(core, core.CreateTape(5, 4), 5, 4, Lengths, 0);
        core.Parameters.CopyFrom(other.Parameters);
        var after = Train(core, core.CreateTape(5, 4), 5, 4, Lengths, 0);
        Near.Same(name, after, Train(other, other.CreateTape(5, 4), 5, 4, Lengths, 0));
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Threads_share_a_model()
    {
        var model = new LstmStacked(4);
        var inputs = Enumerable.Range(0, 4).Select(i => TestModel.Narrow(new Samples(i).Uniform(40 * LstmStacked.InputSize))).ToArray();
        var serial = inputs.Select(x => Infer(model, x)).ToArray();
        var parallel = new float[4][];
        var threads = Enumerable.Range(0, 4).Select(i => new Thread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                parallel[i] = Infer(model, inputs[i]);
                if (!parallel[i].AsSpan().SequenceEqual(serial[i]))
                {
                    break;
                }
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        for (var i = 0; i < 4; i++)
        {
            Near.Same($"thread {i}", parallel[i], serial[i]);
        }
    }

    /// <summary>A run and, after it, a stream, both with states of their own.</summary>
    private static float[] Infer(LstmStacked model, float[] x)
    {
        var steps = x.Length / LstmStacked.InputSize;
        var y = new float[2 * steps * LstmStacked.OutputSize];
        model.Run(x, y.AsSpan(0, y.Length / 2), steps);
        var state = model.CreateState();
        for (var t = 0; t < steps; t++)
        {
            model.Step(
                x.AsSpan(t * LstmStacked.InputSize, LstmStacked.InputSize),
                y.AsSpan((steps + t) * LstmStacked.OutputSize, LstmStacked.OutputSize),
                state);
        }

        return y;
    }

    /// <summary>All results of Run, Forward and Backward in one row; <paramref name="poison"/> is added to the input.</summary>
    private static float[] Train(ModelCore core, Tape tape, int steps, int batch, ReadOnlySpan<int> lengths, float poison)
    {
        var samples = new Samples(9);
        var x = Array.ConvertAll(samples.Uniform(steps * batch * core.Definition.InputSize), v => (float)v + poison);
        var rows = core.Definition.OutputIsSequence ? steps * batch : batch;
        var (run, y, dx) = (new float[rows * core.Definition.OutputSize], new float[rows * core.Definition.OutputSize],
            new float[x.Length]);
        var gradients = core.CreateGradients();
        core.Run(x, run, steps, batch, lengths);
        core.Forward(x, y, tape, lengths);
        core.Backward(TestModel.Narrow(samples.Uniform(y.Length)), dx, tape, gradients);
        return [.. run, .. y, .. dx, .. gradients.Values];
    }
}
