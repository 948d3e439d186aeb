using RnnCodegen;

namespace EdgeMonitor;

/// <summary>A model that watches a stream of readings. A step allocates nothing.</summary>
sealed class Watch(PumpMonitor model) : IDisposable
{
    private readonly ModelStream _stream = model.CreateStream();
    private readonly AnomalyScore _score = new();
    private readonly float[] _predicted = new float[Pump.Sensors];
    private bool _hasPrediction;

    /// <summary>Takes a reading; returns its score.</summary>
    public float Step(ReadOnlySpan<float> reading)
    {
        var score = _hasPrediction ? _score.Add(_predicted, reading) : 1;
        _stream.Step(reading, _predicted);
        _hasPrediction = true;
        return score;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}

/// <summary>What a watch said of a series whose faults are known.</summary>
sealed class WatchReport
{
    private const int WarmUp = 200;
    private readonly List<(Fault Fault, int Found, float Highest)> _faults = [];

    /// <summary>Watches a series.</summary>
    public WatchReport(PumpMonitor model, float[] readings, List<Fault> faults)
    {
        using var watch = new Watch(model);
        var scores = new float[readings.Length / Pump.Sensors];
        for (var t = 0; t < scores.Length; t++)
        {
            scores[t] = watch.Step(readings.AsSpan(t * Pump.Sensors, Pump.Sensors));
        }

        var explained = new bool[scores.Length];
        foreach (var fault in faults)
        {
            // What comes just after a fault is unusual too.
            var span = scores.AsSpan(fault.First, Math.Min(fault.Steps + fault.Steps / 2, scores.Length - fault.First));
            explained.AsSpan(fault.First, span.Length).Fill(true);
            var found = span.IndexOfAnyInRange(AnomalyScore.Limit, float.PositiveInfinity);
            _faults.Add((fault, found, span.ToArray().Max()));
        }

        for (var t = WarmUp; t < scores.Length; t++)
        {
            FalseAlarms += !explained[t] && scores[t] > AnomalyScore.Limit && scores[t - 1] <= AnomalyScore.Limit ? 1 : 0;
        }
    }

    /// <summary>Faults that raised an alarm.</summary>
    public int Found => _faults.Count(f => f.Found >= 0);

    /// <summary>Alarms without a fault.</summary>
    public int FalseAlarms { get; }

    /// <summary>Prints the faults by kind.</summary>
    public void Print(string title)
    {
        Console.WriteLine($"{title}: recall {Found} of {_faults.Count}, precision {Found} of {Found + FalseAlarms} alarms");
        foreach (var kind in _faults.GroupBy(f => f.Fault.Kind))
        {
            var found = kind.Where(f => f.Found >= 0).ToArray();
            Console.WriteLine(
                FormattableString.Invariant($"  {kind.Key,-14} {found.Length} of {kind.Count()} found") +
                (found.Length == 0 ? "" : FormattableString.Invariant($", {found.Average(f => f.Found):F0} steps after it began")) +
                FormattableString.Invariant($", highest score {kind.Max(f => f.Highest):F1}"));
        }
    }
}
