namespace Forecast;

/// <summary>
/// Days as the model reads them: seven numbers, each with mean 0 and variance 1 over the training days; and highs as the model
/// says them, departures from the season in standard deviations.
/// </summary>
sealed class WeatherEncoder
{
    /// <summary>Numbers a day.</summary>
    public const int Features = 7;

    private readonly Climatology _season;
    private readonly float[] _mean = new float[Features];
    private readonly float[] _deviation = new float[Features];
    private readonly float _departure;

    public WeatherEncoder(ReadOnlySpan<WeatherDay> trainingDays, Climatology season)
    {
        _season = season;
        Span<float> row = stackalloc float[Features];
        foreach (var day in trainingDays)
        {
            Describe(day, row);
            for (var i = 0; i < Features; i++)
            {
                _mean[i] += row[i] / trainingDays.Length;
            }
        }

        foreach (var day in trainingDays)
        {
            Describe(day, row);
            for (var i = 0; i < Features; i++)
            {
                _deviation[i] += (row[i] - _mean[i]) * (row[i] - _mean[i]) / trainingDays.Length;
            }

            _departure += MathF.Pow(day.High - _season.High(day.Date), 2) / trainingDays.Length;
        }

        for (var i = 0; i < Features; i++)
        {
            _deviation[i] = MathF.Sqrt(_deviation[i]);
        }

        _departure = MathF.Sqrt(_departure);
    }

    /// <summary>Writes the day's <see cref="Features"/> numbers.</summary>
    public void Encode(WeatherDay day, Span<float> row)
    {
        Describe(day, row);
        for (var i = 0; i < Features; i++)
        {
            row[i] = (row[i] - _mean[i]) / _deviation[i];
        }
    }

    /// <summary>What the model should say of this day.</summary>
    public float Target(WeatherDay day) => (day.High - _season.High(day.Date)) / _departure;

    /// <summary>Degrees Celsius from what the model says of a date.</summary>
    public float High(DateOnly date, float said) => _season.High(date) + _departure * said;

    private void Describe(WeatherDay day, Span<float> row)
    {
        var (sin, cos) = MathF.SinCos(MathF.Tau * day.Date.DayOfYear / 365.25f);
        row[0] = day.High;
        row[1] = day.Low;
        row[2] = MathF.Log(1 + day.Precipitation); // rain is mostly little and sometimes very much
        row[3] = day.Wind;
        row[4] = sin;
        row[5] = cos;
        row[6] = day.High - _season.High(day.Date);
    }
}
