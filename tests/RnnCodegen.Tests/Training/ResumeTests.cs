using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>A training that is cut anywhere and goes on from its checkpoint gives, to the bit, what one that never stopped gives.</summary>
public sealed class ResumeTests
{
    private const int Epochs = 4;
    private static readonly TrainingSet Training = StreamData.Set(1, 9, 3, 12, 7, 7, 1, 10, 4, 6, 12, 2);
    private static readonly TrainingSet Validation = StreamData.Set(2, 8, 5, 11);

    public static TheoryData<string> Cases() => [.. Setups.Keys];

    private static readonly Dictionary<string, Func<string, LeakyModel, Metric[], Trainer<LeakyModel>>> Setups = new()
    {
        ["plain"] = (path, model, _) => new(model, Loss.MeanSquaredError,
            new AdamW(0.05)) { BatchSize = 3, Seed = 5, Checkpoint = new(path) },
        ["buckets and momentum"] = (path, model, _) => new(model, Loss.MeanSquaredError, new Sgd(0.02, momentum: 0.9))
        {
            BatchSize = 2, BucketBatches = 3, Seed = 6, ClipNorm = 0.5f, Checkpoint = new(path),
        },
        ["accumulation"] = (path, model, _) => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 2, BatchesPerUpdate = 2, Seed = 7, Checkpoint = new(path),
        },
        ["early stopping by a metric, often"] = (path, model, metrics) => new(model, Loss.MeanSquaredError, new AdamW(0.2))
        {
            BatchSize = 2, Seed = 8, Metrics = metrics, ValidateEvery = 2, Checkpoint = new(path),
            EarlyStopping = new EarlyStopping { Patience = 3, Monitor = metrics[0] },
        },
        ["plateau"] = (path, model, _) => new(model, Loss.MeanSquaredError, new AdamW(0.3))
        {
            BatchSize = 4, Seed = 9, Schedule = new PlateauSchedule { Patience = 0, ReductionFactor = 0.5 }, Checkpoint = new(path),
        },
        ["cosine"] = (path, model, _) => new(model, Loss.MeanSquaredError, new AdamW(0.1))
        {
            BatchSize = 4, Seed = 9, Schedule = new CosineSchedule(12).WithWarmUp(3), Checkpoint = new(path),
        },
        ["windows"] = (path, model, _) => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 4, Seed = 10, Truncation = new Truncation(3), Checkpoint = new(path),
        },
        ["overlapping windows, in buckets, two an update"] = (path, model, _) => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 3, BatchesPerUpdate = 2, BucketBatches = 2, Seed = 11, Truncation = new Truncation(2, 5), Checkpoint = new(path),
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Going_on_gives_what_never_stopping_gives(string name)
    {
        using var folder = new TempFolder();
        var whole = Run(name, folder.File("whole"), default);
        Assert.True(whole.Reports.Count > Epochs);
        var cuts = Math.Min(whole.Reports.Count - 1, 14);
        for (var cut = 1; cut <= cuts; cut++)
        {
            // Cut by cancellation, and once more after a single update.
            var path = folder.File($"cut{cut}");
            Assert.Throws<OperationCanceledException>(() => Run(name, path, cut));
            Assert.Equal(cut, TrainingCheckpoint.Read(path).Update);
            if (cut % 3 == 0 && cut + 1 < whole.Reports.Count)
            {
                Assert.Throws<OperationCanceledException>(() => Run(name, path, 1, resume: true));
                Assert.Equal(cut + 1, TrainingCheckpoint.Read(path).Update);
            }

            var rest = Run(name, path, default, resume: true);
            Assert.Equal(whole.Weights, rest.Weights);
            Assert.Equal(whole.Result.TrainingLosses, rest.Result.TrainingLosses);
            Assert.Equal(whole.Result.ValidationLosses, rest.Result.ValidationLosses);
            Assert.Equal(whole.Result.Metrics, rest.Result.Metrics);
            Assert.Equal(
                (whole.Result.Updates, whole.Result.StoppedEarly, whole.Result.BestEpoch, whole.Result.BestValue),
                (rest.Result.Updates, rest.Result.StoppedEarly, rest.Result.BestEpoch, rest.Result.BestValue));

            // Reports, but for times, go on where they ended.
            Assert.Equal(whole.Reports.TakeLast(rest.Reports.Count).Select(Timeless), rest.Reports.Select(Timeless));
        }
    }

    [Fact]
    public void A_checkpoint_of_the_end_needs_nothing_more_and_can_be_trained_further()
    {
        using var folder = new TempFolder();
        var (short_, long_) = (folder.File("short"), folder.File("long"));
        Run("plain", short_, default, epochs: 2);
        var done = Run("plain", short_, default, resume: true, epochs: 2);
        Assert.Empty(done.Reports);
        Assert.Equal(2, done.Result.TrainingLosses.Count);
        Assert.Equal(Run("plain", long_, default).Weights, Run("plain", short_, default, resume: true).Weights);
    }

    [Fact]
    public void Validation_that_was_cancelled_is_done_first()
    {
        using var folder = new TempFolder();
        var path = folder.File("a");
        using var source = new CancellationTokenSource();
        var (training, reports) = (StreamData.Set(1, 3, 3), new Reports());

        // The second forward pass without dropout is in the middle of the first validation.
        Assert.Throws<OperationCanceledException>(
            () => Create(path, new LeakyModel(evaluates: Cancel)).Fit(training, Validation, 3, null, source.Token));
        Assert.True(TrainingCheckpoint.Read(path).ValidationLosses.Count == 0);
        var (resumed, expected) = (new LeakyModel(), new LeakyModel());
        var result = Create(null, resumed).Resume(path, training, Validation, 3, reports);
        var whole = Create(null, expected).Fit(training, Validation, 3);
        Assert.Equal(whole.ValidationLosses, result.ValidationLosses);
        Assert.Equal(expected.Core.Parameters.Values.ToArray(), resumed.Core.Parameters.Values.ToArray());
        Assert.Equal((1, 2, true), (reports[0].Epoch, reports[0].Batch, reports[0].IsValidated));

        void Cancel(int pass)
        {
            if (pass == 2)
            {
                source.Cancel();
            }
        }

        static Trainer<LeakyModel> Create(string? path, LeakyModel model) => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 1, Checkpoint = path is null ? null : new(path) { EveryEpochs = 0 },
        };
    }

    [Fact]
    public void Checkpoints_come_as_often_as_asked()
    {
        using var folder = new TempFolder();
        var path = folder.File("a");
        var seen = new List<long?>();
        var model = new LeakyModel();
        new Trainer<LeakyModel>(model, Loss.MeanSquaredError,
            new Sgd(0.01)) { BatchSize = 4, Checkpoint = new(path) { EveryUpdates = 2, EveryEpochs = 2 } }
            .Fit(Training, null, 3, new Reports(_ => seen.Add(File.Exists(path) ? TrainingCheckpoint.Read(path).Update : null)));
        Assert.Equal([null, 2, 2, 4, 4, 6, 6, 8, 8], seen);
        Assert.Equal(9, TrainingCheckpoint.Read(path).Update);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_training_that_ran_out_of_patience_goes_on_with_more()
    {
        using var folder = new TempFolder();
        var (path, resumed, expected) = (folder.File("a"), new LeakyModel(), new LeakyModel());
        Assert.Equal(3, Create(2, new LeakyModel()).Fit(Training, Validation, 9).ValidationLosses.Count);
        Assert.Equal(3, Create(2, new LeakyModel()).Resume(path, Training, Validation, 9).ValidationLosses.Count);
        var result = Create(4, resumed).Resume(path, Training, Validation, 9);
        var whole = Create(4, expected).Fit(Training, Validation, 9);
        Assert.Equal((5, true), (whole.ValidationLosses.Count, whole.StoppedEarly));
        Assert.Equal(whole.ValidationLosses, result.ValidationLosses);
        Assert.Equal(expected.Core.Parameters.Values.ToArray(), resumed.Core.Parameters.Values.ToArray());

        Trainer<LeakyModel> Create(int patience, LeakyModel model) => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 4, Checkpoint = new(path),
            EarlyStopping = new EarlyStopping { Patience = patience, MinDelta = 100, RestoresBest = false },
        };
    }

    [Fact]
    public void A_checkpoint_tells_how_far_it_came_and_gives_its_weights()
    {
        using var folder = new TempFolder();
        var path = folder.File("a");
        var model = new LeakyModel();
        var weights = new List<float[]>();
        var result = new Trainer<LeakyModel>(model, Loss.MeanSquaredError,
            new AdamW(2)) { BatchSize = 4, Checkpoint = new(path), EarlyStopping = new EarlyStopping() }
            .Fit(Training, Validation, 3, new Reports(_ => weights.Add(model.Core.Parameters.Values.ToArray())));
        var checkpoint = TrainingCheckpoint.Read(path);
        Assert.Equal(("Leaky", 3, 0, 9L), (checkpoint.Model, checkpoint.Epoch, checkpoint.Batch, checkpoint.Update));
        Assert.Equal(result.TrainingLosses, checkpoint.TrainingLosses);
        Assert.Equal(result.ValidationLosses, checkpoint.ValidationLosses);
        Assert.Equal(result.BestEpoch, checkpoint.BestEpoch);
        var other = new LeakyModel();
        checkpoint.CopyTo(other.Core.Parameters);
        Assert.Equal(weights[^1], other.Core.Parameters.Values.ToArray());
        checkpoint.CopyBestTo(other.Core.Parameters);
        Assert.Equal(weights[(3 * result.BestEpoch!.Value) - 1], other.Core.Parameters.Values.ToArray());
        Assert.Throws<InvalidDataException>(() => checkpoint.CopyTo(new LinearModel().Core.Parameters));
    }

    private static TrainingProgress Timeless(TrainingProgress p) =>
        p with { SamplesPerSecond = 0, Elapsed = default, Remaining = default, Metrics = [] };

    private static (float[] Weights, TrainingResult Result, Reports Reports) Run(
        string name, string path, int? cancelAfter, bool resume = false, int epochs = Epochs)
    {
        using var source = new CancellationTokenSource();
        var model = new LeakyModel();
        var trainer = Setups[name](path, model, [new MeanAbsoluteError()]);
        Reports? reports = null;
        reports = new Reports(_ =>
        {
            if (reports!.Count == cancelAfter)
            {
                source.Cancel();
            }
        });
        var result = resume
            ? trainer.Resume(path, Training, Validation, epochs, reports, source.Token)
            : trainer.Fit(Training, Validation, epochs, reports, source.Token);
        return (model.Core.Parameters.Values.ToArray(), result, reports);
    }
}
