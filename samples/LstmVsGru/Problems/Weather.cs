using Forecast;
using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// Forecasting: Seattle's weather, a day's high from the days before. Trained on 2012 and 2013, the epoch chosen on 2014, judged on 2015.
/// </summary>
internal sealed class Weather : Problem
{
    private const int Window = 28, Features = 6;
    private readonly WeatherDay[] _days = WeatherDay.Read(Path.Combine(AppContext.BaseDirectory, "data", "seattle-weather.csv"));

    public override string Family => "weather";

    public override Loss Loss { get; } = new MeanSquaredErrorLoss { IgnoreNaN = true, Window = LossWindow.After(7) };

    public override string Score => "RMSE of the next day's high, \u00b0C";

    public override bool HigherIsBetter => false;

    public override string Beside => FormattableString.Invariant($"same as today: {Naive():F2}");

    public override string Format(double score) => score.ToString("F2", System.Globalization.CultureInfo.InvariantCulture);

    public override ProblemData Create(int seed) => new(Windows(2012, 2013), Windows(2014, 2014), Windows(2015, 2015));

    public override (double Score, IReadOnlyList<MetricValue> More) Judge(Judged judged) =>
        (Math.Sqrt(judged.Loss) * Scale(1).Deviation, []);

    private double Naive()
    {
        var pairs = _days.Zip(_days.Skip(1)).Where(pair => pair.Second.Date.Year == 2015).ToArray();
        return Math.Sqrt(pairs.Average(pair => Math.Pow(pair.Second.High - pair.First.High, 2)));
    }

    // A day in 6 numbers; all scaled by the days to train with.
    private static float[] Describe(WeatherDay day)
    {
        var (sin, cos) = MathF.SinCos(MathF.Tau * day.Date.DayOfYear / 365.25f);
        return [MathF.Log(1 + day.Precipitation), day.High, day.Low, day.Wind, sin, cos];
    }

    private (double Mean, double Deviation) Scale(int feature)
    {
        var values = _days.Where(day => day.Date.Year <= 2013).Select(day => (double)Describe(day)[feature]).ToArray();
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }

    private TrainingSet Windows(int from, int to)
    {
        var scales = Enumerable.Range(0, Features).Select(Scale).ToArray();
        var days = _days.Where(day => day.Date.Year >= from && day.Date.Year <= to).ToArray();
        var (rows, target) = (new float[days.Length * Width], new float[days.Length * Width]);
        Array.Fill(target, float.NaN);
        for (var t = 0; t < days.Length; t++)
        {
            var said = Describe(days[t]);
            for (var f = 0; f < Features; f++)
            {
                rows[(t * Width) + f] = (float)((said[f] - scales[f].Mean) / scales[f].Deviation);
            }

            if (t > 0)
            {
                target[(t - 1) * Width] = rows[(t * Width) + 1];
            }
        }

        // The windows overlap and share their memory.
        var set = TrainingSet.OfRows(Width);
        for (var start = 0; start + Window < days.Length; start++)
        {
            set.Add(rows.AsMemory(start * Width, Window * Width), target.AsMemory(start * Width, Window * Width));
        }

        return set;
    }
}
