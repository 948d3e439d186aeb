using Forecast;
using Samples;

// Out of the box, or with a folder to write to, forecasts Seattle's weather; with --data, a power transformer's load and temperature.
if (!args.Any(argument => argument.StartsWith('-')))
{
    return Seattle.Run(Directory.CreateDirectory(args.Length > 0 ? args[0] : Path.Combine("artifacts", "forecast")).FullName).Verdict;
}

return new SampleCommand(
    "Forecast", "Forecasts Seattle's weather, or with --data the loads and the temperature of a power transformer.",
    "etth1: the folder of ETTh1.csv, hours of an electricity transformer (github.com/zhouhaoyi/ETDataset).").Run(args, run =>
{
    if (run.DataFolder is { } folder)
    {
        EttForecast.Run(run, Path.Combine(folder, "ETTh1.csv"));
        return;
    }

    var (scores, verdict) = Seattle.Run(Path.GetDirectoryName(run.File("forecast.png"))!);
    run.Score(
        "RMSE of tomorrow's high", FormattableString.Invariant($"{scores[2].Rmse[0]:F2} \u00b0C"),
        FormattableString.Invariant($"same as today: {scores[0].Rmse[0]:F2} \u00b0C"), "beats all simple forecasts", verdict == 0);
});
