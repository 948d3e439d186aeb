using Samples;
using ScottPlot;

namespace Forecast;

/// <summary>The test year as a picture: what came, what was said the day before, and how the forecasters compare.</summary>
static class ForecastPlot
{
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

        var season = plot.Add.ScatterLine(dates, usual, Pictures.Palette[1]);
        season.LegendText = "the season, 2012-2014";
        season.LineWidth = 3;

        var observed = plot.Add.ScatterPoints(dates, highs, Pictures.Palette[0]);
        observed.LegendText = "observed";
        observed.MarkerSize = 7;

        var said = plot.Add.ScatterLine(dates, forecast, Pictures.Palette[2]);
        said.LegendText = "forecast of the day before";
        said.LineWidth = 2.5f;

        Pictures.Name(plot.Axes.Bottom, dates.Where(date => date.Day == 15).Select(date => (date.ToOADate(), date.ToString("MMM"))));
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.Margins(0.01, 0.1);
        plot.YLabel("daily high, \u00b0C");
        plot.ShowLegend(Alignment.UpperLeft);
        Pictures.Dress(plot, $"Seattle, {days[0].Date.Year}");
    }

    private static void DrawScores(Plot plot, Scores[] scores)
    {
        var horizon = scores[0].Rmse.Length;
        for (var s = 0; s < scores.Length; s++)
        {
            var bars = plot.Add.Bars(
                Enumerable.Range(0, horizon).Select(k => k * (scores.Length + 1.0) + s).ToArray(),
                scores[s].Rmse);
            bars.Color = Pictures.Palette[s];
            bars.LegendText = scores[s].Name;
            foreach (var bar in bars.Bars)
            {
                bar.LineWidth = 0;
                bar.Size = 0.9;
                bar.Label = bar.Value.ToString("F1");
            }

            bars.ValueLabelStyle.FontSize = 15;
            bars.ValueLabelStyle.ForeColor = Pictures.Ink;
        }

        Pictures.Name(plot.Axes.Bottom, Enumerable.Range(0, horizon)
            .Select(k => (k * (scores.Length + 1.0) + (scores.Length - 1) / 2.0, k == 0 ? "1 day" : $"{k + 1} days")));
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.Margins(bottom: 0, top: 0.3);
        plot.YLabel("RMSE, \u00b0C");
        plot.ShowLegend(Alignment.UpperLeft);
        Pictures.Dress(plot, "Error, days ahead");
    }
}
