using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>What cannot be trained with is found before the first update: where it stands, and what would be needed.</summary>
public sealed class DataCheckTests
{
    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 3)]
    public void An_input_that_is_not_finite_is_found_by_sample_and_step(float value, int batches)
    {
        var bad = Rows([1, 2], [3, 4, 5, 6, value, 8]);
        var good = Rows([1, 2]);
        Refuse("training", "The input of sample 1 is not finite: feature 0 at step 2", bad, null, batches);
        Refuse("validation", "The input of sample 1 is not finite: feature 0 at step 2", good, bad, batches);
    }

    [Fact]
    public void A_target_that_is_not_finite_is_found_where_it_counts()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[4], new[] { float.NaN, 1 });
        Refuse("training", "Target NaN at step 0 of sample 0", set, null, 2);
        _ = new Trainer<LinearModel>(new LinearModel(), new HuberLoss { Window = LossWindow.Last() }, new Sgd(0.1)).Fit(set, null, 1);

        var weightless = TrainingSet.OfRows(2);
        weightless.Add(new float[2], new[] { float.NaN }, weight: 0);
        weightless.Add(new float[2], new[] { 1f });
        _ = new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.1)).Fit(weightless, null, 1);
    }

    [Fact]
    public void A_metric_that_would_count_twice_is_refused()
    {
        var (matrix, f1) = (new ConfusionMatrix(3), new MacroF1(3));
        Refuse(matrix, new Accuracy(), matrix);
        Refuse(f1, f1.Matrix);
        _ = Create(matrix, new ConfusionMatrix(3), f1);

        static void Refuse(params Metric[] metrics) => Assert.Contains(
            "count each row twice", Assert.Throws<ArgumentException>("Metrics", () => Create(metrics)).Message, StringComparison.Ordinal);

        static Trainer<ShapedModel> Create(params Metric[] metrics) => new(new ShapedModel(), Loss.CrossEntropy,
            new Sgd(0.1)) { Metrics = metrics };
    }

    [Fact]
    public void Labels_and_steps_that_are_too_many_together_are_refused()
    {
        var set = TrainingSet.OfRows(1);
        set.AddLabels(new float[8], new[] { 1, 2 });
        set.AddLabels(new float[60_000], Enumerable.Range(0, 30_000).Select(i => 1 + (i % 2)).ToArray());
        var error = Assert.Throws<ArgumentException>("training",
            () => new Trainer<ShapedModel>(new ShapedModel(), Loss.Ctc, new Sgd(0.1)).Fit(set, null, 1));
        Assert.Contains("Sample 1 has 30000 labels and 60000 steps", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_that_no_array_holds_are_refused_with_their_sizes()
    {
        Assert.Equal(Array.MaxLength, BatchRoom.Of("steps", Array.MaxLength, 1));
        var error = Assert.Throws<ArgumentException>("BatchSize", () => BatchRoom.Of("steps", 10_000_000, 100, 3));
        Assert.Contains("100 samples of up to 10000000 steps of 3 values takes 3000000000 values", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("BatchSize", () => BatchRoom.Of("steps", int.MaxValue + 1L, int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void Labels_that_do_not_fit_say_how_many_steps_they_need()
    {
        var set = TrainingSet.OfRows(1);
        set.AddLabels(new float[8], new[] { 1, 2 });
        set.AddLabels(new float[8], new[] { 1, 1, 2, 2 });
        _ = Create(1, Loss.Ctc).Fit(set, null, 1);
        var error = Assert.Throws<ArgumentException>("training", () => Create(2, Loss.Ctc).Fit(set, null, 1));
        Assert.Contains("The 4 labels of sample 1 need at least 6 output steps, one each and 2 more", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("4 count", error.Message, StringComparison.Ordinal);
        Assert.Contains("makes 4 output steps of the sample's 8", error.Message, StringComparison.Ordinal);
        _ = Create(2, new CtcLoss { ZeroInfinity = true }).Fit(set, null, 1);

        // Where none fits, nothing would be trained.
        var none = TrainingSet.OfRows(1);
        none.AddLabels(new float[1], new[] { 1, 1 });
        error = Assert.Throws<ArgumentException>("training", () => Create(1, new CtcLoss { ZeroInfinity = true }).Fit(none, null, 1));
        Assert.Contains("more labels than its steps can say", error.Message, StringComparison.Ordinal);

        static Trainer<ShapedModel> Create(int stride, Loss loss) => new(new ShapedModel(stride: stride), loss, new Sgd(0));
    }

    [Fact]
    public void Metrics_of_another_size_are_refused()
    {
        Refuse(new ConfusionMatrix(2), "has 2 classes, but Shaped has 3 outputs");
        Refuse(new MacroF1(4), "has 4 classes, but Shaped has 3 outputs");
        Refuse(new CharacterErrorRate { Blank = 3 }, "Blank 3");
        Refuse(new WordErrorRate(), "needs a Separator");
        Refuse(new WordErrorRate { Separator = 5 }, "Separator 5");

        static void Refuse(Metric metric, string part)
        {
            var set = TrainingSet.OfRows(1);
            set.Add(new float[1], 0);
            var error = Assert.Throws<ArgumentException>(
                "Metrics",
                () => new Trainer<ShapedModel>(new ShapedModel(), Loss.CrossEntropy, new Sgd(1)) { Metrics = [metric] }.Fit(set, null, 1));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ids_that_only_the_loss_ignores_are_found_before_a_metric_meets_them()
    {
        var set = TrainingSet.OfRows(1);
        set.Add(new float[2], new[] { 0, -100 });
        var loss = new CrossEntropyLoss { IgnoreIndex = -100 };
        var error = Assert.Throws<ArgumentException>("validation", () => Create(new Accuracy()).Fit(set, set, 1));
        Assert.Contains("Class id -100 at step 1 of sample 0", error.Message, StringComparison.Ordinal);
        _ = Create(new Accuracy { IgnoreIndex = -100 }).Fit(set, set, 1);

        Trainer<ShapedModel> Create(Metric metric) => new(new ShapedModel(), loss, new Sgd(1)) { Metrics = [metric] };
    }

    [Fact]
    public void A_sum_over_nothing_is_refused_like_a_mean()
    {
        var set = TrainingSet.OfRows(2);
        set.Add(new float[2], new float[1], weight: 0);
        var trainer = new Trainer<LinearModel>(new LinearModel(), new HuberLoss { Reduction = Reduction.Sum }, new Sgd(1));
        Assert.Contains("No target of the set counts",
            Assert.Throws<ArgumentException>("training", () => trainer.Fit(set, null, 1)).Message);
    }

    [Fact]
    public void A_schedule_that_waits_for_the_wrong_direction_is_refused()
    {
        var set = Rows([1, 2]);
        var error = Assert.Throws<ArgumentException>("Schedule", () => new Trainer<LinearModel>(new LinearModel(), Loss.Huber, new Sgd(1))
        {
            Schedule = new PlateauSchedule { Maximize = true }.WithWarmUp(2),
        }.Fit(set, set, 1));
        Assert.Contains("set its Maximize to false", error.Message, StringComparison.Ordinal);
    }

    private static TrainingSet Rows(params float[][] samples)
    {
        var set = TrainingSet.OfRows(2);
        foreach (var rows in samples)
        {
            set.Add(rows, new float[rows.Length / 2]);
        }

        return set;
    }

    private static void Refuse(string argument, string part, TrainingSet training, TrainingSet? validation, int batches)
    {
        var model = new LinearModel();
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.1)) { BatchSize = 1, BatchesPerUpdate = batches };
        var error = Assert.Throws<ArgumentException>(argument, () => trainer.Fit(training, validation, 1));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Empty(model.Calls);
    }
}
