using RnnCodegen.Numerics.Tests.Engines;
using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Training;

/// <summary>What a trainer does with generated models: states carried from window to window, and going on from checkpoints.</summary>
public class LongTrainingTests
{
    [Fact]
    public void Windows_lose_nothing_of_the_state()
    {
        // Streams of unequal lengths, and a rate of 0: the mean loss of all windows is that of whole streams.
        var (samples, set) = (new Samples(5), TrainingSet.OfTokens());
        foreach (var length in new[] { 50, 31, 44 })
        {
            var text = samples.Integers(length + 1, 29);
            set.Add(text.AsMemory(0, length), text.AsMemory(1));
        }

        var whole = new Trainer<LanguageModel>(new LanguageModel(8), Loss.CrossEntropy, new Sgd(0)).Evaluate(set);
        foreach (var truncation in new[] { new Truncation(7), new Truncation(5, 12) })
        {
            var trainer = new Trainer<LanguageModel>(new LanguageModel(8), Loss.CrossEntropy, new Sgd(0)) { Truncation = truncation };
            Assert.Equal(whole, trainer.Fit(set, null, 1).TrainingLosses[0], 2e-6f);
            Assert.Equal(whole, trainer.Evaluate(set), 2e-6f);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Going_on_from_a_checkpoint_gives_the_same_weights_to_the_bit(bool truncates)
    {
        var folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;
        try
        {
            var whole = Train(Path.Combine(folder, "whole"), truncates, cut: null, resume: false);
            foreach (var cut in new[] { 1, 4, 6, 11 })
            {
                var path = Path.Combine(folder, $"cut{cut}");
                Assert.Throws<OperationCanceledException>(() => Train(path, truncates, cut, resume: false));
                Assert.Equal(whole, Train(path, truncates, cut: null, resume: true));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static float[] Train(string path, bool truncates, int? cut, bool resume)
    {
        var (samples, set) = (new Samples(6), TrainingSet.OfRows(Dropped.InputSize));
        foreach (var steps in new[] { 9, 4, 12, 7, 12, 3, 5 })
        {
            set.Add(
                TestModel.Narrow(samples.Uniform(steps * Dropped.InputSize)),
                TestModel.Narrow(samples.Uniform(steps * Dropped.OutputSize)));
        }

        using var source = new CancellationTokenSource();
        var model = new Dropped(3);
        var trainer = new Trainer<Dropped>(model, Loss.MeanSquaredError, new AdamW(0.01))
        {
            BatchSize = 2, BucketBatches = 2, ClipNorm = 1, Seed = 4, Checkpoint = new CheckpointOptions(path),
            Truncation = truncates ? new Truncation(4, 6) : null, EarlyStopping = new EarlyStopping { Patience = 5 },
        };
        var progress = new Cut(cut, source);
        _ = resume ? trainer.Resume(path, set, set, 3, progress, source.Token) : trainer.Fit(set, set, 3, progress, source.Token);
        return model.Parameters.Values.ToArray();
    }

    private sealed class Cut(int? after, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Update == after)
            {
                source.Cancel();
            }
        }
    }
}
