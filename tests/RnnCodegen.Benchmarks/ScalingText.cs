using System.Globalization;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>Cost against H, T and B: a plot and a table a series.</summary>
internal static class ScalingText
{
    private const double Microseconds = 1e6;

    /// <summary>The section and its plots.</summary>
    public static ReportSection Create(FamilyResult result)
    {
        var files = new Dictionary<string, string>();
        var text = Start(result.Family.Title);
        text.AppendLine(
            "Both axes are logarithmic: a straight line is a power, and its slope the exponent, fitted to the upper half of the points.");
        text.AppendLine(
            "The dashed line has the slope of the work itself: 1 where it grows with T or B, 2 where the weights grow with H and with I.");
        foreach (var series in Series.All)
        {
            var lines = Enum.GetValues<Cell>().Select(cell => LineOf(result, series, cell)).Where(l => l.Points.Count > 1).ToList();
            if (lines.Count == 0)
            {
                continue;
            }

            var file = $"images/cost-{series.Key}{Suffix}.svg";
            files[file] = SvgPlot.Write(series.Title, series.Axis, "us a call", [.. lines, Guide(series, lines[0])]);
            text.AppendLine().AppendLine($"![{series.Title}]({file})").AppendLine();
            text.AppendLine(
                Head([$"us a call, {series.Axis} =", .. lines[0].Points.Select(p => p.X.ToString(CultureInfo.InvariantCulture)), "slope"]));
            foreach (var line in lines)
            {
                text.AppendLine(
                    Line([line.Name, .. line.Points.Select(p => Number(p.Y)), line.Slope.ToString("F2", CultureInfo.InvariantCulture)]));
            }
        }

        return new ReportSection(result.Family.Name, text.ToString()) { Files = files };
    }

    private static PlotLine LineOf(FamilyResult result, Series series, Cell cell) => new(
        cell.ToString().ToUpperInvariant(),
        [
            .. from value in series.Values
               let seconds = result.Own(series.Create(cell, value))
               where seconds is not null
               select ((double)value, seconds.Value * Microseconds),
        ]);

    /// <summary>Through a line's last point.</summary>
    private static PlotLine Guide(Series series, PlotLine line)
    {
        var (x, y) = line.Points[^1];
        var name = series.Slope == 1 ? $"linear in {series.Axis}" : $"{series.Axis}^{series.Slope}, linear in the weights";
        return new PlotLine(name, [.. line.Points.Select(p => (p.X, y * Math.Pow(p.X / x, series.Slope)))]) { Style = PlotStyle.Dashed };
    }
}
