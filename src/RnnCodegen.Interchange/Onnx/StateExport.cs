using RnnCodegen.Interchange.Onnx.Format;

namespace RnnCodegen.Interchange.Onnx;

/// <summary>The states of a graph that is being written, as inputs and outputs.</summary>
internal sealed class StateExport
{
    private const string Batch = "batch";
    private const string Next = ".next";

    private readonly ExportGraph _graph;
    private readonly List<(string Value, string Name, int Size)> _ends = [];

    /// <param name="model">The model.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="notes">Receives why there are none.</param>
    /// <exception cref="NotSupportedException">They are wanted, and a layer has none that could be given.</exception>
    public StateExport(ModelDescription model, OnnxExportOptions options, ExportGraph graph, List<string> notes)
    {
        _graph = graph;
        var obstacle = model.Layers.Select(l => (l.Name, Why: Obstacle(l.Options))).FirstOrDefault(l => l.Why is not null);
        AreWritten = (options.States ?? obstacle.Why is null) && model.Layers.Exists(l => l.Options is RecurrentAttribute);
        if (AreWritten && obstacle.Why is not null)
        {
            throw new NotSupportedException(
                $"Layer '{obstacle.Name}' cannot be exported to ONNX with states as inputs and outputs: it {obstacle.Why}.");
        }

        if (options.States is null && obstacle.Why is not null && model.Layers.Exists(l => l.Options is RecurrentAttribute))
        {
            notes.Add($"The file takes whole sequences and has no inputs for states: '{obstacle.Name}' {obstacle.Why}.");
        }
    }

    /// <summary>Whether states are inputs and outputs.</summary>
    public bool AreWritten { get; }

    /// <summary>Adds the input of a state, and returns its name.</summary>
    /// <param name="name">The state's name, e.g. <c>Encoder.h_l0</c>.</param>
    /// <param name="size">Its values.</param>
    public string Start(string name, int size)
    {
        _graph.Reserve(name);
        _graph.Reserve(name + Next);
        _graph.Proto.Inputs.Add(Info(name, size));
        return name;
    }

    /// <summary>Makes a value the output of a state.</summary>
    public void End(string value, string name, int size) => _ends.Add((value, name + Next, size));

    /// <summary>Adds the outputs, behind the model's own.</summary>
    public void Finish()
    {
        foreach (var (value, name, size) in _ends)
        {
            _graph.Rename(value, name);
            _graph.Proto.Outputs.Add(Info(name, size));
        }
    }

    /// <summary>Why a layer cannot go on from a state that it is given; null where it can, or has none.</summary>
    private static string? Obstacle(LayerAttribute options) => options switch
    {
        RecurrentAttribute { Bidirectional: true } or RecurrentAttribute { Reverse: true } or ReverseTimeAttribute =>
            "starts from the end of the sequence",
        RecurrentAttribute { LearnedInitialState: true } => "starts from a state that is learned, which is in the file",
        Conv1dAttribute { Kernel: > 1 } or Pool1dAttribute { Size: > 1 } => "sees rows of several steps",
        GlobalPoolAttribute or AttentionPoolAttribute => "needs all steps",
        _ => null,
    };

    private static ValueInfoProto Info(string name, int size) => new()
    {
        Name = name,
        Type = OnnxDataType.Float,
        Shape = [new() { Value = 1 }, new() { Symbol = Batch }, new() { Value = size }],
    };
}
