using Samples;
using ScottPlot;

namespace AmpModel;

/// <summary>A moment of the test recording as a picture.</summary>
static class Drawing
{
    /// <summary>Writes a PNG of the loudest 20 ms: what went in, what the circuit made of it, what the model did.</summary>
    public static void Save(string path, Pair pair, float[] model)
    {
        var length = pair.Rate / 50;
        var start = Enumerable.Range(0, pair.Wet.Length / length)
            .MaxBy(part => pair.Wet.AsSpan(part * length, length).ToArray().Sum(sample => (double)sample * sample)) * length;
        var plot = new Plot();
        Add(pair.Dry, "dry", Pictures.Palette[0], 1.5f);
        Add(pair.Wet, "circuit", Pictures.Palette[1], 4);
        Add(model, "LSTM", Pictures.Palette[2], 1.5f);
        plot.XLabel("ms");
        plot.ShowLegend(Edge.Right);
        plot.Axes.Margins(0, 0.05);
        Pictures.Dress(plot, "Dry guitar, circuit and model");
        plot.SavePng(path, 1000, 420);

        void Add(float[] samples, string name, Color color, float width)
        {
            var line = plot.Add.Signal(samples[start..(start + length)], 1000.0 / pair.Rate, color);
            (line.LegendText, line.LineWidth) = (name, width);
        }
    }
}
