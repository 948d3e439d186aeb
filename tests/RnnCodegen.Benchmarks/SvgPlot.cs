using System.Globalization;
using System.Security;
using System.Text;

namespace RnnCodegen.Benchmarks;

/// <summary>How a line is drawn.</summary>
internal enum PlotStyle
{
    /// <summary>A few points that are marked, and the line's slope in the legend.</summary>
    Marked,

    /// <summary>Many points that are not.</summary>
    Plain,

    /// <summary>Dashes.</summary>
    Dashed,
}

/// <summary>A line of a plot.</summary>
/// <param name="Name">In its legend.</param>
/// <param name="Points">By x.</param>
internal sealed record PlotLine(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>How it is drawn.</summary>
    public PlotStyle Style { get; init; }

    /// <summary>Whether its points are marked, and stand at ticks.</summary>
    public bool IsMarked => Style == PlotStyle.Marked;

    /// <summary>d log y / d log x, by least squares over the upper half of the points.</summary>
    public double Slope
    {
        get
        {
            var upper = Points.Skip(Points.Count / 2).Select(p => (X: Math.Log(p.X), Y: Math.Log(p.Y))).ToList();
            var (x, y) = (upper.Average(p => p.X), upper.Average(p => p.Y));
            return upper.Sum(p => (p.X - x) * (p.Y - y)) / upper.Sum(p => (p.X - x) * (p.X - x));
        }
    }
}

/// <summary>Writes a plot with logarithmic axes as SVG, on a white ground, readable on any page.</summary>
internal sealed class SvgPlot
{
    private const int Width = 560;
    private const int Height = 360;
    private const int Left = 76;
    private const int Right = 20;
    private const int Top = 36;
    private const int Bottom = 48;
    private static readonly string[] Colors = ["#1f77b4", "#d1495b", "#2a9d5c", "#8a5bc7"];

    private readonly StringBuilder _text = new();
    private readonly (double Low, double High) _x;
    private readonly (double Low, double High) _y;

    private SvgPlot(IReadOnlyList<PlotLine> lines)
    {
        var points = lines.SelectMany(l => l.Points).ToList();
        _x = (Math.Log10(points.Min(p => p.X)), Math.Log10(points.Max(p => p.X)));
        _y = (Math.Floor(Math.Log10(points.Min(p => p.Y))), Math.Ceiling(Math.Log10(points.Max(p => p.Y))));
    }

    /// <summary>The file's text. The x axis has ticks at the points of the marked lines unless they are given.</summary>
    public static string Write(string title, string xAxis, string yAxis, IReadOnlyList<PlotLine> lines, double[]? ticks = null)
    {
        var plot = new SvgPlot(lines);
        plot.Axes(title, xAxis, yAxis, ticks ?? [.. lines.Where(l => l.IsMarked).SelectMany(l => l.Points.Select(p => p.X)).Distinct()]);
        for (var k = 0; k < lines.Count; k++)
        {
            plot.Draw(lines[k], lines[k].Style == PlotStyle.Dashed ? "#888888" : Colors[k % Colors.Length], k);
        }

        return plot._text.Append("</svg>\n").ToString();
    }

    private void Axes(string title, string xAxis, string yAxis, double[] ticks)
    {
        const string Font = "font-family=\"sans-serif\" font-size=\"12\"";
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" {Font}>");
        Add($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        Label(Width / 2.0, 20, "middle", title, 14);
        Label((Left + Width - Right) / 2.0, Height - 10, "middle", xAxis);
        var (middle, text) = ((Top + Height - Bottom) / 2, SecurityElement.Escape(yAxis));
        Add($"<text x=\"16\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {middle})\">{text}</text>");
        foreach (var x in ticks)
        {
            Rule(X(x), Top, X(x), Height - Bottom);
            Label(X(x), Height - Bottom + 18, "middle", x.ToString(CultureInfo.InvariantCulture));
        }

        for (var power = _y.Low; power <= _y.High; power++)
        {
            var y = Math.Pow(10, power);
            Rule(Left, Y(y), Width - Right, Y(y));
            Label(Left - 8, Y(y) + 4, "end", y.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Draw(PlotLine line, string color, int index)
    {
        var points = string.Join(' ', line.Points.Select(p => FormattableString.Invariant($"{X(p.X):F1},{Y(p.Y):F1}")));
        var dashes = line.Style == PlotStyle.Dashed ? " stroke-dasharray=\"5 4\"" : string.Empty;
        Add($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashes}/>");
        foreach (var (x, y) in line.IsMarked ? line.Points : [])
        {
            Add($"<circle cx=\"{X(x):F1}\" cy=\"{Y(y):F1}\" r=\"3\" fill=\"{color}\"/>");
        }

        var row = Top + 18 + (18 * index);
        var (y0, style) = (row - 4, $"stroke=\"{color}\" stroke-width=\"2\"{dashes}");
        Add($"<line x1=\"{Left + 12}\" y1=\"{y0}\" x2=\"{Left + 36}\" y2=\"{y0}\" {style}/>");
        Label(Left + 42, row, "start", line.IsMarked ? FormattableString.Invariant($"{line.Name}, slope {line.Slope:F2}") : line.Name);
    }

    private double X(double value) => Left + ((Math.Log10(value) - _x.Low) / (_x.High - _x.Low) * (Width - Left - Right - 16)) + 8;

    private double Y(double value) => Height - Bottom - ((Math.Log10(value) - _y.Low) / (_y.High - _y.Low) * (Height - Top - Bottom));

    private void Rule(double x1, double y1, double x2, double y2) =>
        Add($"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" stroke=\"#dddddd\"/>");

    private void Label(double x, double y, string anchor, string text, int size = 12) =>
        Add($"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{SecurityElement.Escape(text)}</text>");

    private void Add(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
