using CudaTraining;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The short version of samples/CudaTraining, on the CPU.</summary>
public sealed class CudaTrainingTests
{
    [Fact]
    public void A_short_training_forecasts_better_than_no_change()
    {
        var test = new ChaosSeries(ChaosSeries.Window * 15, seed: 1001);
        var contest = new Contest(new ChaosSeries(ChaosSeries.Window * 60, seed: 1).Windows(), test.Windows(), Epochs: 6, Seed: 1);

        var outcome = contest.Run(new ChaosForecaster(seed: 1));

        Assert.Equal("CPU", outcome.Device);
        Assert.InRange(outcome.Error, 0.01, 0.7 * test.ErrorOfNoChange());
    }

    [Fact]
    public void Where_there_is_no_GPU_the_sample_can_say_why()
    {
        using var onGpu = new ChaosForecaster(seed: 1).TryToCuda(out var reason);
        Assert.EndsWith(".", reason, StringComparison.Ordinal);
        Assert.True(onGpu is null || onGpu.IsCuda);
    }
}
