using RnnCodegen;
using Spectre.Console;

namespace LstmVsGru;

/// <summary>Shows a sweep: a line for each training as it ends, and on a terminal a bar below them.</summary>
internal static class StudyProgress
{
    /// <summary>Does a worker's part of a sweep.</summary>
    public static void Run(string name, Sweep<Trial> sweep, string path, SweepWorker worker)
    {
        var done = 0;
        if (AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true })
        {
            AnsiConsole.Progress()
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    var task = context.AddTask(name, maxValue: ((sweep.Count - 1 - worker.Index) / worker.Count) + 1);
                    done = sweep.Run(path, worker, new Lines(_ => task.Increment(1))).Count;
                });
        }
        else
        {
            done = sweep.Run(path, worker, new Lines(_ => { })).Count;
        }

        Console.WriteLine($"{name}, worker {worker.Index} of {worker.Count}: {done} of {sweep.Count} trainings done now");
    }

    private sealed class Lines(Action<SweepResult> then) : IProgress<SweepResult>
    {
        public void Report(SweepResult value)
        {
            AnsiConsole.WriteLine(FormattableString.Invariant(
                $"{value.Setting}; seed {value.Seed}: {value.Error ?? $"score {value["score"]:G4}"} in {value.Seconds:F1} s"));
            then(value);
        }
    }
}
