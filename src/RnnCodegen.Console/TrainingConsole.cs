using System.Globalization;
using Spectre.Console;

namespace RnnCodegen;

/// <summary>
/// Shows training on a console: a line a validation or epoch, and on a terminal below these a live bar with the numbers of the last update.
/// What stands out, an exploding gradient norm, gets a line of its own. A star marks the best validation so far, beside the value that
/// early stopping watches.
/// </summary>
public static class TrainingConsole
{
    /// <summary>Runs a training and shows what it reports.</summary>
    /// <param name="train">Trains, e.g. <c>progress => trainer.Fit(training, validation, 20, progress)</c>.</param>
    /// <param name="console">Where to; the process' own console where null.</param>
    /// <returns>What <paramref name="train"/> returns.</returns>
    public static TrainingResult Run(Func<IProgress<TrainingProgress>, TrainingResult> train, IAnsiConsole? console = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        console ??= AnsiConsole.Console;
        var isLive = console.Profile.Capabilities is { Interactive: true, Ansi: true };
        var result = isLive ? RunLive(train, console) : train(new Receiver(progress => Write(progress, console)));
        WriteLine(console, Summarize(result));
        return result;
    }

    private static TrainingResult RunLive(Func<IProgress<TrainingProgress>, TrainingResult> train, IAnsiConsole console) =>
        console.Progress()
            .Columns(
                new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new TrainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask("training");
                return train(new Receiver(progress =>
                {
                    task.MaxValue = (double)progress.Epochs * progress.Batches;
                    task.Value = ((progress.Epoch - 1.0) * progress.Batches) + progress.Batch;
                    task.Description = Markup.Escape(Describe(progress));
                    task.State.Update<TimeSpan>(TrainingTimeColumn.Key, _ => progress.Remaining);
                    if (progress.IsExploding)
                    {
                        console.MarkupLine($"[yellow]{Markup.Escape(Warn(progress))}[/]");
                    }

                    // Goes above the bar and stays there.
                    if (IsKept(progress))
                    {
                        console.WriteLine(Describe(progress));
                    }
                }));
            });

    private static void Write(in TrainingProgress progress, IAnsiConsole console)
    {
        if (progress.IsExploding)
        {
            WriteLine(console, Warn(progress));
        }

        if (IsKept(progress))
        {
            WriteLine(console, Describe(progress));
        }
    }

    /// <summary>Whether a report is one that is kept for reading: of a validation, or of an epoch's end.</summary>
    private static bool IsKept(in TrainingProgress progress) => progress.IsValidated || progress.Batch == progress.Batches;

    /// <summary>A line as it is, never broken to the console's width.</summary>
    private static void WriteLine(IAnsiConsole console, string line) => console.Profile.Out.Writer.WriteLine(line);

    private static string Describe(in TrainingProgress p)
    {
        var width = p.Epochs.ToString(CultureInfo.InvariantCulture).Length;
        List<string> parts =
        [
            Invariant($"epoch {p.Epoch.ToString(CultureInfo.InvariantCulture).PadLeft(width)}/{p.Epochs}"),
            $"loss {Number(p.Loss)}",
        ];
        if (p.ValidationLoss is { } validation)
        {
            var watched = p.Monitored;
            var best = p.IsBest;
            parts.Add($"validation {Number(validation)}{Mark(null)}");
            parts.AddRange(p.Metrics.Select(m => $"{m.Name} {Number(m.Value)}{Mark(m.Name)}"));

            // Room is kept for the star where it may come, so that lines stand in columns.
            string Mark(string? name) => name != watched ? "" : best ? "*" : " ";
        }

        parts.Add(Invariant($"norm {p.GradientNorm:G3}"));
        parts.Add(Invariant($"rate {p.LearningRate:G3}"));
        parts.Add(Invariant($"{p.SamplesPerSecond:N0} samples/s"));
        return string.Join("  ", parts);
    }

    private static string Warn(in TrainingProgress p) => Invariant(
        $"exploding gradient: norm {p.GradientNorm:G4} in epoch {p.Epoch}, batch {p.Batch}, is far above those before it");

    private static string Summarize(TrainingResult result)
    {
        var end = result.StoppedEarly ? ", stopped early" : "";
        var best = result.BestEpoch is { } epoch
            ? $"; best epoch {epoch}, {result.Monitored ?? "validation"} {Number(result.BestValue!.Value)}"
            : "";
        var placement = result.Placement is { } sentence ? $". {sentence}" : "";
        return Invariant(
            $"{result.TrainingLosses.Count} epochs, {result.Updates} updates in {result.Elapsed.TotalSeconds:F1} s{end}{best}{placement}");
    }

    /// <summary>Four decimals, so that lines stand in columns, where these say enough.</summary>
    private static string Number(double value) =>
        value.ToString(Math.Abs(value) is >= 0.01 and < 10_000 ? "F4" : "G4", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Passes what the trainer reports on at once, on its own thread.</summary>
    private sealed class Receiver(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
