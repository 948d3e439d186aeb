using RnnCodegen.Tests.Decoding;
using Xunit;
using PairTrainer = RnnCodegen.SequenceToSequenceTrainer<RnnCodegen.Tests.Decoding.TokenCell, RnnCodegen.Tests.Decoding.TokenCell>;

namespace RnnCodegen.Tests.Training;

/// <summary>
/// A training of a pair that is cut anywhere and goes on from its checkpoint gives, to the bit, what one that never stopped gives.
/// </summary>
public sealed class PairResumeTests
{
    private const int Epochs = 3;
    private static readonly TrainingSet Training = PairData.Set(9, 1);
    private static readonly TrainingSet Validation = PairData.Set(5, 2);

    private static readonly Dictionary<string, Func<string, EncoderDecoder<TokenCell, TokenCell>, Metric[], PairTrainer>> Setups = new()
    {
        ["plain"] = (path, models, _) => new(models, new AdamW(0.05),
            new Sgd(0.02, momentum: 0.9)) { BatchSize = 3, Seed = 5, Checkpoint = new(path) },
        ["buckets and accumulation"] = (path, models, _) => new(models, new AdamW(0.05), new AdamW(0.1))
        {
            BatchSize = 2, BatchesPerUpdate = 2, BucketBatches = 2, Seed = 6, ClipNorm = 0.5f, ClipValue = 0.2f, Checkpoint = new(path),
        },
        ["early stopping by a metric, often"] = (path, models, metrics) => new(models, new AdamW(0.3), new AdamW(0.3))
        {
            BatchSize = 2, Seed = 8, Metrics = metrics, ValidateEvery = 2, Checkpoint = new(path),
            EarlyStopping = new EarlyStopping { Patience = 3, Monitor = metrics[0] },
        },
        ["plateau"] = (path, models, _) => new(models, new AdamW(0.3), new AdamW(0.2))
        {
            BatchSize = 4, Seed = 9, Schedule = new PlateauSchedule { Patience = 0, ReductionFactor = 0.5 }, Checkpoint = new(path),
        },
    };

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var name in Setups.Keys)
        {
            cases.Add(name, false);
            cases.Add(name, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Going_on_gives_what_never_stopping_gives(string name, bool attends)
    {
        using var folder = new TempFolder();
        var whole = Run(name, attends, folder.File("whole"), null);
        Assert.True(whole.Reports.Count > Epochs);
        for (var cut = 1; cut < whole.Reports.Count; cut++)
        {
            // A wish to stop is followed by a checkpoint.
            var path = folder.File($"cut{cut}");
            Assert.Throws<OperationCanceledException>(() => Run(name, attends, path, cut));
            Assert.Equal(cut, TrainingCheckpoint.Read(path).Update);
            var rest = Run(name, attends, path, null, resume: true);
            Assert.Equal(whole.Weights, rest.Weights);
            Assert.Equal(whole.Result.TrainingLosses, rest.Result.TrainingLosses);
            Assert.Equal(whole.Result.ValidationLosses, rest.Result.ValidationLosses);
            Assert.Equal(whole.Result.Metrics, rest.Result.Metrics);
            Assert.Equal(
                (whole.Result.Updates, whole.Result.StoppedEarly, whole.Result.BestEpoch, whole.Result.BestValue),
                (rest.Result.Updates, rest.Result.StoppedEarly, rest.Result.BestEpoch, rest.Result.BestValue));
        }
    }

    [Fact]
    public void A_checkpoint_has_both_models_and_their_best_weights()
    {
        using var folder = new TempFolder();
        var (path, models) = (folder.File("a"), PairData.Models(true));
        var weights = new List<float[]>();
        var result = new PairTrainer(models, new AdamW(0.5), new AdamW(0.5))
        {
            BatchSize = 3, Checkpoint = new(path), EarlyStopping = new EarlyStopping { RestoresBest = false },
        }.Fit(Training, Validation, Epochs, new Reports(_ => weights.Add(PairData.Weights(models))));
        var checkpoint = TrainingCheckpoint.Read(path);
        Assert.Equal("Source and Target", checkpoint.Model);
        Assert.Equal([("encoder", "Source"), ("decoder", "Target")], checkpoint.Models.Select(m => (m.Role, m.Name)));
        var read = PairData.Models(true, seed: 50);
        checkpoint.Models[0].CopyTo(read.Encoder.Core.Parameters);
        checkpoint.Models[1].CopyTo(read.Decoder.Core.Parameters);
        Assert.Equal(PairData.Weights(models), PairData.Weights(read));
        checkpoint.Models[0].CopyBestTo(read.Encoder.Core.Parameters);
        checkpoint.Models[1].CopyBestTo(read.Decoder.Core.Parameters);
        Assert.Equal(weights[(int)result.BestUpdate!.Value - 1], PairData.Weights(read));
        Assert.Contains("one of its Models", Assert.Throws<InvalidOperationException>(
            () => checkpoint.CopyTo(read.Encoder.Core.Parameters)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => checkpoint.Models[0].CopyTo(read.Decoder.Core.Parameters));
    }

    [Theory]
    [InlineData("encoder's optimizer")]
    [InlineData("decoder's optimizer")]
    [InlineData("decoding")]
    [InlineData("settings")]
    [InlineData("loss")]
    [InlineData("training set")]
    [InlineData("validation set")]
    public void Another_training_is_refused_by_name_and_nothing_is_changed(string what)
    {
        using var folder = new TempFolder();
        var path = folder.File("a");
        Run("plain", false, path, null);
        var models = PairData.Models(false);
        var before = PairData.Weights(models);
        var trainer = new PairTrainer(
            models, what == "encoder's optimizer" ? new Sgd(0.05) : new AdamW(0.05),
            new Sgd(0.02, momentum: what == "decoder's optimizer" ? 0.8 : 0.9))
        {
            BatchSize = what == "settings" ? 2 : 3, Seed = 5, MaxLength = what == "decoding" ? 7 : 100,
            Loss = new CrossEntropyLoss { LabelSmoothing = what == "loss" ? 0.1f : 0 },
        };
        var error = Assert.Throws<InvalidDataException>(() => trainer.Resume(
            path, what == "training set" ? Validation : Training, what == "validation set" ? Training : Validation, Epochs));
        Assert.Contains($"with the {what} '", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, PairData.Weights(models));
    }

    [Fact]
    public void Checkpoints_of_one_model_and_of_pairs_are_told_apart()
    {
        using var folder = new TempFolder();
        var (pair, single) = (folder.File("pair"), folder.File("single"));
        Run("plain", false, pair, null);
        var set = LinearData.Set(LinearData.Samples([2], new Random(1)));
        new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)) { Checkpoint = new(single) }.Fit(set, null, 1);
        Assert.Contains("encoder and decoder, but this trains one model", Assert.Throws<InvalidDataException>(
            () => new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)).Resume(pair, set, null, 1)).Message,
            StringComparison.Ordinal);
        Assert.Contains("one model, but this trains", Assert.Throws<InvalidDataException>(
            () => new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)).Resume(single, Training, null, 1)).Message,
            StringComparison.Ordinal);
    }

    private static (float[] Weights, TrainingResult Result, Reports Reports) Run(string name, bool attends, string path, int? cancelAfter,
        bool resume = false)
    {
        using var source = new CancellationTokenSource();
        var models = PairData.Models(attends);
        var trainer = Setups[name](path, models, [new ExactMatch(), new Accuracy()]);
        Reports? reports = null;
        reports = new Reports(_ =>
        {
            if (reports!.Count == cancelAfter)
            {
                source.Cancel();
            }
        });
        var result = resume
            ? trainer.Resume(path, Training, Validation, Epochs, reports, source.Token)
            : trainer.Fit(Training, Validation, Epochs, reports, source.Token);
        return (PairData.Weights(models), result, reports);
    }
}
