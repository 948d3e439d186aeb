using RnnCodegen.Cuda.Tests;
using RnnCodegen.PtxMachine;
using Xunit;

namespace RnnCodegen.CudaTraining.Tests;

/// <summary>What crosses over in an update.</summary>
public class TrafficTests
{
    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Inputs_and_targets_go_there_and_a_few_numbers_come_back(int batches)
    {
        const int Samples = 4, Steps = 3, Updates = 4;
        var random = new Random(2);
        var set = TrainingSet.OfRows(2);
        for (var n = 0; n < Samples * batches; n++)
        {
            set.Add(Values(2 * Steps), Values(4 * Steps));
        }

        using var driver = new SoftwareDriver();
        var model = OnDevice.Place(OnDevice.Model<Rows>(), driver);
        var traffic = new Traffic(driver);
        new Trainer<Rows>(model, Loss.MeanSquaredError, new Adam(0.01)) { BatchSize = Samples, BatchesPerUpdate = batches }
            .Fit(set, null, Updates, traffic);
        OnDevice.End(model);
        driver.RequireClean();

        // Besides rows and targets: addresses and sizes of the pass, the loss and the step, in pieces of 256 bytes.
        long data = sizeof(float) * Samples * Steps * (2 + 4) * batches;
        Assert.All(traffic.Updates.Skip(1), update => Assert.InRange(update.There, data, data + (batches * 2048) + 1024));
        Assert.All(traffic.Updates.Skip(1), update => Assert.InRange(update.Back, 8, batches * 64 + 32));
        Assert.Equal(Updates, traffic.Updates.Count);

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
    }

    private sealed class Traffic(SoftwareDriver driver) : IProgress<TrainingProgress>
    {
        private (long There, long Back) _last;

        public List<(long There, long Back)> Updates { get; } = [];

        public void Report(TrainingProgress value)
        {
            Updates.Add((driver.BytesToDevice - _last.There, driver.BytesToHost - _last.Back));
            _last = (driver.BytesToDevice, driver.BytesToHost);
        }
    }
}
