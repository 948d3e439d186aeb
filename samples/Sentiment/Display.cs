using RnnCodegen;
using Samples;
using ScottPlot;
using Spectre.Console;

namespace Sentiment;

/// <summary>What the program shows.</summary>
static class Display
{
    /// <summary>Fits all folds with a bar, and a line for each that is done.</summary>
    public static List<FoldResult> Run(IReadOnlyList<Fold> folds, int epochs) => AnsiConsole.Progress().Start(context =>
    {
        var task = context.AddTask($"{folds.Count} folds", maxValue: folds.Count);
        var results = new List<FoldResult>();
        foreach (var fold in folds)
        {
            results.Add(FoldResult.Of(fold, epochs, new Within(task, results.Count)));
            task.Value = results.Count;
            var (gru, bag) = Judged.Accuracy(results[^1].Test);
            AnsiConsole.WriteLine($"fold {results.Count,2}: GRU {gru:P1}, bag of words {bag:P1}");
        }

        return results;
    });

    /// <summary>The sentences that the GRU is most wrong about, and of the others those that the bag of words is.</summary>
    public static void Mistakes(IEnumerable<Judged> judged)
    {
        var table = new Table().RoundedBorder().Title("Told wrong: the probability of praise").AddColumn("sentence").AddColumn("is");
        table.AddColumn(new TableColumn("GRU").RightAligned()).AddColumn(new TableColumn("bag of words").RightAligned());
        var byGru = judged.Where(one => one.GruError > 0.5f).OrderByDescending(one => one.GruError).Take(5);
        var byBag = judged.Where(one => one.GruError <= 0.5f && one.BagError > 0.5f).OrderByDescending(one => one.BagError).Take(5);
        foreach (var one in byGru.Concat(byBag))
        {
            table.AddRow(
                Markup.Escape(one.Sentence.Text), one.Sentence.IsPositive ? "positive" : "negative", $"{one.Gru:P0}", $"{one.Bag:P0}");
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The probability after each word, as bars.</summary>
    public static void WordByWord(string[] words, float[] probabilities)
    {
        AnsiConsole.WriteLine("Probability that it praises, had the sentence ended after the word:");
        for (var at = 0; at < words.Length; at++)
        {
            var bar = new string('\u2588', (int)Math.Round(40 * probabilities[at]));
            AnsiConsole.WriteLine($"  {words[at],-14} {probabilities[at],6:P0} {bar}");
        }
    }

    /// <summary>Writes the same as a picture.</summary>
    public static void SaveWordByWord(string path, string[] words, float[] probabilities)
    {
        var plot = new Plot();
        var places = Enumerable.Range(0, words.Length).Select(at => (double)at).ToArray();
        var line = plot.Add.Scatter(places, probabilities.Select(p => (double)p).ToArray(), Pictures.Palette[2]);
        (line.LineWidth, line.MarkerSize) = (3, 11);
        plot.Add.HorizontalLine(0.5, 2, Pictures.Palette[0]);
        Pictures.Name(plot.Axes.Bottom, words.Select((word, at) => ((double)at, word)));
        plot.Axes.SetLimitsY(-0.03, 1.03);
        plot.YLabel("probability of praise");
        Pictures.Dress(plot, "Had the sentence ended here");
        plot.SavePng(path, 1000, 420);
    }

    // The GRU's epochs within the bar of all folds.
    private sealed class Within(ProgressTask task, int done) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            task.Value = done + ((value.Epoch - 1 + (value.Batch / (double)value.Batches)) / value.Epochs);
    }
}
