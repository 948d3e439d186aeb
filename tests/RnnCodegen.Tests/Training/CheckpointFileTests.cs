using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Files that a training cannot go on from are refused with the reason, and change nothing.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private static readonly TrainingSet Training = StreamData.Set(1, 5, 4, 6);
    private static readonly TrainingSet Validation = StreamData.Set(2, 5);
    private readonly TempFolder _folder = new();
    private readonly string _path;

    public CheckpointFileTests()
    {
        _path = _folder.File("checkpoint");
        Create(new LeakyModel()).Fit(Training, Validation, 2);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Other_trainings_are_refused_by_what_differs()
    {
        AssertRefused("optimizer", model => Create(model, new Sgd(0.1)));
        AssertRefused("optimizer", model => Create(model, new AdamW(0.05, beta2: 0.99)));
        AssertRefused("settings", model => new(model, Loss.MeanSquaredError, new AdamW(0.05)) { BatchSize = 3 });
        AssertRefused("loss", model => new(model, Loss.Huber, new AdamW(0.05)) { BatchSize = 2 });
        AssertRefused("Seed", model => new(model, Loss.MeanSquaredError, new AdamW(0.05)) { BatchSize = 2, Seed = 9 });
        AssertRefused("learning-rate schedule", model => new(model, Loss.MeanSquaredError, new AdamW(0.05))
        {
            BatchSize = 2, Schedule = new ExponentialSchedule(0.9),
        });
        AssertRefused("training set", model => Create(model), StreamData.Set(3, 5, 4, 6));
        AssertRefused("validation set", model => Create(model), validation: StreamData.Set(3, 5));
        AssertRefused("the model needs tensor model.Unused.weight [1, 3], which the file lacks", model => Create(model), unused: 3);
    }

    [Fact]
    public void Losses_are_compared_by_all_their_numbers()
    {
        AssertDiffer(new HuberLoss(), new HuberLoss { Delta = 2 });
        AssertDiffer(new QuantileLoss(0.1f, 0.9f), new QuantileLoss(0.1f, 0.8f));
        AssertDiffer(Loss.BinaryCrossEntropy, new BinaryCrossEntropyLoss { PositiveWeights = [2] });
        AssertDiffer(Loss.CrossEntropy, new CrossEntropyLoss { LabelSmoothing = 0.1f });
        AssertDiffer(Loss.CrossEntropy, new CrossEntropyLoss { IgnoreIndex = 0 });
        AssertDiffer(new CrossEntropyLoss { ClassWeights = [1, 2] }, new CrossEntropyLoss { ClassWeights = [1, 3] });
        AssertDiffer(Loss.Ctc, new CtcLoss { BlankIndex = 2 });
        AssertDiffer(Loss.Ctc, new CtcLoss { ZeroInfinity = true });
        Create(new LeakyModel(), loss: new HuberLoss()).Fit(Training, Validation, 2);
        AssertRefused("delta 1", model => Create(model, loss: new HuberLoss { Delta = 2 }));

        static void AssertDiffer(Loss one, Loss other)
        {
            Assert.NotEqual(one.Describe(), other.Describe());
            Assert.Equal(one.Describe(), one.Describe());
        }
    }

    [Fact]
    public void Files_that_are_none_or_of_other_kind_are_refused()
    {
        SafeTensors.Save(_path, new LeakyModel().Core.Parameters);
        AssertRefused("not a checkpoint of a training", model => Create(model));
        File.WriteAllText(_path, "");
        AssertRefused("too few", model => Create(model));
        Assert.Throws<FileNotFoundException>(() => Create(new LeakyModel()).Resume(_folder.File("none"), Training, Validation, 2));
    }

    [Fact]
    public void A_byte_changed_anywhere_is_found()
    {
        var whole = File.ReadAllBytes(_path);
        for (var i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 1;
            File.WriteAllBytes(_path, damaged);
            Assert.Throws<InvalidDataException>(() => TrainingCheckpoint.Read(_path));
        }
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(_path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.Throws<InvalidDataException>(() => TrainingCheckpoint.Read(_path));
        }
    }

    [Fact]
    public void What_a_killed_process_left_is_deleted_and_nothing_else()
    {
        var leftover = $"{_path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(leftover, "half");
        File.WriteAllText(_folder.File("checkpoint2.tmp"), "other");
        File.WriteAllText(_folder.File("checkpoint.mine.tmp"), "other");
        Create(new LeakyModel()).Resume(_path, Training, Validation, 3);
        Assert.Equal(
            ["checkpoint", "checkpoint.mine.tmp", "checkpoint2.tmp"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private Trainer<LeakyModel> Create(LeakyModel model, Optimizer? optimizer = null, Loss? loss = null) =>
        new(model, loss ?? Loss.MeanSquaredError, optimizer ?? new AdamW(0.05)) { BatchSize = 2, Checkpoint = new(_path) };

    private void AssertRefused(
        string reason, Func<LeakyModel, Trainer<LeakyModel>> create, TrainingSet? training = null, TrainingSet? validation = null,
        int unused = 0)
    {
        var model = new LeakyModel(unused);
        var before = model.Core.Parameters.Values.ToArray();
        var bytes = File.ReadAllBytes(_path);
        var error = Assert.Throws<InvalidDataException>(
            () => create(model).Resume(_path, training ?? Training, validation ?? Validation, 3));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, model.Core.Parameters.Values.ToArray());
        Assert.Equal(bytes, File.ReadAllBytes(_path));
    }
}
