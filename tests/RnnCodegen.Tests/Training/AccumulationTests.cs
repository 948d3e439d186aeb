using Xunit;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Tests.Training;

/// <summary>Several batches that make one update are one large batch.</summary>
public sealed class AccumulationTests
{
    private static readonly int[] Lengths = [3, 1, 5, 5, 2, 4, 1, 6, 2, 3, 4];

    [Fact]
    public void Batches_of_unequal_weight_add_up_to_one_large_batch()
    {
        // The last update of each epoch has 3 samples in two batches, of the large batch's 4.
        var (small, large) = (Train(2, 2, Loss.MeanSquaredError), Train(4, 1, Loss.MeanSquaredError));
        Near(large, small);
        Assert.NotEqual(large.Parameters, Train(2, 1, Loss.MeanSquaredError).Parameters);

        // Sums need no division.
        var sum = new MeanSquaredErrorLoss { Reduction = Reduction.Sum };
        Assert.Equal(Train(4, 1, sum).Parameters[0], Train(2, 2, sum).Parameters[0], 1e-6f);
    }

    [Fact]
    public void Sample_weights_count_across_batches()
    {
        float[] weights = [.. Enumerable.Range(0, Lengths.Length).Select(i => i % 3 * 0.25f)];
        Near(Train(4, 1, Loss.MeanSquaredError, weights), Train(1, 4, Loss.MeanSquaredError, weights));
    }

    private static void Near((float[] Parameters, float[] Losses, float[] Norms) a, (float[] Parameters, float[] Losses, float[] Norms) b)
    {
        foreach (var (x, y) in new[] { (a.Parameters, b.Parameters), (a.Losses, b.Losses), (a.Norms, b.Norms) })
        {
            Assert.Equal(x.Length, y.Length);
            for (var i = 0; i < x.Length; i++)
            {
                Assert.Equal(x[i], y[i], 2e-6f * Math.Max(1, Math.Abs(x[i])));
            }
        }
    }

    private static (float[] Parameters, float[] Losses, float[] Norms) Train(int batchSize, int batchesPerUpdate, Loss loss,
        float[]? weights = null)
    {
        var set = TrainingSet.OfRows(2);
        foreach (var ((x, y), i) in Samples(Lengths, new Random(2)).Select((s, i) => (s, i)))
        {
            set.Add(x, y, weights?[i] ?? 1);
        }

        var (model, reports) = (new LinearModel(), new Reports());
        var trainer = new Trainer<LinearModel>(model, loss,
            new Sgd(0.01)) { BatchSize = batchSize, BatchesPerUpdate = batchesPerUpdate, Seed = 4 };
        var result = trainer.Fit(set, set, 3, reports);
        return (
            model.Core.Parameters.Values.ToArray(), [.. result.TrainingLosses, .. result.ValidationLosses],
            [.. reports.Select(r => r.GradientNorm)]);
    }
}
