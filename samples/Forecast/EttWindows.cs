using RnnCodegen;

namespace Forecast;

/// <summary>
/// Windows of the transformer's series, one sample for each channel: the past less its last value, and what follows, less the same.
/// </summary>
sealed class EttWindows
{
    /// <summary>Hours of the past.</summary>
    public const int Back = SegmentForecaster.Segment * SegmentForecaster.Back;

    /// <summary>Hours to come.</summary>
    public const int Ahead = SegmentForecaster.Segment * SegmentForecaster.Ahead;

    private const int Segment = SegmentForecaster.Segment, Width = SegmentForecaster.InputSize;
    private const int Rows = SegmentForecaster.Back + SegmentForecaster.Ahead;

    private readonly EttSeries _series;
    private readonly int[] _starts;

    /// <summary>Windows whose hours to come all lie in a range.</summary>
    /// <param name="series">The hours.</param>
    /// <param name="range">Where the hours to come lie.</param>
    /// <param name="every">Hours from one window to the next.</param>
    public EttWindows(EttSeries series, Range range, int every = 1)
    {
        _series = series;
        var first = Math.Max(range.Start.Value, Back);
        _starts = [.. Enumerable.Range(first, range.End.Value - Ahead - first + 1).Where(hour => (hour - first) % every == 0)];
    }

    /// <summary>Windows, all channels of one moment after another.</summary>
    public int Count => _starts.Length * EttSeries.Channels;

    /// <summary>The hours that follow a window.</summary>
    public ReadOnlySpan<float> Future(int window) => Channel(window).Slice(Start(window), Ahead);

    /// <summary>The last value before them.</summary>
    public float Last(int window) => Channel(window)[Start(window) - 1];

    /// <summary>Samples of one row: the past, and the hours to come.</summary>
    public TrainingSet Whole()
    {
        var set = TrainingSet.OfRows(Back);
        for (var w = 0; w < Count; w++)
        {
            set.Add(Less(Past(w), Last(w)), Less(Future(w), Last(w)));
        }

        return set;
    }

    /// <summary>Samples of segments, for <see cref="SegmentForecaster"/>; targets are of the last rows.</summary>
    public TrainingSet Segments()
    {
        var set = TrainingSet.OfRows(Width);
        for (var w = 0; w < Count; w++)
        {
            var (rows, targets) = (new float[Rows * Width], new float[Rows * Segment]);
            var past = Less(Past(w), Last(w));
            for (var r = 0; r < Rows; r++)
            {
                var row = rows.AsSpan(r * Width, Width);
                row[Segment + SegmentForecaster.Ahead + (w % EttSeries.Channels)] = 1;
                if (r < SegmentForecaster.Back)
                {
                    past.AsSpan(r * Segment, Segment).CopyTo(row);
                }
                else
                {
                    row[Segment + r - SegmentForecaster.Back] = 1;
                }
            }

            Less(Future(w), Last(w)).CopyTo(targets, SegmentForecaster.Back * Segment);
            set.Add(rows, targets);
        }

        return set;
    }

    /// <summary>The mean squared error of what was said of all windows.</summary>
    /// <param name="said">The last hours of a window's predictions, less its last value.</param>
    public double Error(Func<int, ReadOnlyMemory<float>> said)
    {
        var sum = 0.0;
        for (var w = 0; w < Count; w++)
        {
            var future = Future(w);
            var forecast = said(w).Span[^Ahead..];
            for (var hour = 0; hour < Ahead; hour++)
            {
                sum += Math.Pow(forecast[hour] + Last(w) - future[hour], 2);
            }
        }

        return sum / Count / Ahead;
    }

    private ReadOnlySpan<float> Past(int window) => Channel(window).Slice(Start(window) - Back, Back);

    private ReadOnlySpan<float> Channel(int window) => _series[window % EttSeries.Channels];

    private int Start(int window) => _starts[window / EttSeries.Channels];

    private static float[] Less(ReadOnlySpan<float> values, float level)
    {
        var less = values.ToArray();
        foreach (ref var value in less.AsSpan())
        {
            value -= level;
        }

        return less;
    }
}
