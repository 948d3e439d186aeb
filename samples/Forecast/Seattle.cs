using RnnCodegen;

namespace Forecast;

/// <summary>
/// Learns Seattle's weather from 2012 to the middle of 2014, chooses the best epoch by the rest of 2014, and forecasts 2015.
/// </summary>
static class Seattle
{
    /// <summary>Trains, draws and saves.</summary>
    /// <param name="directory">Folder of what is written.</param>
    /// <returns>The forecasters' errors, the model's last, and whether all checks passed: 0, or 1.</returns>
    public static (Scores[] Scores, int Verdict) Run(string directory)
    {
        var days = WeatherDay.Read(Path.Combine(AppContext.BaseDirectory, "data", "seattle-weather.csv"));
        var validation = Array.FindIndex(days, day => day.Date == new DateOnly(2014, 7, 1));
        var test = Array.FindIndex(days, day => day.Date == new DateOnly(2015, 1, 1));

        var season = new Climatology(days.AsSpan(0, test));
        var encoder = new WeatherEncoder(days.AsSpan(0, validation), season);
        var model = new WeatherForecaster(seed: 1);
        var log = Path.Combine(directory, "training.csv");
        Training.Run(model, encoder, days[..validation], days[validation..test], log);
        Display.Saved("losses", log);

        var forecasts = new StreamedForecasts(model, encoder, days);
        Scores[] scores =
        [
            Scores.Of("same as today", (today, ahead) => days[today].High, days, test, WeatherForecaster.Horizon),
            Scores.Of("the season", (today, ahead) => season.High(days[today + ahead].Date), days, test, WeatherForecaster.Horizon),
            Scores.Of("GRU forecaster", forecasts.High, days, test, WeatherForecaster.Horizon),
        ];
        Display.Scores(scores);

        var picture = Path.Combine(directory, "forecast.png");
        ForecastPlot.Save(
            picture,
            days.AsSpan(test),
            [.. days[test..].Select(day => (double)season.High(day.Date))],
            [.. Enumerable.Range(test, days.Length - test).Select(day => (double)forecasts.High(day - 1, 1))],
            scores);
        Display.Saved("picture", picture);

        var weights = Path.Combine(directory, "forecaster.safetensors");
        model.Save(weights);
        Display.Saved("weights", weights);

        var reloaded = new StreamedForecasts(WeatherForecaster.Load(weights), encoder, days);
        Display.Outlook(days[^1].Date, season, reloaded, days.Length - 1);

        var verdict = Display.Verdict(
            ("beats 'same as today' on every day ahead", scores[2].Beats(scores[0])),
            ("beats the season on every day ahead", scores[2].Beats(scores[1])),
            ("says exactly the same after saving and loading", reloaded.IsSameAs(forecasts)));
        return (scores, verdict);
    }
}
