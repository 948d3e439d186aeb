using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

/// <summary>Targets that do not count, in trainings: unknown ones, and steps with weights.</summary>
public sealed class UnknownTargetTests
{
    private static readonly Loss s_loss = new MeanSquaredErrorLoss { IgnoreNaN = true };

    [Fact]
    public void A_training_with_unknown_targets_is_that_of_the_known_ones()
    {
        // Of two features, the second only; what is unknown stands in samples of its own in the other set.
        var samples = Samples([1, 1, 1, 1, 1, 1], new Random(1));
        var unknown = Set([.. samples.Select((s, i) => (s.X, i % 3 == 1 ? [float.NaN] : s.Y))]);
        var known = Set([.. samples.Where((_, i) => i % 3 != 1)]);
        var (a, b) = (new LinearModel(), new LinearModel());
        var trainer = new Trainer<LinearModel>(a, s_loss, new Sgd(0.1)) { Metrics = [new RootMeanSquaredError { IgnoreNaN = true }] };
        var result = trainer.Fit(unknown, unknown, 5);
        var other = new Trainer<LinearModel>(b, Loss.MeanSquaredError, new Sgd(0.1)).Fit(known, known, 5);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(b.Core.Parameters.Values[i], a.Core.Parameters.Values[i], 1e-6f);
        }

        Assert.Equal(other.ValidationLosses[^1], result.ValidationLosses[^1], 1e-6f);
        Assert.Equal(Math.Sqrt(result.ValidationLosses[^1]), result.Metrics[0].Value, 1e-6);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    public void Weights_of_steps_weigh_their_gradients_in_padded_and_accumulated_batches(int batchSize, int batches)
    {
        // A step of weight 2 is two samples of one step, one of weight 0 is none: y = W x + b has no state.
        var samples = Samples([3, 1, 4], new Random(2));
        var (weighted, single) = (TrainingSet.OfRows(2), TrainingSet.OfRows(2));
        var random = new Random(3);
        foreach (var (x, y) in samples)
        {
            float[] weights = [.. y.Select(_ => (float)random.Next(3))];
            weighted.Add(x, y, y.Length == 1 ? default(ReadOnlyMemory<float>) : weights);
            for (var t = 0; t < y.Length; t++)
            {
                for (var n = 0; n < (y.Length == 1 ? 1 : weights[t]); n++)
                {
                    single.Add(x.AsMemory(2 * t, 2), y.AsMemory(t, 1));
                }
            }
        }

        var (a, b) = (new LinearModel(), new LinearModel());
        new Trainer<LinearModel>(a, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = batchSize, BatchesPerUpdate = batches }
            .Fit(weighted, null, 4);
        new Trainer<LinearModel>(b, Loss.MeanSquaredError, new Sgd(0.1)).Fit(single, null, 4);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(b.Core.Parameters.Values[i], a.Core.Parameters.Values[i], 1e-5f);
        }
    }

    [Fact]
    public void Windows_of_a_stream_have_the_weights_of_their_own_steps()
    {
        var (model, set) = (new LeakyModel(drops: false), TrainingSet.OfRows(1));
        var streams = StreamData.Set(1, 7, 4);
        for (var i = 0; i < streams.Count; i++)
        {
            set.Add(streams[i].Rows, streams[i].Values, Enumerable.Range(0, streams[i].Steps).Select(t => t % 3 * 0.5f).ToArray());
        }

        var whole = new Trainer<LeakyModel>(model, Loss.MeanSquaredError, new Sgd(0)).Evaluate(set);
        var windows = new Trainer<LeakyModel>(model, Loss.MeanSquaredError, new Sgd(0)) { Truncation = new Truncation(2, 3) };
        Assert.Equal(whole, windows.Evaluate(set), 1e-6f);
        Assert.Equal(whole, windows.Fit(set, null, 1).TrainingLosses[0], 1e-6f);
        Assert.NotEqual(whole, windows.Evaluate(streams), 1e-3f);
    }

    [Fact]
    public void Metrics_skip_what_does_not_count()
    {
        float[] target = [0, float.NaN, 2];
        var shape = new LossShape(3, 1, 1) { StepWeights = [1f, 1, 0] };
        var error = new MeanAbsoluteError { IgnoreNaN = true };
        error.Add([1f, 5, 9], new LossTargets(target), shape);
        Assert.Equal(1, error.Value);
        var accuracy = new Accuracy { IgnoreNaN = true };
        accuracy.Add([1f, 5, 9], new LossTargets([1f, float.NaN, 0]), shape);
        Assert.Equal(1, accuracy.Value);
        var exact = new ExactMatch();
        exact.Add([1f, 0, 0, 1, 1, 0], new LossTargets([0, 1, 1]), new LossShape(3, 1, 2) { StepWeights = [1f, 1, 0] });
        Assert.Equal(1, exact.Value);
    }

    [Fact]
    public void What_is_unknown_is_refused_where_nobody_asked_for_it()
    {
        var set = Set([([1, 2, 3, 4], [1, float.NaN])]);
        Refuse("set the loss' IgnoreNaN", set, Loss.MeanSquaredError);
        Refuse("is NaN, of which the metric RMSE", set, s_loss, new RootMeanSquaredError());
        Refuse("metric accuracy", set, new BinaryCrossEntropyLoss { IgnoreNaN = true }, new Accuracy());
        Refuse("not finite", Set([([1, 2], [float.PositiveInfinity])]), s_loss);
        Refuse("No target of the set counts", Set([([1, 2], [float.NaN])]), s_loss);

        var weighted = TrainingSet.OfRows(2);
        weighted.Add(new float[] { 1, 2, 3, 4 }, new float[] { 1, 2 }, new float[] { 1 });
        Refuse("Sample 0 has 1 weights of steps, but Linear makes 2 output rows", weighted, Loss.MeanSquaredError);
        var error = Assert.Throws<ArgumentException>(
            "stepWeights", () => weighted.Add(new float[] { 1, 2 }, new float[] { 1 }, new float[] { -1 }));
        Assert.Contains("-1 of step 0", error.Message, StringComparison.Ordinal);

        static void Refuse(string part, TrainingSet set, Loss loss, params Metric[] metrics)
        {
            var trainer = new Trainer<LinearModel>(new LinearModel(), loss, new Sgd(0.1)) { Metrics = metrics };
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => trainer.Evaluate(set)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_checkpoint_of_other_weights_of_steps_or_of_a_loss_with_unknown_targets_is_refused()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.checkpoint");
        var samples = Samples([3, 2], new Random(1));
        Create(Loss.MeanSquaredError).Fit(Set(samples), null, 1);
        var weighted = TrainingSet.OfRows(2);
        foreach (var (x, y) in samples)
        {
            weighted.Add(x, y, new float[y.Length].Select(_ => 2f).ToArray());
        }

        Refuse("training set", Loss.MeanSquaredError, weighted);
        Refuse("NaN ignored", s_loss, Set(samples));

        Trainer<LinearModel> Create(Loss loss) =>
            new(new LinearModel(), loss, new Sgd(0.1)) { Checkpoint = new CheckpointOptions(path) };

        void Refuse(string part, Loss loss, TrainingSet set) => Assert.Contains(
            part, Assert.Throws<InvalidDataException>(() => Create(loss).Resume(path, set, null, 2)).Message, StringComparison.Ordinal);
    }
}
