using RnnCodegen;

namespace Forecast;

/// <summary>Fits the model, and keeps the epoch that did best on days it was not trained with.</summary>
static class Training
{
    private const int Epochs = 20;

    public static void Run(WeatherForecaster model, WeatherEncoder encoder, ReadOnlySpan<WeatherDay> days, ReadOnlySpan<WeatherDay> validationDays)
    {
        var training = Windows.Of(days, encoder);
        var validation = Windows.Of(validationDays, encoder);
        var trainer = new Trainer<WeatherForecaster>(model, Loss.MeanSquaredError, new AdamW(1e-3)) { ClipNorm = 1, Seed = 1 };

        var best = model.CreateGradients(); // of the parameters' shapes
        var (bestLoss, bestEpoch) = (float.PositiveInfinity, 0);
        TrainingDisplay.Show(display => trainer.Fit(training, validation, Epochs, new Report(progress =>
        {
            display.Report(progress);
            if (progress.Batch == progress.Batches && progress.ValidationLoss < bestLoss)
            {
                (bestLoss, bestEpoch) = (progress.ValidationLoss.Value, progress.Epoch);
                best.CopyFrom(model.Parameters);
            }
        })));
        model.Parameters.CopyFrom(best);
        Display.Line($"kept epoch {bestEpoch}, validation loss {bestLoss:F4}");
    }
}
