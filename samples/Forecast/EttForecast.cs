using RnnCodegen;
using Samples;
using ScottPlot;
using Spectre.Console;

namespace Forecast;

/// <summary>
/// A power transformer's loads and temperature of the next four days, from those of the 30 days before: ETTh1, all seven channels.
/// </summary>
static class EttForecast
{
    /// <summary>Trains a GRU of segments and a linear model, and scores them beside the last value repeated.</summary>
    public static void Run(SampleRun run, string path)
    {
        var series = EttSeries.Read(path);
        var training = new EttWindows(series, EttSeries.Training, every: run.IsShort ? 40 : 2);
        var validation = new EttWindows(series, EttSeries.Validation, every: run.IsShort ? 40 : 1);
        var test = new EttWindows(series, EttSeries.Test);
        var epochs = run.IsShort ? 1 : 8;

        AnsiConsole.MarkupLine("[bold]A linear model[/]");
        var linear = Train(new LinearForecaster(run.Seed), training.Whole(), validation.Whole(), Loss.MeanSquaredError, epochs, run.Seed);
        AnsiConsole.MarkupLine("[bold]A GRU of segments[/]");
        var gru = Train(
            new SegmentForecaster(run.Seed), training.Segments(), validation.Segments(),
            new MeanAbsoluteErrorLoss { Window = LossWindow.Last(SegmentForecaster.Ahead) }, epochs, run.Seed);

        var (ofLinear, ofGru) = (linear.Predict(test.Whole()), gru.Predict(test.Segments()));
        var same = new float[EttWindows.Ahead];
        var error = test.Error(w => ofGru[w]);
        run.Score(
            "MSE of the next 96 hours from the last 720, all channels, standardised", FormattableString.Invariant($"{error:F3}"),
            FormattableString.Invariant($"linear: {test.Error(w => ofLinear[w]):F3}, repeat last: {test.Error(_ => same):F3}"),
            "<= 0.381", run.IsShort ? null : error <= 0.381);
        Draw(run.File("etth1.png"), series.Names, test, ofLinear, ofGru);
        Display.Line($"picture: {run.File("etth1.png")}");
    }

    private static Trainer<TModel> Train<TModel>(
        TModel model, TrainingSet training, TrainingSet validation, Loss loss, int epochs, int seed)
        where TModel : class, IRnnModel<TModel>
    {
        const int batch = 64;
        var trainer = new Trainer<TModel>(model, loss, new AdamW(1e-3))
        {
            BatchSize = batch, ClipNorm = 1, Seed = seed,
            Schedule = new CosineSchedule(epochs * ((training.Count + batch - 1) / batch)),
            EarlyStopping = new EarlyStopping { Patience = 3 },
        };
        TrainingConsole.Run(progress => trainer.Fit(training, validation, epochs, progress));
        return trainer;
    }

    // The temperature's forecasts of every fourth day of the test months' first eight weeks, one after the other.
    private static void Draw(string path, IReadOnlyList<string> names, EttWindows test, Predictions linear, Predictions gru)
    {
        const int channel = EttSeries.Channels - 1, parts = 14;
        int[] windows = [.. Enumerable.Range(0, parts).Select(k => (k * EttWindows.Ahead * EttSeries.Channels) + channel)];
        var plot = new Plot();
        Add("observed", 0, 3, w => test.Future(w).ToArray());
        Add("linear", 1, 2, w => [.. linear[w].Span[^EttWindows.Ahead..].ToArray().Select(value => value + test.Last(w))]);
        Add("GRU of segments", 2, 2, w => [.. gru[w].Span[^EttWindows.Ahead..].ToArray().Select(value => value + test.Last(w))]);
        plot.XLabel("days");
        plot.YLabel($"{names[channel]}, standardised");
        plot.ShowLegend(Edge.Right);
        plot.Axes.Margins(0, 0.05);
        Pictures.Dress(plot, "Oil temperature: forecasts of four days, made every four days");
        plot.SavePng(path, 1300, 450);

        void Add(string name, int color, float width, Func<int, float[]> hours)
        {
            var line = plot.Add.Signal(windows.SelectMany(hours).ToArray(), 1 / 24.0, Pictures.Palette[color]);
            (line.LegendText, line.LineWidth) = (name, width);
        }
    }
}
