using RnnCodegen;

namespace Forecast;

/// <summary>Fits the model, and keeps the epoch that did best on days it was not trained with.</summary>
static class Training
{
    private const int Epochs = 20;

    public static void Run(
        WeatherForecaster model, WeatherEncoder encoder, ReadOnlySpan<WeatherDay> days, ReadOnlySpan<WeatherDay> validationDays, string log)
    {
        var training = Windows.Of(days, encoder);
        var validation = Windows.Of(validationDays, encoder);
        var trainer = new Trainer<WeatherForecaster>(model, Loss.MeanSquaredError, new AdamW(1e-3))
        {
            ClipNorm = 1,
            Seed = 1,
            EarlyStopping = new EarlyStopping { Patience = Epochs },
        };
        using var csv = TrainingLog.Csv(log);
        TrainingConsole.Run(progress => trainer.Fit(training, validation, Epochs, new CombinedProgress(progress, csv)));
    }
}
