using System.Globalization;
using Spectre.Console;
using Xunit;
using RnnCodegen.Tests.Training;
using static RnnCodegen.Tests.Training.LinearData;

namespace RnnCodegen.Training.Tests;

/// <summary>The console display: plain lines where output is redirected, a live bar on a terminal.</summary>
public sealed class TrainingConsoleTests
{
    private static readonly TrainingSet Set5 = Set(Samples([1, 2, 3, 4, 5], new Random(1)));

    [Fact]
    public void Redirected_output_gets_a_line_an_epoch_and_one_at_the_end()
    {
        var writer = new StringWriter(CultureInfo.InvariantCulture);
        var result = Train(Create(writer, live: false), 3);
        string[] lines = [.. writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r'))];
        Assert.Equal(4, lines.Length);
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            Assert.StartsWith(
                FormattableString.Invariant(
                    $"epoch {epoch}/3  loss {result.TrainingLosses[epoch - 1]:F4}  validation {result.ValidationLosses[epoch - 1]:F4}"),
                lines[epoch - 1], StringComparison.Ordinal);
            Assert.Contains("MAE ", lines[epoch - 1], StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', lines[epoch - 1]);
        }

        Assert.StartsWith("3 epochs, 9 updates in ", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_gets_a_live_bar()
    {
        var writer = new StringWriter(CultureInfo.InvariantCulture);
        Train(Create(writer, live: true), 3);
        Assert.Contains("epoch 3/3", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains('\u001b', writer.ToString());
    }

    [Fact]
    public void A_terminal_keeps_a_line_an_epoch()
    {
        var writer = new StringWriter(CultureInfo.InvariantCulture);
        var result = Train(Create(writer, live: true), 3);
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            // The live line is drawn with codes around it; this one is whole, as where output is redirected.
            Assert.Contains(
                FormattableString.Invariant(
                    $"epoch {epoch}/3  loss {result.TrainingLosses[epoch - 1]:F4}  validation {result.ValidationLosses[epoch - 1]:F4}"),
                writer.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_star_stands_beside_what_is_watched()
    {
        Assert.Contains("0.5000*  MAE 2.0000  norm", Line(null), StringComparison.Ordinal);
        Assert.Contains("0.5000  MAE 2.0000*  norm", Line("MAE"), StringComparison.Ordinal);

        static string Line(string? monitored)
        {
            var writer = new StringWriter(CultureInfo.InvariantCulture);
            TrainingConsole.Run(
                progress =>
                {
                    progress.Report(new TrainingProgress
                    {
                        Epoch = 1, Epochs = 1, Batch = 1, Batches = 1, Update = 1, Loss = 1, ValidationLoss = 0.5f,
                        Metrics = [new MetricValue("MAE", 2)],
                        IsValidated = true, IsBest = true, Monitored = monitored, GradientNorm = 1, LearningRate = 1, SamplesPerSecond = 1,
                        Elapsed = default, Remaining = default,
                    });
                    return Train(Create(new StringWriter(CultureInfo.InvariantCulture), live: false), 1);
                },
                Create(writer, live: false));
            return writer.ToString();
        }
    }

    [Fact]
    public void What_the_training_throws_comes_through()
    {
        var console = Create(new StringWriter(CultureInfo.InvariantCulture), live: true);
        Assert.Throws<InvalidOperationException>(() => TrainingConsole.Run(_ => throw new InvalidOperationException(), console));
    }

    private static TrainingResult Train(IAnsiConsole console, int epochs) => TrainingConsole.Run(
        progress => new Trainer<LinearModel>(new LinearModel(), Loss.MeanSquaredError,
            new Sgd(0.01)) { BatchSize = 2, Metrics = [new MeanAbsoluteError()] }
            .Fit(Set5, Set5, epochs, progress),
        console);

    private static IAnsiConsole Create(TextWriter writer, bool live)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = live ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = live ? InteractionSupport.Yes : InteractionSupport.No,
        });
        console.Profile.Width = 200;
        return console;
    }
}
