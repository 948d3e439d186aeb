using Samples;
using Spectre.Console;

namespace Forecast;

/// <summary>What the program prints.</summary>
static class Display
{
    /// <summary>The forecasters' errors on the test year.</summary>
    public static void Scores(IReadOnlyList<Scores> scores)
    {
        var table = new Table().RoundedBorder().Title("Error on 2015, \u00b0C: RMSE / MAE").AddColumn("forecaster");
        for (var k = 1; k <= WeatherForecaster.Horizon; k++)
        {
            table.AddColumn(new TableColumn(k == 1 ? "1 day ahead" : $"{k} days ahead").RightAligned());
        }

        foreach (var score in scores)
        {
            table.AddRow([score.Name, .. score.Rmse.Zip(score.Mae, (rmse, mae) => $"{rmse:F2} / {mae:F2}")]);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>What the model says of the days after the last one.</summary>
    public static void Outlook(DateOnly last, Climatology season, StreamedForecasts forecasts, int today)
    {
        for (var ahead = 1; ahead <= WeatherForecaster.Horizon; ahead++)
        {
            var date = last.AddDays(ahead);
            Line($"forecast for {date:yyyy-MM-dd}: {forecasts.High(today, ahead):F1} \u00b0C (usual: {season.High(date):F1} \u00b0C)");
        }
    }

    /// <summary>A file that was written.</summary>
    public static void Saved(string what, string path) =>
        Line($"{what}: {path}{(what == "picture" && !Pictures.HasText ? " (without text: this machine has no fonts)" : "")}");

    /// <summary>Prints each check; returns the process' exit code.</summary>
    public static int Verdict(params ReadOnlySpan<(string Check, bool Good)> checks)
    {
        var good = true;
        foreach (var check in checks)
        {
            AnsiConsole.MarkupLine($"{(check.Good ? "[green]yes[/]" : "[red]NO[/] ")} {Markup.Escape(check.Check)}");
            good &= check.Good;
        }

        return good ? 0 : 1;
    }

    /// <summary>One line of plain text, never broken to the terminal's width.</summary>
    public static void Line(string text) => Console.WriteLine(text);
}
