using ScottPlot;
using SkiaSharp;

namespace Forecast;

/// <summary>The test year as a picture: what came, what was said the day before, and how the forecasters compare.</summary>
static class ForecastPlot
{
    private static readonly Color Ink = Color.FromHex("#1f2933");
    private static readonly Color Faint = Color.FromHex("#e4e7eb");
    private static readonly Color[] Palette = [Color.FromHex("#9aa5b1"), Color.FromHex("#e2a03f"), Color.FromHex("#0b7285")];

    // ScottPlot's own choice among a Linux machine's fonts is often a serif.
    private static readonly string Sans =
        new[] { "Open Sans", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Liberation Sans" }
            .FirstOrDefault(SKFontManager.Default.FontFamilies.Contains) ?? Fonts.Default;

    /// <summary>Whether the picture has its text; a machine without any font draws none.</summary>
    public static bool HasText => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Writes a PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="days">The days shown.</param>
    /// <param name="usual">The season's high of each day.</param>
    /// <param name="forecast">What was said of each day the day before.</param>
    /// <param name="scores">The forecasters: naive, seasonal, and the model last.</param>
    public static void Save(string path, ReadOnlySpan<WeatherDay> days, double[] usual, double[] forecast, Scores[] scores)
    {
        var pictures = new Multiplot();
        pictures.AddPlots(2);
        var grid = new ScottPlot.MultiplotLayouts.CustomGrid();
        grid.Set(pictures.GetPlot(0), new GridCell(0, 0, 1, 3, 1, 2));
        grid.Set(pictures.GetPlot(1), new GridCell(0, 2, 1, 3, 1, 1));
        pictures.Layout = grid;
        DrawYear(pictures.GetPlot(0), days, usual, forecast);
        DrawScores(pictures.GetPlot(1), scores);
        pictures.SavePng(path, 1800, 760);
    }

    private static void DrawYear(Plot plot, ReadOnlySpan<WeatherDay> days, double[] usual, double[] forecast)
    {
        var dates = new DateTime[days.Length];
        var highs = new double[days.Length];
        for (var i = 0; i < days.Length; i++)
        {
            dates[i] = days[i].Date.ToDateTime(TimeOnly.MinValue);
            highs[i] = days[i].High;
        }

        var season = plot.Add.ScatterLine(dates, usual, Palette[1]);
        season.LegendText = "the season, 2012-2014";
        season.LineWidth = 3;

        var observed = plot.Add.ScatterPoints(dates, highs, Palette[0]);
        observed.LegendText = "observed";
        observed.MarkerSize = 7;

        var said = plot.Add.ScatterLine(dates, forecast, Palette[2]);
        said.LegendText = "forecast of the day before";
        said.LineWidth = 2.5f;

        Label(plot, dates.Where(date => date.Day == 15).Select(date => (date.ToOADate(), date.ToString("MMM"))));
        plot.Axes.Margins(0.01, 0.1);
        plot.YLabel("daily high, \u00b0C");
        plot.ShowLegend(Alignment.UpperLeft);
        Dress(plot, $"Seattle, {days[0].Date.Year}");
    }

    private static void DrawScores(Plot plot, Scores[] scores)
    {
        var horizon = scores[0].Rmse.Length;
        for (var s = 0; s < scores.Length; s++)
        {
            var bars = plot.Add.Bars(
                Enumerable.Range(0, horizon).Select(k => k * (scores.Length + 1.0) + s).ToArray(),
                scores[s].Rmse);
            bars.Color = Palette[s];
            bars.LegendText = scores[s].Name;
            foreach (var bar in bars.Bars)
            {
                bar.LineWidth = 0;
                bar.Size = 0.9;
                bar.Label = bar.Value.ToString("F1");
            }

            bars.ValueLabelStyle.FontSize = 15;
            bars.ValueLabelStyle.ForeColor = Ink;
        }

        Label(plot, Enumerable.Range(0, horizon)
            .Select(k => (k * (scores.Length + 1.0) + (scores.Length - 1) / 2.0, k == 0 ? "1 day" : $"{k + 1} days")));
        plot.Axes.Margins(bottom: 0, top: 0.3);
        plot.YLabel("RMSE, \u00b0C");
        plot.ShowLegend(Alignment.UpperLeft);
        Dress(plot, "Error, days ahead");
    }

    private static void Label(Plot plot, IEnumerable<(double Position, string Text)> labels)
    {
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. labels.Select(label => new Tick(label.Position, label.Text))]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Grid.XAxisStyle.IsVisible = false;
    }

    private static void Dress(Plot plot, string title)
    {
        plot.Title(title);
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Grid.MajorLineColor = Faint;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Axes.Left.MinimumSize = 70;
        plot.Font.Set(Sans);
        plot.Axes.Bottom.TickLabelStyle.FontSize = 16;
        plot.Axes.Left.TickLabelStyle.FontSize = 16;
        plot.Axes.Left.Label.FontSize = 17;
        plot.Axes.Left.Label.Bold = false;
        plot.Legend.FontSize = 16;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.White.WithAlpha(0.85);
        plot.Axes.Title.Label.FontSize = 22;
    }
}
