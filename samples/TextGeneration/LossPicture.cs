using RnnCodegen;
using Samples;
using ScottPlot;

namespace TextGeneration;

/// <summary>The loss as the model learns, beside what the n-gram reaches.</summary>
static class LossPicture
{
    /// <summary>Writes a PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="training">What each epoch reached.</param>
    /// <param name="nGram">The n-gram's loss on the validation part.</param>
    public static void Save(string path, TrainingResult training, double nGram)
    {
        var plot = new Plot();
        double[] epochs = [.. Enumerable.Range(1, training.TrainingLosses.Count).Select(epoch => (double)epoch)];
        Line(training.TrainingLosses, Pictures.Palette[1], "model, training (with dropout)");
        Line(training.ValidationLosses, Pictures.Palette[2], "model, the last 10 % of the text");
        var beside = plot.Add.HorizontalLine(nGram, 2, Pictures.Palette[0]);
        beside.LegendText = "n-gram, the same part";
        Pictures.Name(plot.Axes.Bottom, epochs.Select(epoch => (epoch, $"{epoch}")));
        plot.XLabel("epoch");
        plot.YLabel("nats a character");
        plot.ShowLegend(Alignment.UpperRight);
        Pictures.Dress(plot, "Loss of the next character");
        plot.SavePng(path, 1000, 560);

        void Line(IReadOnlyList<float> losses, Color color, string name)
        {
            var line = plot.Add.Scatter(epochs, losses.Select(loss => (double)loss).ToArray(), color);
            line.LegendText = name;
            line.LineWidth = 2.5f;
        }
    }
}
