namespace RnnCodegen.Interchange.Onnx;

/// <summary>Choices that a graph leaves open.</summary>
public sealed class OnnxImportOptions
{
    /// <summary>The graph's output that the model is to have; the only one that is rows where null.</summary>
    public string? Output { get; init; }

    /// <summary>Sizes of axes of inputs that the file leaves open, by the names that the file gives them.</summary>
    public IReadOnlyDictionary<string, int> Sizes { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Values of inputs of the graph that are parameters of the model, by the inputs' names; as ONNX's own tests give W and R.
    /// </summary>
    public IReadOnlyDictionary<string, NamedTensor> Constants { get; init; } = new Dictionary<string, NamedTensor>();
}
