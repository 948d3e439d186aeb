using BenchmarkDotNet.Attributes;
using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>One case with one engine; a line of BenchmarkDotNet's table.</summary>
public sealed class Row
{
    internal Row(Workload workload, Engine engine) => (Workload, Engine) = (workload, engine);

    internal Workload Workload { get; }

    internal Engine Engine { get; }

    /// <summary>The rows of a family that the command line asks for.</summary>
    internal static IEnumerable<Row> Of(Family family) =>
        from workload in Workload.Of(family)
        where workload.Size.Contains(BenchmarkOptions.Current.Case, StringComparison.OrdinalIgnoreCase)
        from engine in Engine.All
        where engine.Supports(workload)
        select new Row(workload, engine);

    /// <inheritdoc/>
    public override string ToString() => $"{Workload.Size} {Engine.Name}";
}

/// <summary>What the families share: a session that is opened before timing.</summary>
public abstract class LayerBenchmarks
{
    private Session _session = null!;

    /// <summary>The case and engine.</summary>
    [ParamsSource(nameof(Rows))]
    public Row Row { get; set; } = null!;

    /// <summary>The rows of the family.</summary>
    public abstract IEnumerable<Row> Rows { get; }

    /// <summary>Weights, inputs and the engine.</summary>
    [GlobalSetup]
    public void Open() => _session = Row.Engine.Open(Row.Workload, new LayerData(Row.Workload, LayerModels.Create(Row.Workload)));

    /// <summary>Frees the engine.</summary>
    [GlobalCleanup]
    public void Close() => _session.Dispose();

    private protected void Invoke() => _session.Invoke();
}

/// <summary>One step a call.</summary>
public class StepBenchmarks : LayerBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<Row> Rows => Row.Of(Family.Step);

    /// <summary>A step of one stream.</summary>
    [Benchmark]
    public void Step() => Invoke();
}

/// <summary>One sequence a call; the time is that of a step.</summary>
public class RunBenchmarks : LayerBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<Row> Rows => Row.Of(Family.Run);

    /// <summary>A sequence of 100 steps.</summary>
    [Benchmark(OperationsPerInvoke = Workload.RunSteps)]
    public void Run() => Invoke();
}

/// <summary>A batch of sequences a call.</summary>
public class BatchBenchmarks : LayerBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<Row> Rows => Row.Of(Family.Batch);

    /// <summary>Inference over a batch.</summary>
    [Benchmark]
    public void Batch() => Invoke();
}

/// <summary>Forward and backward of a batch.</summary>
public class TrainBenchmarks : LayerBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<Row> Rows => Row.Of(Family.Train);

    /// <summary>Forward and backward.</summary>
    [Benchmark]
    public void Train() => Invoke();
}
