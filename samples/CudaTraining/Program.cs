using CudaTraining;
using Samples;
using static System.FormattableString;

// Trains a forecaster of a chaotic series on the GPU, if there is one; if not, it says why. Then it trains the same on the CPU.
return new SampleCommand(
    "CudaTraining", "Trains the same model on a GPU and on the CPU.", "none: the series is computed.").Run(args, run =>
{
    var steps = ChaosSeries.Window * (run.IsShort ? 60 : 400);
    var test = new ChaosSeries(steps / 4, run.Seed + 1000);
    var contest = new Contest(new ChaosSeries(steps, run.Seed).Windows(), test.Windows(), run.IsShort ? 6 : 30, run.Seed);
    List<Contest.TrainedOutcome> outcomes = [];

    using (var onGpu = new ChaosForecaster(run.Seed).TryToCuda(out var reason))
    {
        Console.WriteLine(onGpu is null ? $"No GPU is used: {reason}" : reason);
        if (onGpu is not null)
        {
            outcomes.Add(contest.Run(onGpu));
            onGpu.Save(run.File("gpu.safetensors"));
        }
    }

    var onCpu = new ChaosForecaster(run.Seed);
    outcomes.Add(contest.Run(onCpu));
    onCpu.Save(run.File("cpu.safetensors"));

    var simple = test.ErrorOfNoChange();
    foreach (var outcome in outcomes)
    {
        run.Score(
            $"error {ChaosSeries.Ahead} steps ahead, standard deviations, trained on {outcome.Device}", Invariant($"{outcome.Error:F3}"),
            Invariant($"no change: {simple:F3}"), "less", run.IsShort ? null : outcome.Error < simple);
        run.Score($"training on {outcome.Device}", Invariant($"{outcome.Time.TotalSeconds:F1} s"));
    }
});
