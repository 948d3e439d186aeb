using EdgeMonitor;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>The monitor of samples/EdgeMonitor, on shorter series.</summary>
public class EdgeMonitorTests
{
    [Fact]
    public void The_embedded_weights_answer_as_recorded() => Assert.True(PumpMonitor.LoadEmbedded().SelfTest().Passed);

    [Fact]
    public void A_series_has_a_fault_in_every_thousand_steps_and_the_same_one_for_the_same_seed()
    {
        List<Fault> faults = [], again = [];
        Assert.Equal(Pump.Site.Measure(4000, 1, faults), Pump.Site.Measure(4000, 1, again));
        Assert.Equal(Pump.Faults, faults.Select(f => f.Kind));
        Assert.Equal(faults, again);
        Assert.NotEqual(Pump.Site.Measure(4000, 1), Pump.Site.Measure(4000, 2));
    }

    [Fact]
    public void A_head_that_was_tuned_and_saved_finds_more_faults_with_no_more_false_alarms()
    {
        var folder = Directory.CreateTempSubdirectory("monitor").FullName;
        try
        {
            var model = PumpMonitor.LoadEmbedded();
            List<Fault> faults = [];
            var readings = Pump.Site.Measure(8000, seed: 6, faults);
            var asDelivered = new WatchReport(model, readings, faults);
            var (before, after) = Learning.OfHead(model, Pump.Site.Measure(2000, seed: 7), epochs: 20);
            model.Save(Path.Combine(folder, "monitor.safetensors"));
            var loaded = PumpMonitor.Load(Path.Combine(folder, "monitor.safetensors"));
            var tuned = new WatchReport(loaded, readings, faults);

            Assert.True(after < 0.3 * before, $"loss {before} -> {after}");
            Assert.True(tuned.Found > asDelivered.Found && tuned.Found >= 7, $"{asDelivered.Found} -> {tuned.Found} of 8");
            Assert.True(tuned.FalseAlarms <= Math.Max(1, asDelivered.FalseAlarms), $"{tuned.FalseAlarms} false alarms");
            Assert.Single(Directory.GetFileSystemEntries(folder));
            foreach (var (now, delivered) in loaded.Parameters.Tensors.Zip(PumpMonitor.LoadEmbedded().Parameters.Tensors))
            {
                var isHead = now.Name.StartsWith(nameof(PumpMonitor.Head), StringComparison.Ordinal);
                Assert.Equal(isHead, !now.Values.SequenceEqual(delivered.Values));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_step_with_its_score_allocates_nothing()
    {
        using var watch = new Watch(PumpMonitor.LoadEmbedded());
        float[] reading = [0.1f, 0.2f, 0.3f];
        watch.Step(reading);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            watch.Step(reading);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
