using Xunit;

namespace RnnCodegen.Tests.Training;

/// <summary>Targets and weights on their way from the samples through the trainer to the loss.</summary>
public sealed class TargetTests
{
    [Fact]
    public void Values_and_classes_are_laid_out_by_step_and_labels_by_sample()
    {
        var values = TrainingSet.OfRows(2);
        values.Add(new float[4], new float[] { 1, 2, 3, 4 });
        values.Add(new float[2], new float[] { 5, 6 }, weight: 3);
        var batch = new TargetBatch(Loss.MeanSquaredError, 2, 4, 2);
        batch.Fill(values, [0, 1], 2);
        Assert.Equal([1, 2, 5, 6, 3, 4, 0, 0], batch.Targets.Values.ToArray());
        Assert.Equal([1, 3], batch.Weights.ToArray());
        batch.Fill(values, [0], 2);
        Assert.Equal([1, 2, 3, 4], batch.Targets.Values.ToArray());
        Assert.True(batch.Weights.IsEmpty);

        var quantiles = new TargetBatch(new QuantileLoss(0.1f, 0.9f), 4, 4, 2);
        quantiles.Fill(values, [1, 0], 2);
        Assert.Equal([5, 6, 1, 2, 0, 0, 3, 4], quantiles.Targets.Values.ToArray());

        var labels = TrainingSet.OfRows(2);
        labels.AddLabels(new float[4], new[] { 1, 2, 3 });
        labels.AddLabels(new float[2], Array.Empty<int>());
        labels.AddLabels(new float[2], new[] { 4 });
        batch = new TargetBatch(Loss.Ctc, 5, 6, 3);
        batch.Fill(labels, [2, 1, 0], 2);
        Assert.Equal([4, 1, 2, 3], batch.Targets.Ids.ToArray());
        Assert.Equal([1, 0, 3], batch.Targets.LabelLengths.ToArray());
        Allocation.AssertNone(() => batch.Fill(labels, [0, 1, 2], 2));
    }

    [Fact]
    public void An_epochs_loss_is_the_mean_over_all_that_counts_whatever_the_batches()
    {
        // y = b = 0, so that a sample's loss is its target's square.
        var set = TrainingSet.OfRows(2);
        float[] targets = [1, 2, 3, 4, 5];
        float[] weights = [1, 0, 2, 0.5f, 1];
        for (var i = 0; i < targets.Length; i++)
        {
            set.Add(new float[4], new[] { 9, targets[i] }, weights[i]);
        }

        var loss = new MeanSquaredErrorLoss { Window = LossWindow.Last() };
        var expected = targets.Zip(weights, (t, w) => w * t * t).Sum() / weights.Sum();
        foreach (var size in new[] { 1, 2, 5 })
        {
            var trainer = new Trainer<LinearModel>(new LinearModel(), loss, new Sgd(0)) { BatchSize = size };
            Assert.Equal(expected, trainer.Evaluate(set), 1e-6);
            Assert.Equal(expected, trainer.Fit(set, null, 1).TrainingLosses[0], 1e-6);
        }
    }

    [Fact]
    public void Ctc_learns_what_each_token_says_without_being_told_where()
    {
        // Tokens 1 and 2 say label 1 and 2, tokens 0 and 3 nothing.
        var (set, random) = (TrainingSet.OfTokens(), new Random(5));
        for (var i = 0; i < 60; i++)
        {
            int[] tokens = [.. Enumerable.Range(0, 4 + random.Next(5)).SelectMany(_ => new[] { random.Next(4), 3 })];
            set.AddLabels(tokens, tokens.Where(token => token is 1 or 2).ToArray());
        }

        var model = new TableModel();
        var trainer = new Trainer<TableModel>(model, Loss.Ctc, new Adam(0.2)) { BatchSize = 8 };
        var before = trainer.Evaluate(set);
        trainer.Fit(set, null, 60);
        Assert.InRange(trainer.Evaluate(set), 0, 0.02 * before);
        float[][] rows = [.. model.Core.Parameters.Values.ToArray().Chunk(3)];
        Assert.Equal([0, 1, 2, 0], rows.Select(row => Array.IndexOf(row, row.Max())));
    }

    [Fact]
    public void A_loss_of_ones_own_trains_too()
    {
        // The model is y = W x + b: with the loss y itself a step of rate 1 takes the last x off W, and 1 off b.
        var set = TrainingSet.OfRows(2);
        set.Add(new float[] { 1, 2, 3, 4 }, new float[2]);
        set.Add(new float[] { 9, 9 }, new float[1], weight: 0);
        var model = new LinearModel();
        var result = new Trainer<LinearModel>(model, new OutputItself { Window = LossWindow.Last() }, new Sgd(1)).Fit(set, null, 2);
        Assert.Equal([0, -26], result.TrainingLosses);
        Assert.Equal([-6, -8, -2], model.Core.Parameters.Values.ToArray());
    }

    private sealed class OutputItself : Loss
    {
        public override TargetKind TargetKind => TargetKind.Values;

        protected override double Weigh(LossTargets target, LossShape shape) =>
            shape.Batch == 1 ? shape.WeightOf(0) : shape.WeightOf(0) + shape.WeightOf(1);

        protected override double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale)
        {
            gradient.Clear();
            var sum = 0.0;
            for (var b = 0; b < shape.Batch; b++)
            {
                var (start, end) = shape.StepsOf(b);
                for (var row = (start * shape.Batch) + b; row < end * shape.Batch; row += shape.Batch)
                {
                    sum += shape.WeightOf(b) * output[row];
                    if (!gradient.IsEmpty)
                    {
                        gradient[row] = (float)(shape.WeightOf(b) * scale);
                    }
                }
            }

            return sum;
        }
    }
}
