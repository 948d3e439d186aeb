using System.Globalization;

namespace RnnCodegen.Tool.Drawing;

/// <summary>
/// Draws a training's curves over its updates: the losses, each metric, the gradients' norm and the learning rate, a panel each.
/// </summary>
internal sealed class CurveChart
{
    private const double Width = 800;
    private const double Left = 64;
    private const double Right = 24;
    private const double Top = 34;
    private const double Gap = 48;

    // More points than there are places for them are drawn as the mean of those at a place.
    private const int MostPoints = 700;

    // From this ratio on a curve's small numbers would lie on the axis.
    private const double RatioOfLogarithms = 30;

    private readonly SvgPage _page;
    private readonly double[] _updates;
    private double _y = Top;
    private double _bottom;

    private CurveChart(LogFile log, string title)
    {
        _page = new SvgPage($"Training curves of {title}");
        _updates = log[LogFile.Update];
        Panel(170, ("training loss", log[LogFile.Loss]), ("validation loss", log[LogFile.ValidationLoss]));
        foreach (var metric in log.Metrics)
        {
            Panel(110, (metric, log[metric]));
        }

        Panel(80, ("gradient norm", log[LogFile.GradientNorm]));
        Panel(80, ("learning rate", log[LogFile.LearningRate]));
        _page.Text(Width / 2, _bottom + 38, "updates", "faint", "middle");
    }

    /// <summary>The picture as SVG.</summary>
    public static string Draw(LogFile log, string title)
    {
        var chart = new CurveChart(log, title);
        return chart._page.Text(Width, chart._bottom + 50);
    }

    private void Panel(double height, params (string Name, double[] Values)[] curves)
    {
        curves = [.. curves.Where(c => c.Values.Any(double.IsFinite))];
        if (curves.Length == 0)
        {
            return;
        }

        var all = curves.SelectMany(c => c.Values).Where(double.IsFinite).ToArray();
        var isLogarithmic = all.Min() > 0 && all.Max() / all.Min() > RatioOfLogarithms;
        var scale = ChartScale.Of(isLogarithmic ? Math.Log10(all.Min()) : all.Min(), isLogarithmic ? Math.Log10(all.Max()) : all.Max(),
            isLogarithmic, (int)(height / 22));
        var x = ChartScale.Of(Math.Min(_updates[0], _updates[^1]), _updates.Max(), isLogarithmic: false, 8);
        foreach (var tick in scale.Ticks)
        {
            var y = Y(isLogarithmic ? Math.Pow(10, tick) : tick);
            _page.Line(Left, y, Width - Right, y, "grid");
            _page.Text(Left - 8, y + 4, scale.Label(tick), "faint", "end");
        }

        foreach (var tick in x.Ticks)
        {
            _page.Line(X(tick), _y, X(tick), _y + height, "grid");
            _page.Text(X(tick), _y + height + 18, x.Label(tick), "faint", "middle");
        }

        _page.Line(Left, _y + height, Width - Right, _y + height, "axis");
        _page.Line(Left, _y, Left, _y + height, "axis");
        var at = Left;
        for (var i = 0; i < curves.Length; i++)
        {
            var (name, values) = curves[i];
            Curve(values, i);
            _page.Line(at, _y - 14, at + 18, _y - 14, $"line c{i}");
            var label = $"{name}: {Summary(values)}{(isLogarithmic && i == 0 ? " (logarithmic)" : "")}";
            _page.Text(at + 24, _y - 10, label, i == 0 ? "strong" : "");
            at += 24 + (7.2 * label.Length) + 20;
        }

        _bottom = _y + height;
        _y = _bottom + Gap + 14;

        double X(double update) => Left + (x.Part(update) * (Width - Left - Right));

        double Y(double value) => _y + height - (scale.Part(isLogarithmic ? Math.Log10(value) : value) * height);

        void Curve(double[] values, int colour)
        {
            // Values that come now and then, as those of validations do, are joined over the lines between them.
            var points = Thin([.. _updates.Zip(values).Where(p => double.IsFinite(p.Second))]).Select(p => (X(p.X), Y(p.Y))).ToArray();
            _page.Curve(points, $"line c{colour}");
            if (points.Length <= 60)
            {
                foreach (var (px, py) in points)
                {
                    _page.Dot(px, py, $"d{colour}");
                }
            }
        }
    }

    private static string Summary(double[] values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{known[^1]:G4} ({known.Min():G4} to {known.Max():G4})");
    }

    private static IEnumerable<(double X, double Y)> Thin((double X, double Y)[] points)
    {
        var each = (points.Length + MostPoints - 1) / MostPoints;
        return points.Chunk(Math.Max(1, each)).Select(part => (part.Average(p => p.X), part.Average(p => p.Y)));
    }
}
