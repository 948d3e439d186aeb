using RnnCodegen.Reference;
using RnnCodegen.Tests.Decoding;
using Xunit;

namespace RnnCodegen.Tests.Training;

public sealed class SequenceToSequenceTests
{
    private static readonly (int Start, int End) Marks = (5, 4);

    private static readonly ModelDefinition Source = TokenCell.Define(6, 1, 3, name: "Source");

    private static readonly ModelDefinition Target = TokenCell.Define(6, 5, 3, name: "Target");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loss_is_that_of_teacher_forcing_and_gradients_are_its_differences(bool attends)
    {
        var (models, set) = (PairData.Models(attends), Set());
        var (encoder, decoder) = (models.Encoder, models.Decoder);
        var batch = new PairBatch(
            encoder.Core, decoder.Core, Loss.CrossEntropy, Marks, new BatchSizes(set.MaxSteps, set.MaxLabels, 4), null,
            TrainingWorld.Alone);
        ParameterSet[] gradients = [encoder.Core.CreateGradients(), decoder.Core.CreateGradients()];

        // A smaller batch first: what it leaves in memory must not matter.
        batch.Fill(set, [3, 1], new Portion(0, 2, 0, 0, 2, 0));
        batch.Train(0, batch.Weight);
        batch.Fill(set, [0, 1, 2, 3], new Portion(0, 4, 0, 0, set.MaxSteps, 0));
        double[][] p = [Widen(encoder.Core.Parameters), Widen(decoder.Core.Parameters)];
        Assert.Equal(NaiveLoss(set, p, models), batch.Train(0, batch.Weight) / batch.Weight, 1e-6);
        batch.Backward(gradients);
        const double H = 1e-5;
        for (var half = 0; half < 2; half++)
        {
            var largest = gradients[half].Values.ToArray().Max(Math.Abs);
            Assert.True(largest > 1e-3);
            for (var i = 0; i < p[half].Length; i++)
            {
                var value = p[half][i];
                p[half][i] = value + H;
                var above = NaiveLoss(set, p, models);
                p[half][i] = value - H;
                var below = NaiveLoss(set, p, models);
                p[half][i] = value;
                Assert.Equal((above - below) / (2 * H), gradients[half].Values[i], 1e-5 * largest);
            }
        }
    }

    [Fact]
    public void A_copy_task_is_learned_and_a_seed_decides_everything()
    {
        var (first, weights) = Learn(1);
        Assert.Equal(weights, Learn(1).Weights);
        Assert.NotEqual(weights, Learn(2).Weights);
        Assert.True(first.TrainingLosses[^1] < first.TrainingLosses[0] / 2);
        Assert.Equal("exact match", first.Metrics[0].Name);

        static (TrainingResult Result, float[] Weights) Learn(int seed)
        {
            var (models, set) = (Pair(), Set());
            var trainer = new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new AdamW(0.05), new AdamW(0.05))
            {
                BatchSize = 2, Seed = seed, ClipNorm = 1,
            };
            var result = trainer.Fit(set, set, 60);
            var evaluation = trainer.Evaluate(set);
            Assert.Equal((result.ValidationLosses[^1], result.Metrics[0].Value), (evaluation.Loss, evaluation.ExactMatch));
            Assert.Equal(CountExact(models, set) / 4.0, evaluation.ExactMatch);
            return (result, [.. models.Encoder.Core.Parameters.Values, .. models.Decoder.Core.Parameters.Values]);
        }
    }

    [Fact]
    public void Both_models_gradients_are_clipped_by_their_common_norm()
    {
        var (models, set) = (Pair(), Set());
        float[] before = [.. models.Encoder.Core.Parameters.Values, .. models.Decoder.Core.Parameters.Values];
        new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new Sgd(1), new Sgd(1)) { ClipNorm = 0.01f }.Fit(set, null, 1);
        float[] after = [.. models.Encoder.Core.Parameters.Values, .. models.Decoder.Core.Parameters.Values];
        Assert.Equal(0.01, Math.Sqrt(before.Zip(after, (a, b) => (double)(a - b) * (a - b)).Sum()), 1e-5);
    }

    [Fact]
    public void Batches_allocate_nothing()
    {
        var trainer = new SequenceToSequenceTrainer<TokenCell, TokenCell>(Pair(), new AdamW(0.01), new AdamW(0.01))
        {
            BatchSize = 3, BucketBatches = 2, ClipNorm = 1, Schedule = new CosineSchedule(100),
        };
        Allocation.AssertNoneBetweenUpdates(reports => trainer.Fit(Set(), null, 60, reports));
    }

    [Theory]
    [InlineData("Cell.h_l0 of 4 cannot become Cell.h_l0 of 3", 4, "Cell.h_l0")]
    [InlineData("two directions", 3, "Cell.h_l0", "Cell.h_l0_reverse")]
    [InlineData("Cell.h_l1 of 3]", 3, "Cell.h_l0", "Cell.h_l1")]
    [InlineData("Cell.c_l0 of 3 cannot become Cell.h_l0 of 3", 3, "Cell.c_l0")]
    public void States_that_do_not_fit_are_refused(string part, int units, params string[] slots)
    {
        var encoder = new TokenCell(TokenCell.Define(6, 1, units, name: "Source", slots: slots));
        var error = Assert.Throws<ArgumentException>(
            "encoder", () => new EncoderDecoder<TokenCell, TokenCell>(encoder, new TokenCell(Target), Marks.Start, Marks.End));
        Assert.Contains(part, error.Message);
        Assert.Contains("does not fit the initial state of Target", error.Message);
    }

    [Fact]
    public void Encoders_without_a_state_are_refused() => Assert.Contains("no recurrent state", Assert.Throws<ArgumentException>(
        () => new EncoderDecoder<TableModel, TokenCell>(new TableModel(), new TokenCell(Target), Marks.Start, Marks.End)).Message);

    [Fact]
    public void Sets_and_settings_that_do_not_fit_are_refused()
    {
        var optimizer = new Sgd(1);
        Assert.Throws<ArgumentException>(
            "decoderOptimizer", () => new SequenceToSequenceTrainer<TokenCell, TokenCell>(Pair(), optimizer, optimizer));
        Assert.Throws<ArgumentException>("Loss", () => new SequenceToSequenceTrainer<TokenCell, TokenCell>(Pair(), optimizer, new Sgd(1))
        {
            Loss = new CrossEntropyLoss { Window = LossWindow.Last(1) },
        });
        Refuse("no samples", TrainingSet.OfTokens());
        Refuse("AddLabels", Make(set => set.Add(new[] { 1 }, new[] { 1 })));
        Refuse("Token 6 at position 1 of sample 0", Make(set => set.AddLabels(new[] { 1, 6 }, new[] { 1 })));
        Refuse("Target token 5 at position 0", Make(set => set.AddLabels(new[] { 1 }, new[] { 5 })));
        Refuse("end token 4 at position 1", Make(set => set.AddLabels(new[] { 1 }, new[] { 1, 4 })));
        Refuse("weight 0", Make(set => set.AddLabels(new[] { 1 }, new[] { 1 }, 0)));

        static TrainingSet Make(Action<TrainingSet> add)
        {
            var set = TrainingSet.OfTokens();
            add(set);
            return set;
        }

        static void Refuse(string part, TrainingSet set)
        {
            var models = Pair();
            var before = models.Decoder.Core.Parameters.Values.ToArray();
            var trainer = new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new Sgd(1), new Sgd(1));
            Assert.Contains(part, Assert.Throws<ArgumentException>("training", () => trainer.Fit(set, null, 1)).Message);
            Assert.Contains(part, Assert.Throws<ArgumentException>("validation", () => trainer.Fit(Set(), set, 1)).Message);
            Assert.Equal(before, models.Decoder.Core.Parameters.Values.ToArray());
        }
    }

    [Fact]
    public void The_best_epoch_is_kept_and_reported()
    {
        var (models, reports) = (Pair(), new Reports());
        var trainer = new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new AdamW(0.5), new AdamW(0.5))
        {
            BatchSize = 2, EarlyStopping = new EarlyStopping { Patience = 2 },
        };
        var result = trainer.Fit(Set(), Set(), 200, reports);
        Assert.True(result.StoppedEarly);
        var best = reports.Last(r => r.IsBest);
        Assert.Equal((best.Epoch, best.ValidationLoss, best.Update), (result.BestEpoch, result.ValidationLoss, result.ValidatedUpdate));
        Assert.Equal(best.Metrics, result.Metrics);
        Assert.Equal(reports[^1].Metrics, result.LastMetrics);
        Assert.Equal(best.ValidationLoss, trainer.Evaluate(Set()).Loss);
        Assert.Throws<ArgumentException>("validation", () => trainer.Fit(Set(), null, 1));
        Assert.Throws<ArgumentException>("EarlyStopping",
            () => new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new Sgd(1), new Sgd(1))
            {
                EarlyStopping = new EarlyStopping { Monitor = new Accuracy() },
            }.Fit(Set(), Set(), 1));
    }

    [Fact]
    public void A_loss_that_ignores_the_end_is_refused() => Assert.Contains("would never learn to end", Assert.Throws<ArgumentException>(
        () => new SequenceToSequenceTrainer<TokenCell, TokenCell>(Pair(), new Sgd(1),
            new Sgd(1)) { Loss = new CrossEntropyLoss { IgnoreIndex = Marks.End } }).Message);

    [Fact]
    public void A_loss_that_is_not_finite_ends_training()
    {
        var models = Pair();
        models.Decoder.Core.Parameters.Edit()[^1] = float.NaN;
        var trainer = new SequenceToSequenceTrainer<TokenCell, TokenCell>(models, new Sgd(1), new Sgd(1));
        Assert.Equal(1, Assert.Throws<TrainingDivergedException>(() => trainer.Fit(Set(), null, 1)).Batch);
    }

    private static EncoderDecoder<TokenCell, TokenCell> Pair() =>
        new(new TokenCell(Source, 1), new TokenCell(Target, 2), Marks.Start, Marks.End);

    /// <summary>Sources and targets of unequal lengths, one target empty, one of another weight.</summary>
    private static TrainingSet Set()
    {
        var set = TrainingSet.OfTokens();
        set.AddLabels(new[] { 0, 3, 2 }, new[] { 2, 3, 0, 1 });
        set.AddLabels(new[] { 1 }, new[] { 1 }, 2.5f);
        set.AddLabels(new[] { 2, 2, 5, 4, 0 }, Array.Empty<int>());
        set.AddLabels(new[] { 3, 1 }, new[] { 1, 3 });
        return set;
    }

    private static int CountExact(EncoderDecoder<TokenCell, TokenCell> models, TrainingSet set)
    {
        var (state, greedy) = (models.Decoder.Core.CreateState(), new GreedyDecoder<TokenCell>(models.Decoder, Marks.Start, Marks.End));
        var exact = 0;
        for (var i = 0; i < set.Count; i++)
        {
            models.Encode(set[i].Tokens.Span, state);
            var found = greedy.Decode(state);
            exact += found.IsComplete && found.Tokens.SequenceEqual(set[i].Ids.ToArray()) ? 1 : 0;
        }

        return exact;
    }

    private static double[] Widen(ParameterSet set) => [.. set.Values.ToArray().Select(v => (double)v)];

    private static double NaiveLoss(TrainingSet set, double[][] parameters, EncoderDecoder<TokenCell, TokenCell> models)
    {
        var encoder = new TokenCellReference(parameters[0], models.Encoder.Core.Definition);
        var decoder = new TokenCellReference(parameters[1], models.Decoder.Core.Definition);
        var (sum, weight) = (0.0, 0.0);
        for (var i = 0; i < set.Count; i++)
        {
            var (state, memory) = (encoder.Zeros, new List<double[]>());
            foreach (var token in set[i].Tokens.Span)
            {
                (state, var row) = encoder.Outputs(state, token, null);
                memory.Add(row);
            }

            var mean = models.Decoder.Core.Definition.MemorySize == 0
                ? null
                : Enumerable.Range(0, memory[0].Length).Select(j => memory.Average(row => row[j])).ToArray();

            var last = Marks.Start;
            foreach (var token in (int[])[.. set[i].Ids.Span, Marks.End])
            {
                (state, var next) = decoder.Step(state, last, mean);
                sum -= set[i].Weight * next[token];
                weight += set[i].Weight;
                last = token;
            }
        }

        return sum / weight;
    }
}
