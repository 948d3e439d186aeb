namespace RnnCodegen.Benchmarks;

/// <summary>What is called.</summary>
internal enum Call
{
    /// <summary>One step of one stream.</summary>
    Step,

    /// <summary>Inference over a batch of sequences, or over one.</summary>
    Run,

    /// <summary>Forward and backward of a batch of sequences, with the gradients of the weights and of the input.</summary>
    Train,

    /// <summary>A whole step of training: forward, mean squared error, gradients of the weights, AdamW.</summary>
    TrainingStep,
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
/// One case: a call, a layer, its sizes, and the shape of the data. T is
/// the sequence's length; one step a call goes through its rows in turn.
/// </summary>
internal sealed record Workload(Call Call, Cell Cell, int Inputs, int Units, int Steps, int Batch)
{
    /// <summary>Cell and sizes, e.g. LSTM (64,128).</summary>
    public string Size => $"{Cell.ToString().ToUpperInvariant()} ({Inputs},{Units})";

    /// <summary>Size and shape, e.g. LSTM (64,128) T=50 B=32.</summary>
    public string Name => Call == Call.Step ? Size : $"{Size} T={Steps} B={Batch}";

    /// <summary>Gates G.</summary>
    public int Gates => Cell == Cell.Lstm ? 4 : 3;

    /// <summary>Time steps of a call.</summary>
    public int StepsPerCall => Call == Call.Step ? 1 : Steps;

    /// <summary>Multiplications with input weights, a step of a sample; also the number of those weights.</summary>
    public long InputProducts => (long)Gates * Units * Inputs;

    /// <summary>Multiplications with recurrent weights, a step of a sample; also the number of those weights.</summary>
    public long HiddenProducts => (long)Gates * Units * Units;

    /// <summary>Products with input weights: forward, then the gradient of the weights, then that of the input.</summary>
    public int InputPasses => Call switch { Call.Train => 3, Call.TrainingStep => 2, _ => 1 };

    /// <summary>Products with recurrent weights that wait for the step before: forward, and the gradient of the state.</summary>
    public int HiddenPasses => Call is Call.Train or Call.TrainingStep ? 2 : 1;

    /// <summary>
    /// Floating-point operations of the products of a call. The gradient of U, unlike that of h, is one product for all steps.
    /// </summary>
    public double Flops =>
        2.0 * ((InputPasses * InputProducts) + ((HiddenPasses == 2 ? 3 : 1) * HiddenProducts)) * Batch * StepsPerCall;
}
