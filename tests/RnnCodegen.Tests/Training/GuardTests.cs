using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Numbers that stop being finite stop training, by name, and norms that explode are reported.</summary>
public sealed class GuardTests
{
    [Fact]
    public void A_loss_names_its_batch_and_the_output_that_is_not_finite()
    {
        // With the weight at 2, the third sample's output overflows.
        var set = Rows((1, 1), (2, 1), (3e38f, 1), (3, 1));
        var model = new LinearModel();
        model.Core.Parameters.Edit()[0] = 2;
        var error = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.01)) { BatchSize = 2, Seed = 1 }.Fit(set, null, 1));
        Assert.Contains(2, error.Samples);
        Assert.Equal((1, 2, null), (error.Epoch, error.Samples.Count, error.Parameter));
        Assert.Contains($"The loss is Infinity in epoch 1, batch {error.Batch} (samples {string.Join(", ", error.Samples)})", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("The output of sample 2 is Infinity at its step 0", error.Message, StringComparison.Ordinal);
        Assert.True(float.IsFinite(model.Core.Parameters.Values[0]));
    }

    [Fact]
    public void A_gradient_names_the_first_tensor_of_the_layers()
    {
        // The error is 1e15 and finite in its square; times an input of 1e30 it is not.
        var error = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)).Fit(Rows((1e30f, 1e15f)), null, 1));
        Assert.Equal("Head.weight", error.Parameter);
        Assert.Contains("The gradient of Head.weight is -Infinity at 0 in epoch 1, batch 1 (samples 0)", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_too_large_is_taken_back()
    {
        var model = new LinearModel();
        var set = Rows((1, 1e10f));
        var error = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(1e30)).Fit(set, null, 1));
        Assert.Equal("Head.weight", error.Parameter);
        Assert.Contains("The new value of Head.weight is Infinity at 0", error.Message, StringComparison.Ordinal);
        Assert.Equal([0, 0, 0], model.Core.Parameters.Values.ToArray());
    }

    [Fact]
    public void The_last_good_checkpoint_stays()
    {
        using var folder = new TempFolder();
        var path = folder.File("a");

        // The bad sample comes last in the set's order, and sometime in each epoch's.
        var set = Rows((1, 1), (2, 1), (3, 1), (3e38f, 3e38f));
        var model = new LinearModel();
        var error = Assert.Throws<TrainingDivergedException>(() => new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.01))
        {
            BatchSize = 1, Seed = 2, Checkpoint = new(path) { EveryUpdates = 1 },
        }.Fit(set, null, 1));
        Assert.InRange(error.Batch, 2, 4);
        var checkpoint = TrainingCheckpoint.Read(path);
        Assert.Equal(error.Batch - 1, checkpoint.Update);
        var saved = new LinearModel();
        checkpoint.CopyTo(saved.Core.Parameters);
        Assert.Equal(model.Core.Parameters.Values.ToArray(), saved.Core.Parameters.Values.ToArray());
    }

    [Fact]
    public void Norms_far_above_the_median_are_reported()
    {
        // 40 samples of gradient 2, and one of 200 after them, in the set's own order of a batch of one.
        var reports = new Reports();
        var set = Rows([.. Enumerable.Repeat((0f, 1f), 40), (0f, 100f)]);
        new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0)) { BatchSize = 1, Seed = 3 }.Fit(set, null, 3,
            reports);

        // The first time it may come before enough norms are known.
        Assert.Equal(2, reports.Where(r => r.Epoch > 1).Count(r => r.IsExploding));
        Assert.All(reports.Where(r => r.IsExploding), r => Assert.Equal(200, r.GradientNorm, 1e-3));

        reports = [];
        new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0)) { BatchSize = 1, Seed = 3, NormAlarm = 101 }.Fit(set,
            null, 3, reports);
        Assert.DoesNotContain(reports, r => r.IsExploding);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(64, true)]
    [InlineData(1000, true)]
    public void A_norm_is_held_against_the_median_of_the_last_64(int before, bool expected)
    {
        var guard = new GradientGuard(10);
        for (var i = 0; i < before; i++)
        {
            // Older norms are large, the last 64 have the median 2.
            guard.IsExploding(i < before - 64 ? 1000 : 1 + (i % 3));
        }

        var copy = new GradientGuard(10);
        copy.Restore(guard.Norms.Span, guard.Count);
        Assert.False(guard.IsExploding(20));
        Assert.Equal(expected, copy.IsExploding(21));
    }

    [Fact]
    public void A_norm_that_is_not_clipped_does_not_explode()
    {
        var (clipped, free, quiet) = (new GradientGuard(10, clipNorm: 5), new GradientGuard(10), new GradientGuard(10));
        for (var i = 0; i < 64; i++)
        {
            Assert.False(clipped.IsExploding(0.01f) | free.IsExploding(0.01f) | quiet.IsExploding(0));
        }

        Assert.False(clipped.IsExploding(5));
        Assert.True(clipped.IsExploding(5.1f));
        Assert.True(free.IsExploding(5));
        Assert.False(quiet.IsExploding(1));
    }

    [Fact]
    public void A_gradient_among_several_batches_names_its_own()
    {
        var set = Rows((1, 1), (1e30f, 1e15f), (2, 1));
        var error = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError,
                new Sgd(0.1)) { BatchSize = 1, BatchesPerUpdate = 3 }.Fit(set, null, 1));
        Assert.Equal([1], error.Samples);
    }

    private static TrainingSet Rows(params ReadOnlySpan<(float X, float Y)> samples)
    {
        var set = TrainingSet.OfRows(2);
        foreach (var (x, y) in samples)
        {
            set.Add(new[] { x, 0 }, new[] { y });
        }

        return set;
    }
}
