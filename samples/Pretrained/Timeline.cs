using Samples;
using ScottPlot;

namespace Pretrained;

/// <summary>A recording, and under it how probable a voice is.</summary>
static class Timeline
{
    private const int Columns = 1000;

    public static void Save(string path, string title, float[] samples, float[] probability, int hop)
    {
        var plot = new Plot();
        var each = Math.Max(1, samples.Length / Columns);
        var peaks = samples.Chunk(each).Select(part => 1.5 + part.Max(Math.Abs)).ToArray();
        var wave = plot.Add.Signal(peaks, each / (double)Sound.Rate, Pictures.Palette[0]);
        wave.LegendText = "loudness";
        var line = plot.Add.Signal(probability, hop / (double)Sound.Rate, Pictures.Palette[2]);
        (line.LegendText, line.LineWidth, line.MaximumMarkerSize) = ("probability of a voice", 2, 0);
        plot.XLabel("seconds");
        plot.Axes.SetLimits(0, samples.Length / (double)Sound.Rate, -0.1, 2.8);
        Pictures.Name(plot.Axes.Left, [(0, "0"), (0.5, "0.5"), (1, "1")]);
        plot.ShowLegend(Alignment.UpperRight);
        Pictures.Dress(plot, title);
        plot.SavePng(path, 1200, 420);
    }
}
