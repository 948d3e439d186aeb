using BenchmarkDotNet.Attributes;
using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>One case with one engine; a line of BenchmarkDotNet's table.</summary>
public sealed class Row
{
    internal Row(Workload workload, Engine engine) => (Workload, Engine) = (workload, engine);

    internal Workload Workload { get; }

    internal Engine Engine { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Workload.Call} {Workload.Name} {Engine.Name}";
}

/// <summary>The rows of a family, <see cref="Family.Current"/>: a session is opened before timing, and its call is timed.</summary>
public class CallBenchmarks
{
    private Session _session = null!;

    /// <summary>The case and engine.</summary>
    [ParamsSource(nameof(Rows))]
    public Row Row { get; set; } = null!;

    /// <summary>The rows of the family.</summary>
    public IEnumerable<Row> Rows => Family.Current.Rows;

    /// <summary>Weights, inputs and the engine.</summary>
    [GlobalSetup]
    public void Open() => _session = Row.Engine.Open(Row.Workload, LayerData.Of(Row.Workload));

    /// <summary>Frees the engine.</summary>
    [GlobalCleanup]
    public void Close() => _session.Dispose();

    /// <summary>What a user's program calls.</summary>
    [Benchmark]
    public void Call() => _session.Invoke();
}
