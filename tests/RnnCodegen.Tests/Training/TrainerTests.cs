using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public void Time_that_is_left_has_an_end()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), TrainingState.Remaining(TimeSpan.FromSeconds(10), 2, 6));
        Assert.Equal(TimeSpan.Zero, TrainingState.Remaining(TimeSpan.FromSeconds(10), 0, 6));
        Assert.Equal(TimeSpan.MaxValue, TrainingState.Remaining(TimeSpan.FromSeconds(1), 1, 2000.0 * int.MaxValue));
    }

    [Fact]
    public void Full_batches_follow_gradient_descent_in_double_precision()
    {
        const int Epochs = 20;
        var samples = Samples([3, 1, 5, 5], new Random(1));
        var (model, set) = (new LinearModel(), Set(samples));
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1));
        var result = trainer.Fit(set, set, Epochs);

        double[] p = [0, 0, 0];
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            Assert.Equal(MeanSquare(samples, p, out var gradient), result.TrainingLosses[epoch], 1e-6);
            p = [.. p.Zip(gradient, (v, g) => v - (0.1 * g))];
            Assert.Equal(MeanSquare(samples, p, out _), result.ValidationLosses[epoch], 1e-6);
        }

        Assert.Equal(Epochs, result.TrainingLosses.Count);
        Assert.Equal(Epochs, result.ValidationLosses.Count);
        Assert.True(result.TrainingLosses[^1] < result.TrainingLosses[0] / 2);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(p[i], model.Core.Parameters.Values[i], 1e-6);
        }

        Assert.Equal(result.ValidationLosses[^1], trainer.Evaluate(set));
    }

    [Fact]
    public void Batches_are_padded_with_zeros_and_lengths_given_only_where_they_differ()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 2, 3, 4 }, new float[] { 0, 0 });
        set.Add(new float[] { 5, 6 }, new float[] { 0 });
        set.Add(new float[] { 7, 8 }, new float[] { 0 });
        var model = new LinearModel();
        new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0)) { BatchSize = 2 }.Evaluate(set);

        Assert.Equal(2, model.Calls.Count);
        var (first, second) = (model.Calls[0], model.Calls[1]);
        Assert.Equal((2, 2), (first.Steps, first.Batch));
        Assert.Equal([2, 1], Assert.IsType<int[]>(first.Lengths));
        Assert.Equal([1, 2, 5, 6, 3, 4, 0, 0], first.Input);
        Assert.Equal((1, 1), (second.Steps, second.Batch));
        Assert.Null(second.Lengths);
        Assert.Equal([7, 8], second.Input);
    }

    [Fact]
    public void Each_epoch_uses_every_sample_once_in_its_own_order_and_dropout_seeds_differ()
    {
        var set = TrainingSet.OfRows(2);
        for (var i = 0; i < 10; i++)
        {
            set.Add(new float[] { i, 0 }, new float[] { 0 });
        }

        var model = new LinearModel();
        new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.001)) { BatchSize = 4, Seed = 3 }.Fit(set, null, 2);
        Assert.Equal([4, 4, 2, 4, 4, 2], model.Calls.Select(c => c.Batch));
        float[][] orders = [.. model.Calls.Chunk(3).Select(epoch => epoch.SelectMany(c => c.Input.Where((_, i) => i % 2 == 0)).ToArray())];
        Assert.All(orders, order => Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), order.Order()));
        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(Enumerable.Range(0, 10).Select(i => (float)i), orders[0]);
        Assert.Equal(6, model.Calls.Select(c => c.DropoutSeed).Distinct().Count());
        Assert.All(model.Calls, c => Assert.True(c.Training));

        model.Calls.Clear();
        new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.001)).Evaluate(set);
        Assert.All(model.Calls, c => Assert.False(c.Training));
    }

    [Fact]
    public void A_seed_decides_everything_and_fits_continue_one_another()
    {
        var samples = Samples([3, 1, 5, 5, 2, 4, 1], new Random(2));
        var (a, b) = (Train(1, [4]), Train(1, [4]));
        Assert.Equal(a, b);
        Assert.Equal(a, Train(1, [1, 3]));
        Assert.NotEqual(a, Train(2, [4]));

        float[] Train(int seed, int[] fits)
        {
            var model = new LinearModel();
            var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new AdamW(0.1)) { BatchSize = 3, Seed = seed };
            foreach (var epochs in fits)
            {
                trainer.Fit(Set(samples), null, epochs);
            }

            return model.Core.Parameters.Values.ToArray();
        }
    }

    [Fact]
    public void Progress_tells_each_batch()
    {
        var set = Set(Samples([1, 1, 1, 1, 1], new Random(4)));
        var reports = new Reports();
        var result = new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 2 }
            .Fit(set, set, 2, reports);
        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], reports.Select(r => (r.Epoch, r.Batch)));
        Assert.All(reports, r => Assert.Equal((2, 3), (r.Epochs, r.Batches)));
        Assert.Equal(result.TrainingLosses, [reports[2].Loss, reports[5].Loss]);
        var (first, second) = (result.ValidationLosses[0], result.ValidationLosses[1]);
        Assert.Equal<float?>([null, null, first, first, first, second], reports.Select(r => r.ValidationLoss));
        Assert.All(reports, r => Assert.True(r.GradientNorm > 0 && r.SamplesPerSecond > 0 && r.Elapsed > TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, reports[5].Remaining);
        Assert.True(reports[0].Remaining > TimeSpan.Zero);
    }

    [Fact]
    public void Clipping_bounds_the_step()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 30, 40 }, new float[] { 10 });
        var model = new LinearModel();
        var reports = new Reports();
        new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(1)) { ClipNorm = 0.5f }.Fit(set, null, 1, reports);

        // The gradient is -20 (30, 40, 1).
        var norm = 20 * Math.Sqrt(2501);
        Assert.Equal(norm, reports[0].GradientNorm, 1e-3);
        Assert.Equal(30 * 20 * 0.5 / norm, model.Core.Parameters.Values[0], 1e-6);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_it_reaches_the_parameters()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 2 }, new float[] { 1 });
        set.Add(new float[] { 1, 2 }, new float[] { 3e38f });
        var model = new LinearModel();
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 1 };
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Fit(set, null, 1));
        Assert.Contains("loss is Infinity in epoch 1, batch", error.Message, StringComparison.Ordinal);
        Assert.True(float.IsFinite(model.Core.Parameters.Values[0]));

        var huge = TrainingSet.OfRows(2);
        huge.Add(new float[] { 1e30f, 0 }, new float[] { 1e15f });
        error = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)).Fit(huge, null, 1));
        Assert.Contains("gradient of Head.weight is ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_stops_between_batches()
    {
        using var source = new CancellationTokenSource();
        var model = new LinearModel();
        var set = Set(Samples([1, 1, 1], new Random(4)));
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 1 };
        Assert.Throws<OperationCanceledException>(() => trainer.Fit(set, null, 5, new Reports(_ => source.Cancel()), source.Token));
        Assert.Single(model.Calls);
        Assert.Throws<OperationCanceledException>(() => trainer.Evaluate(set, source.Token));
    }

    [Fact]
    public void Token_models_learn_classes_from_sequences_of_unequal_lengths()
    {
        // The class is the token; the others are noise that occurs with every class.
        var set = TrainingSet.OfTokens();
        for (var i = 0; i < 12; i++)
        {
            set.Add(i % 2 == 0 ? new[] { i % 3, 3 } : new[] { i % 3 }, i % 3);
        }

        var model = new BagModel();
        var result = new Trainer<BagModel>(model, Loss.CrossEntropy, new AdamW(0.1)) { BatchSize = 5 }.Fit(set, null, 60);
        Assert.Equal(Math.Log(3), new Trainer<BagModel>(new BagModel(), Loss.CrossEntropy, new Sgd(0)).Evaluate(set), 1e-6);
        Assert.True(result.TrainingLosses[^1] < 0.05, $"loss {result.TrainingLosses[^1]}");
        Assert.Contains(model.Calls, c => c.Lengths is not null);
        var probabilities = new float[3];
        model.Core.Run([2, 3], probabilities, 2);
        Assert.True(probabilities[2] > 0.9f);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Batches_allocate_nothing(bool accumulates, bool truncates)
    {
        var set = truncates ? StreamData.Set(1, 9, 5, 7, 3) : Set(Samples([4, 3, 4, 2, 4, 4, 1, 4], new Random(6)));
        var (linear, leaky) = (Create(new LinearModel(records: false)), Create(new LeakyModel(drops: false)));
        Measure(1);

        // A list that grows by ten more losses is all that differs.
        Assert.InRange(Measure(11) - Measure(1), 0, 160);

        Trainer<TModel> Create<TModel>(TModel model)
            where TModel : class, IRnnModel<TModel> => new(model, Loss.MeanSquaredError, new AdamW(0.01))
        {
            BatchSize = 2, ClipNorm = 1, ClipValue = 0.5f, BucketBatches = 2, BatchesPerUpdate = accumulates ? 3 : 1,
            Truncation = truncates ? new Truncation(2, 3) : null, Schedule = new CosineSchedule(100),
        };

        long Measure(int epochs) => Allocation.Of(() =>
        {
            if (truncates)
            {
                leaky.Fit(set, null, epochs);
            }
            else
            {
                linear.Fit(set, null, epochs);
            }
        });
    }

    private static double MeanSquare((float[] X, float[] Y)[] samples, double[] p, out double[] gradient)
    {
        (gradient, var sum, var rows) = ([0, 0, 0], 0.0, samples.Sum(s => s.Y.Length));
        foreach (var (x, y) in samples)
        {
            for (var t = 0; t < y.Length; t++)
            {
                var error = (p[0] * x[2 * t]) + (p[1] * x[(2 * t) + 1]) + p[2] - y[t];
                sum += error * error;
                gradient[0] += 2 * error * x[2 * t] / rows;
                gradient[1] += 2 * error * x[(2 * t) + 1] / rows;
                gradient[2] += 2 * error / rows;
            }
        }

        return sum / rows;
    }
}
