namespace RnnCodegen.Interchange.Onnx;

/// <summary>Choices that a graph leaves open.</summary>
public sealed class OnnxImportOptions
{
    /// <summary>The graph's output that the model is to have; the only one that is rows where null.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// A value inside the graph that is to be the model's input, in place of all that it is made of; null for the graph's own.
    /// </summary>
    public string? From { get; init; }

    /// <summary>A value inside the graph that is to be the model's output; null for one of the graph's own.</summary>
    public string? To { get; init; }

    /// <summary>Sizes of axes of inputs that the file leaves open, by the names that the file gives them.</summary>
    public IReadOnlyDictionary<string, int> Sizes { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Values of inputs of the graph that are parameters of the model, by the inputs' names; as ONNX's own tests give W and R.
    /// </summary>
    public IReadOnlyDictionary<string, NamedTensor> Constants { get; init; } = new Dictionary<string, NamedTensor>();
}
