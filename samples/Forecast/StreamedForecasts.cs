namespace Forecast;

/// <summary>What the model says at the end of each day, told one day at a time, as it would be used.</summary>
sealed class StreamedForecasts
{
    private readonly float[,] _highs;

    /// <summary>Streams the days through the model.</summary>
    public StreamedForecasts(WeatherForecaster model, WeatherEncoder encoder, WeatherDay[] days)
    {
        _highs = new float[days.Length, WeatherForecaster.Horizon];
        Span<float> row = stackalloc float[WeatherEncoder.Features];
        Span<float> said = stackalloc float[WeatherForecaster.Horizon];
        using var stream = model.CreateStream();
        for (var today = 0; today < days.Length; today++)
        {
            encoder.Encode(days[today], row);
            stream.Step(row, said);
            for (var k = 0; k < said.Length; k++)
            {
                _highs[today, k] = encoder.High(days[today].Date.AddDays(k + 1), said[k]);
            }
        }
    }

    /// <summary>The high expected <paramref name="ahead"/> days after day number <paramref name="today"/>, degrees Celsius.</summary>
    public float High(int today, int ahead) => _highs[today, ahead - 1];

    /// <summary>Whether every forecast is the same, to the bit.</summary>
    public bool IsSameAs(StreamedForecasts other) => _highs.Cast<float>().SequenceEqual(other._highs.Cast<float>());
}
