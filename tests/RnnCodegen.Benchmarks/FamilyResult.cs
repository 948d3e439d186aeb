using BenchmarkDotNet.Reports;
using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>What was measured of a family.</summary>
internal sealed class FamilyResult
{
    private readonly Dictionary<(Workload Workload, Engine Engine), double> _seconds;
    private readonly IReadOnlyDictionary<(Workload Workload, Engine Engine), double> _differences;

    public FamilyResult(Family family, Roofline roofline, Summary summary,
        IReadOnlyDictionary<(Workload Workload, Engine Engine), double> differences)
    {
        (Family, Roofline, _differences) = (family, roofline, differences);
        _seconds = summary.Reports
            .Where(r => r.ResultStatistics is not null)
            .ToDictionary(r => Key((Row)r.BenchmarkCase.Parameters["Row"]), r => r.ResultStatistics!.Min * 1e-9);
    }

    /// <summary>The family.</summary>
    public Family Family { get; }

    /// <summary>The machine's limits in the same run.</summary>
    public Roofline Roofline { get; }

    /// <summary>The cases that were timed.</summary>
    public IEnumerable<Workload> Workloads => Family.Workloads.Where(w => Own(w) is not null);

    /// <summary>The others that were timed.</summary>
    public IReadOnlyList<Engine> Others => [.. Family.Others.Where(e => Family.Workloads.Any(w => Seconds(w, e) is not null))];

    /// <summary>The largest difference to ours that any engine had.</summary>
    public double LargestDifference => _differences.Values.Max();

    /// <summary>The best time of a call; null where there is none.</summary>
    public double? Seconds(Workload workload, Engine engine) => _seconds.TryGetValue((workload, engine), out var value) ? value : null;

    /// <summary>Our best time of a call.</summary>
    public double? Own(Workload workload) => Seconds(workload, Engine.Own);

    /// <summary>The largest difference between an engine's results and ours.</summary>
    public double Difference(Workload workload, Engine engine) => _differences[(workload, engine)];

    private static (Workload Workload, Engine Engine) Key(Row row) => (row.Workload, row.Engine);
}
