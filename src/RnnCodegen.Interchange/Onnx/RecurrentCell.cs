namespace RnnCodegen.Interchange.Onnx;

/// <summary>What differs between ONNX's recurrent operators.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Order">Which of ONNX's blocks each of this project's gates is.</param>
/// <param name="Defaults">The activations of a direction: gates, candidate and, for LSTM, cell.</param>
internal sealed record RecurrentCell(string Op, int[] Order, Activation[] Defaults)
{
    public static RecurrentCell Lstm { get; } = new("LSTM", [.. GateBlocks.LstmFromOnnx],
        [Activation.Sigmoid, Activation.Tanh, Activation.Tanh]);

    public static RecurrentCell Gru { get; } = new("GRU", [.. GateBlocks.GruFromUpdateFirst], [Activation.Sigmoid, Activation.Tanh]);

    public static RecurrentCell Elman { get; } = new("RNN", [0], [Activation.Tanh]);

    public int Gates => Order.Length;

    public static RecurrentCell Of(string op) => op switch
    {
        "LSTM" => Lstm,
        "GRU" => Gru,
        "RNN" => Elman,
        _ => throw new ArgumentException($"{op} is no recurrent operator.", nameof(op)),
    };
}
