namespace RnnCodegen.Benchmarks;

/// <summary>Cases that differ in one number, for both cells: a plot of cost against it.</summary>
/// <param name="Key">Of the plot's file name.</param>
/// <param name="Title">What is timed.</param>
/// <param name="Axis">The number.</param>
/// <param name="Values">What it is.</param>
/// <param name="Slope">How the work of the products grows with it: work ~ value^Slope.</param>
/// <param name="Create">The case of a cell and a value.</param>
internal sealed record Series(string Key, string Title, string Axis, int[] Values, int Slope, Func<Cell, int, Workload> Create)
{
    /// <summary>The plots, in the report's order.</summary>
    public static IReadOnlyList<Series> All { get; } =
    [
        new("step-h", "Step against H, with as many inputs as units", "H", [8, 16, 32, 64, 128, 256], 2,
            (cell, h) => new(Call.Step, cell, h, h, 100, 1)),
        new("run-t", "Run of one sequence against T, (64,128)", "T", [10, 30, 100, 300, 1000], 1,
            (cell, t) => new(Call.Run, cell, 64, 128, t, 1)),
        new("run-b", "Run of 50 steps against B, (64,128)", "B", [1, 2, 4, 8, 16, 32, 64], 1,
            (cell, b) => new(Call.Run, cell, 64, 128, 50, b)),
        new("train-t", "Forward and backward of 8 sequences against T, (64,128)", "T", [10, 30, 100, 300, 1000], 1,
            (cell, t) => new(Call.Train, cell, 64, 128, t, 8)),
    ];

    /// <summary>All its cases.</summary>
    public IEnumerable<Workload> Workloads => Enum.GetValues<Cell>().SelectMany(cell => Values.Select(v => Create(cell, v)));
}
