using RnnCodegen;
using Spectre.Console;

namespace Forecast;

/// <summary>Passes what the trainer reports on at once, on its own thread.</summary>
sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
{
    void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
}

/// <summary>Training as it goes on: a live bar on a terminal, a line an epoch elsewhere.</summary>
static class TrainingDisplay
{
    /// <summary>Runs the training, which reports to what it is given.</summary>
    public static void Show(Action<IProgress<TrainingProgress>> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || !AnsiConsole.Profile.Capabilities.Ansi)
        {
            train(new Report(progress =>
            {
                if (progress.Batch == progress.Batches)
                {
                    Display.Line(Describe(progress));
                }
            }));
            return;
        }

        AnsiConsole.Progress()
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask("training");
                train(new Report(progress =>
                {
                    task.MaxValue = progress.Epochs * progress.Batches;
                    task.Value = ((progress.Epoch - 1) * progress.Batches) + progress.Batch;
                    task.Description = Describe(progress);
                }));
            });
    }

    private static string Describe(TrainingProgress progress) =>
        $"epoch {progress.Epoch,2}/{progress.Epochs}  loss {progress.Loss:F4}  validation {progress.ValidationLoss:F4}  {progress.SamplesPerSecond:N0} windows/s";
}
