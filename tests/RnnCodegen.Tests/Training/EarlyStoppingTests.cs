using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

/// <summary>Training stops where validation gets no better, with the best weights.</summary>
public sealed class EarlyStoppingTests
{
    // With this rate each step on y = 2 x0 - x1 + 0.5 overshoots: the loss falls, then grows.
    private static readonly TrainingSet Training = Set(Samples([4, 4, 4, 4], new Random(3)));

    [Fact]
    public void The_best_weights_are_kept_and_put_back()
    {
        // The validation set wants the opposite, so that training makes it worse from the first epoch on.
        var validation = Opposite();
        var (model, weights) = (new LinearModel(), new List<float[]>());
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError,
            new Sgd(0.05)) { EarlyStopping = new EarlyStopping { Patience = 3 } };
        var reports = new Reports(_ => weights.Add(model.Core.Parameters.Values.ToArray()));
        var result = trainer.Fit(Training, validation, 50, reports);

        Assert.Equal((4, 1, true), (result.TrainingLosses.Count, result.BestEpoch, result.StoppedEarly));
        Assert.Equal(result.ValidationLosses.Min(), result.BestValue);
        Assert.Equal(result.ValidationLosses[0], (float)result.BestValue!.Value);
        Assert.Equal(weights[0], model.Core.Parameters.Values.ToArray());
        Assert.NotEqual(weights[^1], weights[0]);
        Assert.Equal([true, false, false, false], reports.Select(r => r.IsBest));
        Assert.Equal(result.ValidationLosses[0], trainer.Evaluate(validation));
    }

    [Fact]
    public void The_last_weights_stay_where_that_is_asked()
    {
        var model = new LinearModel();
        var weights = new List<float[]>();
        new Trainer<LinearModel>(model, Loss.MeanSquaredError,
            new Sgd(0.05)) { EarlyStopping = new EarlyStopping { Patience = 2, RestoresBest = false } }
            .Fit(Training, Opposite(), 50, new Reports(_ => weights.Add(model.Core.Parameters.Values.ToArray())));
        Assert.Equal(3, weights.Count);
        Assert.Equal(weights[^1], model.Core.Parameters.Values.ToArray());
    }

    [Fact]
    public void Small_gains_do_not_count_as_improvements()
    {
        var trainer = new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.01))
        {
            EarlyStopping = new EarlyStopping { Patience = 2, MinDelta = 100 },
        };
        var result = trainer.Fit(Training, Training, 50);
        Assert.Equal((3, 1), (result.TrainingLosses.Count, result.BestEpoch));
    }

    [Fact]
    public void A_metric_can_be_watched_and_more_can_be_better()
    {
        // Accuracy of the sign: of yes and no, values over one half. It is perfect long before the loss ends to fall.
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 0, -1, 0 }, new float[] { 1, 0 });
        var accuracy = new Accuracy();
        var error = new RootMeanSquaredError();
        var trainer = new Trainer<LinearModel>(new LinearModel(), Loss.BinaryCrossEntropy, new Sgd(0.5))
        {
            Metrics = [error, accuracy],
            EarlyStopping = new EarlyStopping { Patience = 4, Monitor = accuracy },
        };
        var reports = new Reports();
        var result = trainer.Fit(set, set, 50, reports);
        Assert.Equal((5, 1, 1.0), (result.TrainingLosses.Count, result.BestEpoch, result.BestValue));
        Assert.Equal(["RMSE", "accuracy"], result.Metrics.Select(m => m.Name));
        Assert.Equal(1, result.Metrics[1].Value);

        // Those of the weights that are kept; the last ones are told apart.
        Assert.Equal(reports[0].Metrics, result.Metrics);
        Assert.Equal(reports[^1].Metrics, result.LastMetrics);
        Assert.NotEqual(result.Metrics[0], result.LastMetrics[0]);
        Assert.Equal((reports[0].Metrics[0].Value, 1), (error.Value, accuracy.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_reported_is_of_the_weights_that_are_kept(bool restores)
    {
        using var folder = new TempFolder();
        var (path, validation) = (folder.File("a"), Opposite());
        var (error, reports) = (new MeanAbsoluteError(), new Reports());
        var whole = Create(new LinearModel(), error).Fit(Training, validation, 50, reports);
        var (best, last) = (reports[0], reports[^1]);
        Assert.Equal(restores ? best.Metrics : last.Metrics, whole.Metrics);
        Assert.Equal((restores ? best : last).ValidationLoss, whole.ValidationLoss);
        Assert.Equal((restores ? best : last).Update, whole.ValidatedUpdate);
        Assert.Equal((restores ? best : last).Metrics[0].Value, error.Value);
        Assert.Equal(best.Metrics, whole.BestMetrics);
        Assert.Equal((best.ValidationLoss, (long?)best.Update), (whole.BestLoss, whole.BestUpdate));
        Assert.Equal(last.Metrics, whole.LastMetrics);

        // A checkpoint of the end remembers it, and a metric that saw nothing is told.
        var again = new MeanAbsoluteError();
        var resumed = Create(new LinearModel(), again).Resume(path, Training, validation, 50);
        Assert.Equal((whole.Metrics[0], whole.LastMetrics[0], whole.BestMetrics[0]),
            (resumed.Metrics[0], resumed.LastMetrics[0], resumed.BestMetrics[0]));
        Assert.Equal((whole.ValidationLoss, whole.ValidatedUpdate, whole.BestLoss),
            (resumed.ValidationLoss, resumed.ValidatedUpdate, resumed.BestLoss));
        Assert.Equal(restores ? best.Metrics[0].Value : double.NaN, again.Value);

        Trainer<LinearModel> Create(LinearModel model, Metric metric) => new(model, Loss.MeanSquaredError, new Sgd(0.05))
        {
            Metrics = [metric], EarlyStopping = new EarlyStopping { Patience = 3, RestoresBest = restores }, Checkpoint = new(path),
        };
    }

    [Fact]
    public void Validation_can_come_every_few_updates()
    {
        var reports = new Reports();
        var result = new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(0.01)) { BatchSize = 1, ValidateEvery = 3 }
            .Fit(Training, Training, 3, reports);
        Assert.Equal((12, 4), (reports.Count, result.ValidationLosses.Count));
        Assert.Equal([3, 6, 9, 12], reports.Where(r => r.IsValidated).Select(r => r.Update));
        Assert.Equal(result.ValidationLosses, reports.Where(r => r.IsValidated).Select(r => r.ValidationLoss!.Value));
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_refused()
    {
        AssertRefused("validation",
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(1)) { EarlyStopping = new EarlyStopping() });
        AssertRefused("validation", new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(1)) { ValidateEvery = 2 });
        AssertRefused("EarlyStopping", new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(1))
        {
            EarlyStopping = new EarlyStopping { Monitor = new MeanAbsoluteError() },
        });
        AssertRefused("Metrics",
            new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError, new Sgd(1)) { Metrics = [new Perplexity()] });
        Assert.Throws<ArgumentOutOfRangeException>("Patience", () => new EarlyStopping { Patience = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MinDelta", () => new EarlyStopping { MinDelta = -1 });

        static void AssertRefused(string argument, Trainer<LinearModel> trainer) =>
            Assert.Throws<ArgumentException>(argument, () => trainer.Fit(Training, null, 1));
    }

    private static TrainingSet Opposite() => Set([.. Samples([4], new Random(3)).Select(s => (s.X, s.Y.Select(v => -v).ToArray()))]);
}
