using RnnCodegen;

namespace Forecast;

/// <summary>
/// Days as training samples: windows that start at each day, with the next days' highs as the target of each of their days.
/// </summary>
static class Windows
{
    private const int Length = 28;

    public static TrainingSet Of(ReadOnlySpan<WeatherDay> days, WeatherEncoder encoder)
    {
        var known = days.Length - WeatherForecaster.Horizon; // days whose following days are in the data too
        var rows = new float[known * WeatherEncoder.Features];
        var targets = new float[known * WeatherForecaster.Horizon];
        for (var day = 0; day < known; day++)
        {
            encoder.Encode(days[day], rows.AsSpan(day * WeatherEncoder.Features, WeatherEncoder.Features));
            for (var k = 0; k < WeatherForecaster.Horizon; k++)
            {
                targets[(day * WeatherForecaster.Horizon) + k] = encoder.Target(days[day + k + 1]);
            }
        }

        // The windows overlap and share their memory.
        var windows = TrainingSet.OfRows(WeatherEncoder.Features);
        for (var start = 0; start + Length <= known; start++)
        {
            windows.Add(
                rows.AsMemory(start * WeatherEncoder.Features, Length * WeatherEncoder.Features),
                targets.AsMemory(start * WeatherForecaster.Horizon, Length * WeatherForecaster.Horizon));
        }

        return windows;
    }
}
