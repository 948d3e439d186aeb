namespace RnnCodegen.Benchmarks;

/// <summary>What is called.</summary>
internal enum Family
{
    /// <summary>One step a call, one stream.</summary>
    Step,

    /// <summary>One sequence a call.</summary>
    Run,

    /// <summary>A batch of sequences a call.</summary>
    Batch,

    /// <summary>Forward and backward of a batch of sequences, with the gradients of the weights and of the input.</summary>
    Train,
}

/// <summary>Which recurrent layer.</summary>
internal enum Cell
{
    /// <summary>LSTM, gates i, f, g, o.</summary>
    Lstm,

    /// <summary>GRU with the reset gate after the product, gates r, z, n.</summary>
    Gru,
}

/// <summary>
/// One case: a layer, its sizes, and the shape of the data. T is the sequence's length; one step a call goes through its rows in turn.
/// </summary>
internal sealed record Workload(Family Family, Cell Cell, int Inputs, int Units, int Steps, int Batch)
{
    /// <summary>Steps of a call in the Run family.</summary>
    public const int RunSteps = 100;

    private static readonly (int Inputs, int Units)[] Streams = [(1, 32), (32, 32), (16, 64), (64, 128), (128, 256)];
    private static readonly (int Inputs, int Units)[] Batches = [(1, 32), (28, 128), (64, 128), (256, 256), (512, 512)];

    /// <summary>Cell and sizes, e.g. LSTM (64,128).</summary>
    public string Size => $"{Cell.ToString().ToUpperInvariant()} ({Inputs},{Units})";

    /// <summary>Gates G.</summary>
    public int Gates => Cell == Cell.Lstm ? 4 : 3;

    /// <summary>Multiplications with input weights, a step of a sample; also the number of those weights.</summary>
    public long InputProducts => (long)Gates * Units * Inputs;

    /// <summary>Multiplications with recurrent weights, a step of a sample; also the number of those weights.</summary>
    public long HiddenProducts => (long)Gates * Units * Units;

    /// <summary>
    /// Floating-point operations of the products of a call (a step of the Step and Run families). Backward has two products for each
    /// forward one.
    /// </summary>
    public double Flops
    {
        get
        {
            var step = 2.0 * (InputProducts + HiddenProducts) * Batch;
            return Family switch
            {
                Family.Train => 3 * step * Steps,
                Family.Batch => step * Steps,
                _ => step,
            };
        }
    }

    /// <summary>All cases of a family.</summary>
    public static IEnumerable<Workload> Of(Family family) => family switch
    {
        Family.Step or Family.Run => Streams.Select(s => new Workload(family, Cell.Lstm, s.Inputs, s.Units, RunSteps, 1)),
        Family.Batch => BothCells((cell, s) => new Workload(family, cell, s.Inputs, s.Units, 50, 32)),
        _ => BothCells((cell, s) => new Workload(family, cell, s.Inputs, s.Units, TrainSteps(s), 32)),
    };

    private static int TrainSteps((int Inputs, int Units) size) => size switch { (28, 128) => 28, (512, 512) => 35, _ => 50 };

    private static IEnumerable<Workload> BothCells(Func<Cell, (int Inputs, int Units), Workload> create) =>
        Enum.GetValues<Cell>().SelectMany(cell => Batches.Select(s => create(cell, s)));
}
