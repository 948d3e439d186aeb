using RnnCodegen;
using Spectre.Console;

namespace CudaTraining;

/// <summary>One training, the same on each device: the data, its order and the first parameters are those of the seed.</summary>
sealed record Contest(TrainingSet Training, TrainingSet Test, int Epochs, int Seed)
{
    /// <summary>What came of it.</summary>
    /// <param name="Device">A GPU's name, or CPU.</param>
    /// <param name="Error">Root of the mean squared error on the test's series.</param>
    /// <param name="Time">The whole training.</param>
    public sealed record Outcome(string Device, double Error, TimeSpan Time);

    /// <summary>Trains a model where it is.</summary>
    public Outcome Run(ChaosForecaster model)
    {
        AnsiConsole.MarkupLine($"[bold]On {Markup.Escape(model.Device)}[/]");
        var trainer = new Trainer<ChaosForecaster>(model, Loss.MeanSquaredError, new AdamW(5e-3))
        {
            BatchSize = 16, ClipNorm = 1, Seed = Seed, Schedule = new CosineSchedule(Epochs * ((Training.Count + 15) / 16)),
        };
        var result = TrainingConsole.Run(progress => trainer.Fit(Training, Test, Epochs, progress));
        return new(model.Device, Math.Sqrt(trainer.Evaluate(Test)), result.Elapsed);
    }
}
