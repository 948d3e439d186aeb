namespace Forecast;

/// <summary>
/// A forecaster: the high it expects <paramref name="ahead"/> days after day number <paramref name="today"/>, knowing the days up to today.
/// </summary>
delegate float Forecaster(int today, int ahead);

/// <summary>How far a forecaster is off, degrees Celsius: entry k is for k + 1 days ahead.</summary>
/// <param name="Name">The forecaster.</param>
/// <param name="Rmse">Root of the mean squared error.</param>
/// <param name="Mae">Mean absolute error.</param>
sealed record Scores(string Name, double[] Rmse, double[] Mae)
{
    /// <summary>Scores a forecaster on the days from <paramref name="from"/> on; each horizon is judged on the same forecasts.</summary>
    public static Scores Of(string name, Forecaster forecaster, WeatherDay[] days, int from, int horizon)
    {
        var rmse = new double[horizon];
        var mae = new double[horizon];
        var count = 0;
        for (var today = from - 1; today + horizon < days.Length; today++, count++)
        {
            for (var k = 0; k < horizon; k++)
            {
                double error = forecaster(today, k + 1) - days[today + k + 1].High;
                rmse[k] += error * error;
                mae[k] += Math.Abs(error);
            }
        }

        return new(name, [.. rmse.Select(sum => Math.Sqrt(sum / count))], [.. mae.Select(sum => sum / count)]);
    }

    /// <summary>Whether this is better than <paramref name="other"/> at every horizon, by both measures.</summary>
    public bool Beats(Scores other) =>
        Rmse.Zip(other.Rmse).All(pair => pair.First < pair.Second) && Mae.Zip(other.Mae).All(pair => pair.First < pair.Second);
}
