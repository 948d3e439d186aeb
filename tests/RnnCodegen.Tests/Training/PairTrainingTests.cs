using RnnCodegen.Tests.Decoding;
using Xunit;
using PairTrainer = RnnCodegen.SequenceToSequenceTrainer<RnnCodegen.Tests.Decoding.TokenCell, RnnCodegen.Tests.Decoding.TokenCell>;

namespace RnnCodegen.Tests.Training;

/// <summary>What a training of an encoder and a decoder has in common with that of one model.</summary>
public sealed class PairTrainingTests
{
    private static readonly TrainingSet Training = PairData.Set(11, 1);
    private static readonly TrainingSet Validation = PairData.Set(5, 2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_of_an_update_add_up_to_one_large_batch(bool attends)
    {
        var (small, large, single) = (Train(2, 2), Train(4, 1), Train(2, 1));
        Assert.NotEqual(large.Weights, single.Weights);
        for (var i = 0; i < large.Weights.Length; i++)
        {
            Assert.Equal(large.Weights[i], small.Weights[i], 5e-6f);
        }

        Assert.Equal(large.Losses.Length, small.Losses.Length);
        Assert.All(large.Losses.Zip(small.Losses), pair => Assert.Equal(pair.First, pair.Second, 5e-6f));

        (float[] Weights, float[] Losses) Train(int batchSize, int batches)
        {
            var models = PairData.Models(attends);
            var trainer = new PairTrainer(models, new Sgd(0.1),
                new Sgd(0.1)) { BatchSize = batchSize, BatchesPerUpdate = batches, Seed = 3 };
            var result = trainer.Fit(Training, Validation, 3);
            return (PairData.Weights(models), [.. result.TrainingLosses, .. result.ValidationLosses]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predictions_are_what_greedy_decoding_says_in_the_order_of_the_set(bool attends)
    {
        var models = PairData.Models(attends);
        var trainer = new PairTrainer(models, new Sgd(0.1), new Sgd(0.1)) { MaxLength = 6 };
        var inputs = TrainingSet.OfTokens();
        for (var i = 0; i < Training.Count; i++)
        {
            inputs.AddInput(Training[i].Tokens);
        }

        var (found, same) = (trainer.Predict(inputs), trainer.Predict(Training));
        Assert.Equal(Training.Count, found.Count);
        var state = models.Decoder.Core.CreateState();
        var greedy = new GreedyDecoder<TokenCell>(models.Decoder, PairData.Start, PairData.End) { MaxLength = 6 };
        for (var i = 0; i < found.Count; i++)
        {
            models.Encode(Training[i].Tokens.Span, state);
            var expected = greedy.Decode(state);
            Assert.Equal(expected.Tokens, found[i].Tokens);
            Assert.Equal((expected.LogProbability, expected.IsComplete), (found[i].LogProbability, found[i].IsComplete));
            Assert.Equal(expected.Tokens, same[i].Tokens);
        }

        Assert.Throws<OperationCanceledException>(() => trainer.Predict(inputs, new CancellationToken(canceled: true)));
        Assert.Throws<ArgumentException>("set", () => trainer.Predict(TrainingSet.OfTokens()));
        Assert.Throws<ArgumentException>("training", () => trainer.Fit(inputs, null, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_of_both_models_are_checked_together(bool attends)
    {
        var models = PairData.Models(attends);
        var before = PairData.Weights(models);
        var report = GradientCheck.Run(models, Training, new CrossEntropyLoss { LabelSmoothing = 0.1f });
        Assert.True(report.Passed, report.ToString());
        Assert.Contains("encoder.Words.weight", report.Tensors.Select(t => t.Name));
        Assert.Contains("decoder.Head.weight", report.Tensors.Select(t => t.Name));
        Assert.Equal(before, PairData.Weights(models));
        var options = new GradientCheckOptions { Tensors = ["decoder.Words.weight"] };
        Assert.Single(GradientCheck.Run(models, Training, options: options).Tensors);
        Assert.Throws<KeyNotFoundException>(
            () => GradientCheck.Run(models, Training, options: new GradientCheckOptions { Tensors = ["Words.weight"] }));
        Assert.Throws<ArgumentException>("set", () => GradientCheck.Run(models, TrainingSet.OfTokens()));
    }

    [Fact]
    public void Callbacks_stop_a_pair_too()
    {
        var trainer = new PairTrainer(PairData.Models(false), new Sgd(0.1), new Sgd(0.1))
        {
            Callbacks = [TrainingCallback.AtEpoch(training => training.Stop())],
        };
        var result = trainer.Fit(Training, Validation, 5);
        Assert.Equal((true, 1), (result.StoppedByCallback, result.TrainingLosses.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_gradient_of_both_models_is_clipped_by_value(bool attends)
    {
        var (free, clipped) = (Steps(float.PositiveInfinity), Steps(0.01f));
        foreach (var half in new[] { 0, 1 })
        {
            Assert.Contains(free[half], d => Math.Abs(d) > 0.01f);
        }

        Assert.All(free.SelectMany(d => d).Zip(clipped.SelectMany(d => d)),
            pair => Assert.Equal(Math.Clamp(pair.First, -0.01f, 0.01f), pair.Second, 1e-6f));

        float[][] Steps(float limit)
        {
            var models = PairData.Models(attends);
            ParameterSet[] sets = [models.Encoder.Core.Parameters, models.Decoder.Core.Parameters];
            float[][] before = [.. sets.Select(set => set.Values.ToArray())];
            new PairTrainer(models, new Sgd(1), new Sgd(1)) { ClipValue = limit }.Fit(Training, null, 1);
            return [.. sets.Select((set, i) => set.Values.ToArray().Select((v, k) => before[i][k] - v).ToArray())];
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Metrics_are_those_of_the_weights_that_are_kept(bool attends, bool restores)
    {
        var (models, exact, accuracy, reports) = (PairData.Models(attends), new ExactMatch(), new Accuracy(), new Reports());
        Metric[] metrics = [accuracy, new Perplexity(), new MacroF1(5), exact, new CharacterErrorRate()];
        var trainer = new PairTrainer(models, new AdamW(0.4), new AdamW(0.4))
        {
            BatchSize = 3, Metrics = metrics, ValidateEvery = 2,
            EarlyStopping = new EarlyStopping { Monitor = accuracy, Patience = 5, RestoresBest = restores },
        };
        var result = trainer.Fit(Training, Validation, 40, reports);
        Assert.True(result.StoppedEarly);
        Assert.Equal("accuracy", result.Monitored);
        Assert.Equal(["accuracy", "perplexity", "macro-F1", "exact match", "CER"], result.Metrics.Select(m => m.Name));
        Assert.All(reports.Where(r => r.IsValidated), r => Assert.Equal(0, r.Update % 2));
        var kept = restores ? reports.Last(r => r.IsBest) : reports.Last(r => r.IsValidated);
        Assert.Equal(kept.Metrics, result.Metrics);
        Assert.Equal((kept.ValidationLoss, kept.Update), (result.ValidationLoss, result.ValidatedUpdate));
        Assert.Equal(result.Metrics.Select(m => m.Value), metrics.Select(m => m.Value));
        Assert.Equal(result.BestValue, reports.Where(r => r.IsValidated).Max(r => r.Metrics[0].Value));
        if (restores)
        {
            var evaluation = trainer.Evaluate(Validation);
            Assert.Equal((result.ValidationLoss, result.Metrics[3].Value), (evaluation.Loss, evaluation.ExactMatch));
            Assert.Equal(result.Metrics.Select(m => m.Value), metrics.Select(m => m.Value));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Metrics_of_outputs_are_of_teacher_forcing_and_those_of_sequences_of_free_running(bool attends)
    {
        var models = PairData.Models(attends, seed: 7);
        var (accuracy, exact, errors, limited) = (new Accuracy(), new ExactMatch(), new CharacterErrorRate(), new CharacterErrorRate());
        var training = new PairTrainer(models, new AdamW(0.1), new AdamW(0.1));
        training.Fit(Training, null, 30);
        var evaluation = new PairTrainer(models, new Sgd(1),
            new Sgd(1)) { Metrics = [accuracy, exact, errors], BatchSize = 2, MaxLength = 50 }.Evaluate(Training);
        new PairTrainer(models, new Sgd(1), new Sgd(1)) { Metrics = [limited], MaxLength = 1 }.Evaluate(Training);

        // The same, sample by sample, through what users decode with.
        var (right, count, equal, edits, shortEdits, length) = (0, 0, 0, 0, 0, 0);
        var (state, row) = (models.Decoder.Core.CreateState(), new float[5]);
        var greedy = new GreedyDecoder<TokenCell>(models.Decoder, PairData.Start, PairData.End) { MaxLength = 50 };
        for (var i = 0; i < Training.Count; i++)
        {
            models.Encode(Training[i].Tokens.Span, state);
            var target = Training[i].Ids.ToArray();
            var found = greedy.Decode(state);
            equal += found.IsComplete && found.Tokens.SequenceEqual(target) ? 1 : 0;
            edits += EditDistance.Of<int>(found.Tokens.ToArray(), target);
            shortEdits += EditDistance.Of<int>(found.Tokens.Take(target.Length + 1).ToArray(), target);
            length += target.Length;
            var last = PairData.Start;
            foreach (var token in (int[])[.. target, PairData.End])
            {
                models.Decoder.Core.Step(last, row, state);
                right += Array.IndexOf(row, row.Max()) == token ? 1 : 0;
                count++;
                last = token;
            }
        }

        Assert.InRange(right, 1, count - 1);
        Assert.Equal((double)right / count, accuracy.Value, 1e-12);
        Assert.Equal((double)equal / Training.Count, exact.Value, 1e-12);
        Assert.Equal(exact.Value, evaluation.ExactMatch);
        Assert.Equal((double)edits / length, errors.Value, 1e-12);
        Assert.Equal((double)shortEdits / length, limited.Value, 1e-12);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_by_name()
    {
        Refuse("RMSE cannot be computed", "Metrics",
            new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { Metrics = [new RootMeanSquaredError()] });
        Refuse("Blank 0", "Metrics",
            new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { Metrics = [new CharacterErrorRate { Blank = 0 }] });
        Refuse("6 classes", "Metrics",
            new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { Metrics = [new ConfusionMatrix(6)] });
        Refuse("Separator", "Metrics", new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { Metrics = [new WordErrorRate()] });
        Refuse("not among the trainer's Metrics", "EarlyStopping", new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1))
        {
            EarlyStopping = new EarlyStopping { Monitor = new ExactMatch() },
        });
        Refuse("Maximize", "Schedule",
            new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { Schedule = new PlateauSchedule { Maximize = true } });
        Assert.Throws<ArgumentOutOfRangeException>("MaxLength",
            () => new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { MaxLength = 0 });
        Assert.Throws<ArgumentException>("validation",
            () => new PairTrainer(PairData.Models(false), new Sgd(1), new Sgd(1)) { ValidateEvery = 1 }.Fit(Training, null, 1));

        static void Refuse(string part, string argument, PairTrainer trainer)
        {
            Assert.Contains(part, Assert.Throws<ArgumentException>(argument, () => trainer.Fit(Training, Validation, 1)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_loss_names_its_sample_a_gradient_its_model_and_a_step_is_taken_back()
    {
        // The token 4 is only in one source: its row of the encoder's table makes the state, and so the outputs, not finite.
        var models = PairData.Models(false);
        models.Encoder.Core.Parameters["Words.weight"].Edit()[4 * 3] = float.NaN;
        var set = PairData.Set(6, 3);
        set.AddLabels(new[] { 1, 4 }, new[] { 2 });
        var error = Assert.Throws<TrainingDivergedException>(
            () => new PairTrainer(models, new Sgd(1), new Sgd(1)) { BatchSize = 7 }.Fit(set, null, 1));
        Assert.Contains("Source began with NaN at 12 of Words.weight", error.Message, StringComparison.Ordinal);

        // Finite weights whose outputs are not: the head's row is too large for the state it is multiplied with.
        models = PairData.Models(false);
        models.Decoder.Core.Parameters["Head.weight"].Edit()[..3].Fill(3e38f);
        models.Encoder.Core.Parameters["Words.weight"].Edit().Clear();
        models.Decoder.Core.Parameters["Words.weight"].Edit()[..15].Clear();
        models.Decoder.Core.Parameters["Words.weight"].Edit()[15..].Clear();
        models.Encoder.Core.Parameters["Words.weight"].Edit().Slice(12, 3).Fill(30);
        models.Decoder.Core.Parameters["Cell.weight_hh_l0"].Edit().Fill(10);
        error = Assert.Throws<TrainingDivergedException>(
            () => new PairTrainer(models, new Sgd(1), new Sgd(1)) { BatchSize = 7 }.Fit(set, null, 1));
        Assert.Contains("The output of sample 6 is Infinity at its step 0", error.Message, StringComparison.Ordinal);
        Assert.Contains(6, error.Samples);

        models = PairData.Models(true);
        var before = PairData.Weights(models);
        error = Assert.Throws<TrainingDivergedException>(
            () => new PairTrainer(models, new Sgd(1e38), new Sgd(1e38)) { ClipNorm = 1e30f }.Fit(set, null, 4));
        Assert.StartsWith("The ", error.Message, StringComparison.Ordinal);
        Assert.All(PairData.Weights(models), v => Assert.True(float.IsFinite(v)));
        Assert.Equal(before.Length, PairData.Weights(models).Length);
    }

    [Fact]
    public void Updates_of_several_batches_allocate_nothing()
    {
        var trainer = new PairTrainer(PairData.Models(true), new AdamW(0.01), new AdamW(0.01))
        {
            BatchSize = 2, BatchesPerUpdate = 2, ClipNorm = 1, ClipValue = 1,
        };
        Allocation.AssertNoneBetweenUpdates(reports => trainer.Fit(Training, null, 60, reports));
    }
}
