namespace Forecast;

/// <summary>
/// The seasonal baseline: what a day of the year is usually like. The mean of a day's highs over the given years, smoothed
/// around the calendar by a triangular window, because three years are few for one day.
/// </summary>
sealed class Climatology
{
    private const int DaysOfYear = 366;
    private const int HalfWindow = 20;
    private readonly float[] _usual = new float[DaysOfYear];

    public Climatology(ReadOnlySpan<WeatherDay> days)
    {
        Span<float> sums = stackalloc float[DaysOfYear];
        Span<int> counts = stackalloc int[DaysOfYear];
        foreach (var day in days)
        {
            sums[Index(day.Date)] += day.High;
            counts[Index(day.Date)]++;
        }

        for (var center = 0; center < DaysOfYear; center++)
        {
            float sum = 0, weight = 0;
            for (var offset = -HalfWindow; offset <= HalfWindow; offset++)
            {
                var near = (center + offset + DaysOfYear) % DaysOfYear;
                var share = HalfWindow + 1 - Math.Abs(offset);
                sum += share * sums[near];
                weight += share * counts[near];
            }

            _usual[center] = weight > 0 ? sum / weight : throw new ArgumentException("No day near some part of the year.", nameof(days));
        }
    }

    /// <summary>The usual high of a date, degrees Celsius.</summary>
    public float High(DateOnly date) => _usual[Index(date)];

    // Leap years' numbering, so that 1 March is the same day every year.
    private static int Index(DateOnly date) => new DateOnly(2012, date.Month, date.Day).DayOfYear - 1;
}
