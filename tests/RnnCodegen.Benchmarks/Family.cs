using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>A group of cases that are timed and reported together.</summary>
/// <param name="Name">As the command line says it.</param>
/// <param name="Title">Heading of its section.</param>
/// <param name="Workloads">The cases.</param>
/// <param name="Others">What our code is compared with, in the report's order: peers, or our own code asked to compute otherwise.</param>
internal sealed record Family(string Name, string Title, IReadOnlyList<Workload> Workloads, IReadOnlyList<Engine> Others)
{
    private const int TrainingSteps = 28;
    private const int StreamSteps = 100;
    private const int BatchSteps = 50;
    private const int BatchSize = 32;

    private static readonly Cell[] BothCells = [Cell.Lstm, Cell.Gru];

    /// <summary>One step a call.</summary>
    public static Family Step { get; } = new(
        "step", "Step: one step a call, one stream", Cases(BothCells, Sizes.Streams, Stepwise), Engine.Peers);

    /// <summary>One sequence a call.</summary>
    public static Family Run { get; } = new(
        "run",
        $"Run: one sequence of {StreamSteps} steps a call",
        Cases(BothCells, Sizes.Streams, Streamwise),
        Engine.Peers);

    /// <summary>A batch of sequences a call.</summary>
    public static Family Batch { get; } = new(
        "batch", "Run: a batch of sequences a call", Cases(BothCells, Sizes.Batches, Batchwise), Engine.Peers);

    /// <summary>Forward and backward.</summary>
    public static Family Train { get; } = new(
        "train",
        "Forward and backward of a batch (gradients of weights, biases and input)",
        Cases(BothCells, Sizes.Batches, Training),
        Engine.Peers);

    /// <summary>A training step of a small model.</summary>
    public static Family Small { get; } = new(
        "small",
        "A whole training step of a small model: forward, mean squared error, backward, AdamW",
        Cases(BothCells, Sizes.Small, (cell, i, h) => new(Call.TrainingStep, cell, i, h, TrainingSteps, 1)),
        Engine.Peers);

    /// <summary>One thread and two.</summary>
    public static Family Threads { get; } = new(
        "threads",
        "Run, and forward and backward, of a batch on one thread and on two",
        [.. Cases(BothCells, Sizes.From128, Batchwise), .. Cases(BothCells, Sizes.From128, Training)],
        [Engine.TwoThreads])
    {
        Cores = OwnVariant.TwoThreads.Threads,
    };

    /// <summary>Formats of weights.</summary>
    public static Family Formats { get; } = new(
        "formats", "Step with smaller weights", Cases(BothCells, Sizes.Formats, Stepwise), [Engine.BFloat16, Engine.Int8]);

    /// <summary>Accurate and fast activations.</summary>
    public static Family Accuracy { get; } = new(
        "accuracy",
        "Accurate and fast activations",
        [
            .. Cases(BothCells, Sizes.Streams, Stepwise),
            .. Cases([Cell.Lstm], Sizes.Streams, Streamwise),
            .. Cases([Cell.Lstm], Sizes.Accuracy, Batchwise),
        ],
        [Engine.Fast]);

    /// <summary>Cost against H, T and B.</summary>
    public static Family Scaling { get; } = new(
        "scaling", "Cost against H, T and B", [.. Series.All.SelectMany(s => s.Workloads).Distinct()], []);

    /// <summary>All, in the report's order.</summary>
    public static IReadOnlyList<Family> All { get; } = [Step, Run, Batch, Train, Small, Threads, Formats, Accuracy, Scaling];

    /// <summary>The one that BenchmarkDotNet asks for its rows.</summary>
    public static Family Current { get; set; } = Step;

    /// <summary>Cores that it needs.</summary>
    public int Cores { get; private init; } = 1;

    /// <summary>Whether times are those of a step rather than of a call.</summary>
    public bool PerStep => Workloads.All(w => w is { Batch: 1, Call: Call.Step or Call.Run });

    /// <summary>The unit of times, and how many of it are a second.</summary>
    public (string Name, double PerSecond) Unit =>
        PerStep ? ("us a step", 1e6) : Workloads.Any(w => w.Batch == 1) ? ("us a call", 1e6) : ("ms a call", 1e3);

    /// <summary>Whether what is compared is our own code throughout.</summary>
    public bool OfVariants => Others.All(e => e.IsOwn);

    /// <summary>A case's name in the report.</summary>
    public string Label(Workload workload) =>
        (Workloads.Any(w => w.Call != workload.Call) ? $"{workload.Call} " : string.Empty) + (PerStep ? workload.Size : workload.Name);

    /// <summary>The case of the given cell and sizes; the last where several calls are timed and none is named.</summary>
    public Workload Case(Cell cell, (int Inputs, int Units) size, Call? call = null) => Workloads.Last(
        w => w.Cell == cell && w.Inputs == size.Inputs && w.Units == size.Units && (call is null || w.Call == call));

    /// <summary>The cases that the command line asks for, each with ours and the others that can do it.</summary>
    public IEnumerable<Row> Rows =>
        from workload in Workloads
        where workload.Name.Contains(BenchmarkOptions.Current.Case, StringComparison.OrdinalIgnoreCase)
        from engine in Others.Prepend(Engine.Own)
        where engine.Supports(workload)
        select new Row(workload, engine);

    private static Workload Stepwise(Cell cell, int inputs, int units) => new(Call.Step, cell, inputs, units, StreamSteps, 1);

    private static Workload Streamwise(Cell cell, int inputs, int units) => new(Call.Run, cell, inputs, units, StreamSteps, 1);

    private static Workload Batchwise(Cell cell, int inputs, int units) => new(Call.Run, cell, inputs, units, BatchSteps, BatchSize);

    private static Workload Training(Cell cell, int inputs, int units) =>
        new(Call.Train, cell, inputs, units, (inputs, units) switch { (28, 128) => 28, (512, 512) => 35, _ => BatchSteps }, BatchSize);

    private static IReadOnlyList<Workload> Cases(
        IEnumerable<Cell> cells, (int Inputs, int Units)[] sizes, Func<Cell, int, int, Workload> create) =>
        [.. cells.SelectMany(cell => sizes.Select(s => create(cell, s.Inputs, s.Units)))];

    /// <summary>Inputs I and units H of the cases.</summary>
    internal static class Sizes
    {
        public static readonly (int Inputs, int Units)[] Streams = [(1, 32), (32, 32), (16, 64), (64, 128), (128, 256)];
        public static readonly (int Inputs, int Units)[] Batches = [(1, 32), (28, 128), (64, 128), (256, 256), (512, 512)];
        public static readonly (int Inputs, int Units)[] From128 = Batches[1..];
        public static readonly (int Inputs, int Units)[] Formats = [(16, 64), (64, 128), (128, 256)];
        public static readonly (int Inputs, int Units)[] Accuracy = [(1, 32), (32, 32), (64, 128)];
        public static readonly (int Inputs, int Units)[] Small = [(1, 32), (32, 32)];
    }
}
