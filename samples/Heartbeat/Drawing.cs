using Samples;
using ScottPlot;

namespace Heartbeat;

/// <summary>Some seconds of a recording and what was recognised in them.</summary>
static class Drawing
{
    /// <summary>Writes a PNG of ten seconds, around the recording's middle premature beat.</summary>
    public static void Save(string path, Recording recording, HeartNet model)
    {
        Beat[] early = [.. recording.Beats.Where(beat => beat.Kind != BeatKind.Normal)];
        var middle = early.Length > 0 ? early[early.Length / 2].Sample : recording.Samples.Length / 2;
        var from = Math.Clamp(middle - (5 * Recording.Rate), 0, recording.Samples.Length - (10 * Recording.Rate));
        var to = from + (10 * Recording.Rate);
        using var monitor = new HeartMonitor(model);
        var found = new List<Beat>();
        foreach (var sample in recording.Samples.AsSpan(0, Math.Min(recording.Samples.Length, to + Recording.Rate)))
        {
            if (monitor.Next(sample, out var beat))
            {
                found.Add(beat);
            }
        }

        var plot = new Plot();
        plot.Add.Signal(recording.Samples[from..to], 1.0 / Recording.Rate, Pictures.Ink);
        var top = recording.Samples[from..to].Max() + 0.3;
        Mark("in truth", recording.Beats, top + 0.25, MarkerShape.OpenCircle);
        Mark("recognised", found, top, MarkerShape.FilledCircle);
        plot.XLabel("seconds");
        plot.YLabel("mV");
        Pictures.Dress(plot, "Beats: normal (teal), premature of the atria (yellow) and of the ventricles (red)");
        plot.Axes.SetLimitsX(-1, 10.1);
        plot.SavePng(path, 1400, 480);

        void Mark(string name, IEnumerable<Beat> beats, double height, MarkerShape shape)
        {
            foreach (var beat in beats.Where(beat => beat.Sample >= from && beat.Sample < to))
            {
                var color = Pictures.Palette[beat.Kind switch { BeatKind.Normal => 2, BeatKind.Atrial => 1, _ => 3 }];
                plot.Add.Marker((beat.Sample - from) / (double)Recording.Rate, height, shape, 12, color);
            }

            var text = plot.Add.Text(name, -0.1, height);
            (text.Alignment, text.LabelFontSize, text.LabelFontColor) = (Alignment.MiddleRight, 14, Pictures.Ink);
        }
    }
}
