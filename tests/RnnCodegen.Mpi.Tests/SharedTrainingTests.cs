using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Ranks.Tests;

/// <summary>What several ranks must agree on: checkpoints, the end, failures, and what they were given.</summary>
public sealed class SharedTrainingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Checkpoint => _folder.File("shared.checkpoint");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(1, 3, false)]
    [InlineData(4, 2, true)]
    [InlineData(3, 3, true)]
    public void A_training_goes_on_with_another_number_of_ranks(int before, int after, bool repeatable)
    {
        // In the middle of an epoch, between two windows of a stream.
        var whole = ThreadGroup.Run(before, world => Train(world, repeatable, null, resumes: false))[0];
        ThreadGroup.Run(before, world => Train(world, repeatable, stopAt: 7, resumes: false));
        Assert.Equal(7, TrainingCheckpoint.Read(Checkpoint).Update);
        var found = ThreadGroup.Run(after, world => Train(world, repeatable, null, resumes: true));
        Assert.All(found, rank => RankTests.RequireNear(whole, rank, 1e-6));
        if (before == after && repeatable)
        {
            Assert.Equal(whole.Bits, found[0].Bits);
        }
    }

    [Fact]
    public void A_wish_to_stop_on_one_rank_stops_all_after_the_same_update_with_a_checkpoint()
    {
        var updates = ThreadGroup.Run(3, world =>
        {
            using var cancellation = new CancellationTokenSource();
            if (world.Rank == 2)
            {
                cancellation.Cancel();
            }

            Assert.Throws<OperationCanceledException>(() => Stream(world, false).Fit(Data, null, 5, null, cancellation.Token));
            return true;
        });
        Assert.Equal(3, updates.Length);
        Assert.Equal(1, TrainingCheckpoint.Read(Checkpoint).Update);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_callback_that_stops_on_one_rank_stops_all_after_the_same_update(bool repeatable)
    {
        var called = ThreadGroup.Run(3, world =>
        {
            var updates = 0;
            var result = Stream(world, repeatable, TrainingCallback.AtUpdate(training =>
            {
                updates++;
                if (world.Rank == 2 && training.Progress.Update == 4)
                {
                    training.Stop();
                }
            })).Fit(Data, null, 5);
            Assert.True(result.StoppedByCallback);
            return updates;
        });
        Assert.Equal([4, 4, 4], called);
        Assert.Equal(4, TrainingCheckpoint.Read(Checkpoint).Update);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loss_that_is_not_finite_ends_all_ranks_alike_and_names_the_sample(bool repeatable)
    {
        // Samples of zeros stay zeros whatever the weights are; the last one's output is beyond the floats.
        var set = TrainingSet.OfRows(6);
        for (var n = 0; n < 7; n++)
        {
            set.Add(Enumerable.Repeat(n == 6 ? 100f : 0f, 12).ToArray(), new float[6]);
        }

        var messages = ThreadGroup.Run(2, world =>
        {
            var model = new Regressor(seed: 1);
            model.Parameters.Clear();
            model.Parameters["Cell.weight_ih_l0"].Edit().Fill(0.1f);
            model.Parameters["Head.weight"].Edit().Fill(3e38f);
            var trainer = new Trainer<Regressor>(model, Loss.MeanSquaredError, new Sgd(0.1)) { World = world, Repeatable = repeatable };
            return Assert.Throws<TrainingDivergedException>(() => trainer.Fit(set, null, 1)).Message;
        });
        Assert.Equal(messages[0], messages[1]);
        Assert.Contains("The output of sample 6 is", messages[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training set")]
    [InlineData("validation set")]
    [InlineData("learning rate")]
    [InlineData("set of settings")]
    [InlineData("number of epochs")]
    [InlineData("call")]
    public void Ranks_that_were_given_different_things_are_refused(string what)
    {
        if (what == "call")
        {
            Train(null, false, stopAt: 2, resumes: false);
        }

        var messages = ThreadGroup.Run(2, world =>
        {
            var other = world.Rank == 1;
            var trainer = new Trainer<Regressor>(
                new Regressor(seed: 1), Loss.MeanSquaredError, new Sgd(other && what == "learning rate" ? 0.2 : 0.1))
            {
                World = world, ClipNorm = other && what == "set of settings" ? 1 : 2,
            };
            var training = RankTask.Rows(8, 3, 5, other && what == "training set" ? 2 : 1);
            var validation = RankTask.Rows(8, 3, 5, other && what == "validation set" ? 2 : 1);
            return Assert.Throws<InvalidOperationException>(() => other && what == "call"
                ? trainer.Resume(Checkpoint, training, validation, 2)
                : trainer.Fit(training, validation, other && what == "number of epochs" ? 3 : 2)).Message;
        });
        Assert.All(messages, message => Assert.Contains($"Rank 1 has another {what} than rank 0", message, StringComparison.Ordinal));
    }

    [Fact]
    public void Arguments_that_one_rank_refuses_are_refused_by_all()
    {
        var errors = ThreadGroup.Run(2, world =>
        {
            var trainer = new Trainer<Regressor>(new Regressor(seed: 1), Loss.MeanSquaredError, new Sgd(0.1)) { World = world };
            return Record.Exception(() => trainer.Fit(world.Rank == 1 ? RankTask.Classes(8, 2, 3, 1) : RankTask.Rows(8, 2, 3, 1), null, 1));
        });
        Assert.IsType<InvalidOperationException>(errors[0]);
        Assert.StartsWith("Rank 1: ", errors[0]!.Message, StringComparison.Ordinal);
        Assert.Contains(errors[1]!.Message[..40], errors[0]!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fails_on_one_rank_alone_ends_the_others_and_names_it()
    {
        var group = new ThreadGroup(3);
        var error = Assert.Throws<AggregateException>(() => group.Run(world =>
        {
            var trainer = new Trainer<Regressor>(new Regressor(seed: 1), new FailingLoss(world.Rank), new Sgd(0.1)) { World = world };
            trainer.Fit(RankTask.Rows(60, 3, 5, 1), null, 5);
            return true;
        }));
        Assert.Equal(3, error.InnerExceptions.Count);
        Assert.Contains("rank 1: the training failed: System.IO.EndOfStreamException: no more", group.Aborted, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_ends_all_ranks_without_a_hang()
    {
        Directory.CreateDirectory(Checkpoint);
        var errors = ThreadGroup.Run(2, world => Record.Exception(() => Stream(world, false).Fit(Data, null, 1)));
        Assert.True(errors[0] is IOException or UnauthorizedAccessException, $"{errors[0]}");
        Assert.Contains("Rank 0: ", Assert.IsType<InvalidOperationException>(errors[1]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_were_changed_on_one_rank_only_are_noticed()
    {
        var errors = ThreadGroup.Run(2, world =>
        {
            var optimizer = new Sgd(0.1);
            var trainer = new Trainer<Regressor>(new Regressor(seed: 1), Loss.MeanSquaredError, optimizer) { World = world };
            return Record.Exception(
                () => trainer.Fit(RankTask.Rows(64, 3, 5, 1), null, 2, new Reports(_ => optimizer.LearningRate = 0.01)));
        });
        Assert.All(errors,
            e => Assert.Contains("parameter values", Assert.IsType<InvalidOperationException>(e).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_rank_0_reports_and_counts_all_samples_of_a_batch()
    {
        var reports = ThreadGroup.Run(2, world =>
        {
            var seen = new List<TrainingProgress>();
            new Trainer<Regressor>(new Regressor(seed: 1), Loss.MeanSquaredError, new Sgd(0.1)) { World = world }
                .Fit(RankTask.Rows(64, 3, 5, 1), null, 2, new Reports(seen.Add));
            return seen;
        });
        Assert.Equal(4, reports[0].Count);
        Assert.Equal(2, reports[0][0].Batches);
        Assert.Empty(reports[1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopping_schedules_clipping_and_frozen_layers_are_those_of_one_process(bool repeatable)
    {
        var expected = Stopped(null);
        Assert.True(expected.Result.StoppedEarly);
        foreach (var (result, outcome, optimizer) in ThreadGroup.Run(3, Stopped))
        {
            RankTests.RequireNear(expected.Outcome, outcome, 1e-6);
            Assert.Equal((expected.Result.BestEpoch, expected.Result.Updates), (result.BestEpoch, result.Updates));
            Assert.Equal(expected.Factor, optimizer);
        }

        (TrainingResult Result, Outcome Outcome, double Factor) Stopped(IProcessGroup? world)
        {
            var model = new Regressor(seed: 1);
            var before = model.Parameters["Cell.weight_hh_l0"].Values.ToArray();
            var error = new MeanAbsoluteError();
            var optimizer = new AdamW(0.3) { Groups = [new ParameterGroup("Cell") { Frozen = true }] };
            var trainer = new Trainer<Regressor>(model, Loss.MeanSquaredError, optimizer)
            {
                World = world, Repeatable = repeatable, BatchSize = 9, ClipNorm = 0.5f, ClipValue = 0.1f, Metrics = [error],
                EarlyStopping = new EarlyStopping { Patience = 2, MinDelta = 1e-3, Monitor = error },
                Schedule = new PlateauSchedule { Patience = 0, Threshold = 1e-2 },
            };

            // Two calls, of which the second goes on with the optimizer, the generator and the schedule of the first.
            trainer.Fit(RankTask.Rows(40, 3, 9, 1), RankTask.Rows(20, 3, 9, 2), 1);
            var result = trainer.Fit(RankTask.Rows(40, 3, 9, 1), RankTask.Rows(20, 3, 9, 2), 40);
            Assert.Equal(before, model.Parameters["Cell.weight_hh_l0"].Values.ToArray());
            return (result, Outcome.Of(result, model.Parameters), optimizer.LearningRateFactor);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pair_stops_on_all_ranks_and_goes_on_alone(bool repeatable)
    {
        var whole = Run(null, stops: false, resumes: false);
        Assert.All(ThreadGroup.Run(3, world => Run(world, stops: true, resumes: false)), Assert.Null);
        var checkpoint = TrainingCheckpoint.Read(Checkpoint);
        Assert.Equal(["encoder", "decoder"], checkpoint.Models.Select(m => m.Role));
        Assert.InRange(checkpoint.Update, 1, 5);
        RankTests.RequireNear(whole!, Run(null, stops: false, resumes: true)!, 1e-6);
        Assert.All(ThreadGroup.Run(2, world => Run(world, stops: false, resumes: true)),
            rank => RankTests.RequireNear(whole!, rank!, 1e-6));

        Outcome? Run(IProcessGroup? world, bool stops, bool resumes)
        {
            using var cancellation = new CancellationTokenSource();
            var models = new EncoderDecoder<Reader, AttendingSpeaker>(new Reader(seed: 1), new AttendingSpeaker(seed: 2), startToken: 11,
                endToken: 10);
            var trainer = new SequenceToSequenceTrainer<Reader, AttendingSpeaker>(models, new AdamW(1e-2), new AdamW(1e-2))
            {
                World = world, Repeatable = repeatable, BatchSize = 4, BucketBatches = 2,
                Checkpoint = stops ? new CheckpointOptions(Checkpoint) { EveryEpochs = 0 } : null,
            };
            var progress = new Reports(p =>
            {
                if (stops && p.Update == 3)
                {
                    cancellation.Cancel();
                }
            });
            var (training, validation) = (RankTask.Pairs(17, 3), RankTask.Pairs(6, 4));
            try
            {
                var result = resumes
                    ? trainer.Resume(Checkpoint, training, validation, 2, progress, cancellation.Token)
                    : trainer.Fit(training, validation, 2, progress, cancellation.Token);
                return Outcome.Of(result, models.Decoder.Parameters);
            }
            catch (OperationCanceledException) when (stops)
            {
                return null;
            }
        }
    }

    [Fact]
    public void Ranks_whose_decoders_learn_at_other_rates_are_refused()
    {
        var messages = ThreadGroup.Run(2, world =>
        {
            var models = new EncoderDecoder<Reader, Speaker>(new Reader(seed: 1), new Speaker(seed: 2), startToken: 11, endToken: 10);
            var trainer = new SequenceToSequenceTrainer<Reader, Speaker>(models, new Sgd(0.1),
                new Sgd(world.Rank == 1 ? 0.2 : 0.1)) { World = world };
            return Assert.Throws<InvalidOperationException>(() => trainer.Fit(RankTask.Pairs(4, 3), null, 1)).Message;
        });
        Assert.All(messages, m => Assert.Contains("Rank 1 has another decoder's learning rate than rank 0", m, StringComparison.Ordinal));
    }

    private static TrainingSet Data { get; } = RankTask.Rows(7, 10, 40, 31);

    private Trainer<Regressor> Stream(IProcessGroup? world, bool repeatable, params TrainingCallback[] callbacks) => new(
        new Regressor(seed: 1), Loss.MeanSquaredError, new AdamW(1e-2))
    {
        World = world, Repeatable = repeatable, BatchSize = 5, Truncation = new(4, 9), Callbacks = callbacks,
        Checkpoint = new CheckpointOptions(Checkpoint) { EveryEpochs = 0 },
    };

    private Outcome Train(IProcessGroup? world, bool repeatable, int? stopAt, bool resumes)
    {
        using var cancellation = new CancellationTokenSource();
        var model = new Regressor(seed: 1);
        var trainer = new Trainer<Regressor>(model, Loss.MeanSquaredError, new AdamW(1e-2))
        {
            World = world, Repeatable = repeatable, BatchSize = 5, Truncation = new(4, 9), Metrics = [new MeanAbsoluteError()],
            Checkpoint = new CheckpointOptions(Checkpoint) { EveryEpochs = 0 },
        };

        // The wish of an update's report is known with the next update.
        var asks = world is null || world.Size == 1 ? stopAt : stopAt - 1;
        var progress = new Reports(p =>
        {
            if (p.Update == asks)
            {
                cancellation.Cancel();
            }
        });
        try
        {
            var result = resumes
                ? trainer.Resume(Checkpoint, Data, Data, 2, progress, cancellation.Token)
                : trainer.Fit(Data, Data, 2, progress, cancellation.Token);
            return Outcome.Of(result, model.Parameters);
        }
        catch (OperationCanceledException) when (stopAt is not null)
        {
            return new([], []);
        }
    }

    private sealed class Reports(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }

    /// <summary>A loss of the user's that fails on rank 1, in the second epoch.</summary>
    private sealed class FailingLoss(int rank) : Loss
    {
        private int _calls;

        public override TargetKind TargetKind => TargetKind.Values;

        protected override double Weigh(LossTargets target, LossShape shape) => target.Values.Length;

        protected override double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
        {
            gradient.Clear();
            return rank == 1 && ++_calls == 4 ? throw new EndOfStreamException("no more") : 1;
        }
    }
}
