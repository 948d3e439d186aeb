using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

public sealed class CallbackTests
{
    private static readonly TrainingSet s_set = Set(Samples([1, 2, 1, 3, 1], new Random(4)));

    [Fact]
    public void Callbacks_are_called_in_their_order_after_the_progress_of_each_update_and_epoch()
    {
        var calls = new List<string>();
        var trainer = Create(
            [
                new Noting("a", calls), new Noting("b", calls), TrainingCallback.AtUpdate(t => calls.Add($"third {t.Progress.Update}"), 3),
                TrainingCallback.AtEpoch(t => calls.Add($"end {t.Progress.Epoch}")),
            ]);
        var result = trainer.Fit(s_set, s_set, 2, new Reports(p => calls.Add($"report {p.Update}")));
        string[] expected =
        [
            "report 1", "a update 1", "b update 1",
            "report 2", "a update 2", "b update 2",
            "report 3", "a update 3", "b update 3", "third 3", "a epoch 1", "b epoch 1", "end 1",
            "report 4", "a update 4", "b update 4",
            "report 5", "a update 5", "b update 5",
            "report 6", "a update 6", "b update 6", "third 6", "a epoch 2", "b epoch 2", "end 2",
        ];
        Assert.Equal(expected, calls);
        Assert.False(result.StoppedByCallback);
    }

    [Fact]
    public void A_callback_sees_the_epochs_loss_and_its_validation()
    {
        var losses = new List<(float, float?, bool)>();
        var trainer = Create(
            [TrainingCallback.AtEpoch(t => losses.Add((t.Progress.Loss, t.Progress.ValidationLoss, t.Progress.IsValidated)))]);
        var result = trainer.Fit(s_set, s_set, 3);
        Assert.Equal(result.TrainingLosses.Zip(result.ValidationLosses, (a, b) => (a, (float?)b, true)), losses);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_stop_ends_the_training_after_its_update_and_what_follows_goes_on_to_the_same_bits(int stopAt)
    {
        using var folder = new TempFolder();
        var path = folder.File("a.checkpoint");
        var whole = new LinearModel();
        Create([], whole).Fit(s_set, s_set, 4);

        var model = new LinearModel();
        var reports = new Reports();
        var stopped = Create([Stop(stopAt)], model, path).Fit(s_set, s_set, 4, reports);
        Assert.True(stopped.StoppedByCallback);
        Assert.False(stopped.StoppedEarly);
        Assert.Equal((stopAt, stopAt), (stopped.Updates, reports.Count));
        Assert.Equal(stopAt / 3, stopped.TrainingLosses.Count);

        var again = new LinearModel();
        var result = Create([], again, path).Resume(path, s_set, s_set, 4);
        Assert.False(result.StoppedByCallback);
        Assert.Equal(whole.Core.Parameters.Values, again.Core.Parameters.Values);
    }

    [Fact]
    public void A_stop_leaves_early_stopping_to_put_the_best_weights_back()
    {
        // Validation wants the opposite, so that the first epoch is the best.
        var opposite = Set([.. Samples([4, 4], new Random(3)).Select(s => (s.X, s.Y.Select(y => -y).ToArray()))]);
        float[] best = [];
        var model = new LinearModel();
        var trainer = new Trainer<LinearModel>(model, Loss.MeanSquaredError, new Sgd(0.05))
        {
            EarlyStopping = new EarlyStopping { Patience = 10 },
            Callbacks =
            [
                TrainingCallback.AtEpoch(t => best = t.Progress.IsBest ? model.Core.Parameters.Values.ToArray() : best), Stop(4),
            ],
        };
        var result = trainer.Fit(s_set, opposite, 50);
        Assert.Equal((4, 1, true, false), (result.Updates, result.BestEpoch, result.StoppedByCallback, result.StoppedEarly));
        Assert.Equal(best, model.Core.Parameters.Values.ToArray());
    }

    [Fact]
    public void What_a_callback_throws_ends_the_training_and_null_is_refused()
    {
        var trainer = Create([TrainingCallback.AtUpdate(_ => throw new InvalidOperationException("enough"))]);
        Assert.Equal("enough", Assert.Throws<InvalidOperationException>(() => trainer.Fit(s_set, null, 1)).Message);
        Assert.Throws<ArgumentNullException>("Callbacks", () => Create([null!]));
        Assert.Throws<ArgumentOutOfRangeException>("every", () => TrainingCallback.AtUpdate(_ => { }, 0));
    }

    [Fact]
    public void Callbacks_allocate_nothing()
    {
        var updates = 0;
        Allocation.AssertNoneBetweenUpdates(progress => new Trainer<LinearModel>(
            new LinearModel(records: false), Loss.MeanSquaredError, new Sgd(0.1))
        {
            BatchSize = 2, Callbacks = [TrainingCallback.AtUpdate(_ => updates++)],
        }.Fit(s_set, null, 60, progress));
        Assert.True(updates >= 180);
    }

    private static TrainingCallback Stop(int update) => TrainingCallback.AtUpdate(t =>
    {
        if (t.Progress.Update == update)
        {
            t.Stop();
            Assert.True(t.IsStopping);
        }
    });

    private static Trainer<LinearModel> Create(TrainingCallback[] callbacks, LinearModel? model = null, string? checkpoint = null) =>
        new(model ?? new LinearModel(), Loss.MeanSquaredError, new AdamW(0.1))
        {
            BatchSize = 2, Seed = 3, Callbacks = callbacks, Checkpoint = checkpoint is null ? null : new CheckpointOptions(checkpoint),
        };

    private sealed class Noting(string name, List<string> calls) : TrainingCallback
    {
        public override void OnUpdate(TrainingControl training) => calls.Add($"{name} update {training.Progress.Update}");

        public override void OnEpoch(TrainingControl training) => calls.Add($"{name} epoch {training.Progress.Epoch}");
    }
}
