namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// The names that the author of a model class has to leave free. The importers, which name classes and layers after what files say, are compiled with this
/// table too, so that no name they choose is one that the generator refuses.
/// </summary>
internal static class ReservedNames
{
    private const string Sequence = "int, int, ReadOnlySpan<int>, ModelState, ModelState";
    private const string ToTape = "Tape, ReadOnlySpan<int>, ModelState, ModelState";
    private const string FromTape = "Tape, ParameterSet, bool, ModelState, ModelState";

    // Methods stand with their parameter types: overloads of the author's own are welcome.
    public static readonly IReadOnlyDictionary<string, string[]> Members = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["InputSize"] = [],
        ["Vocabulary"] = [],
        ["OutputSize"] = [],
        ["ParameterCount"] = [],
        ["FlopsPerStep"] = [],
        ["Parameters"] = [],
        ["MaxThreads"] = [],
        ["CreateState"] = ["int"],
        ["CreateStream"] = [""],
        ["CreateTape"] = ["int, int"],
        ["CreateGradients"] = [""],
        ["TapeBytes"] = ["int, int, int"],
        ["Step"] = ["ReadOnlySpan<float>, Span<float>, ModelState", "int, Span<float>, ModelState"],
        ["Run"] = [$"ReadOnlySpan<float>, Span<float>, {Sequence}", $"ReadOnlySpan<int>, Span<float>, {Sequence}"],
        ["Forward"] = [$"ReadOnlySpan<float>, Span<float>, {ToTape}", $"ReadOnlySpan<int>, Span<float>, {ToTape}"],
        ["Backward"] = [$"ReadOnlySpan<float>, Span<float>, {FromTape}", $"ReadOnlySpan<float>, {FromTape}"],
        ["Load"] = ["string"],
        ["Save"] = ["string"],
        ["LoadEmbedded"] = [""],
        ["SelfTest"] = [""],
        ["Core"] = [],
        ["CreateRnnKernels"] = [],
        ["Vector512Kernels"] = [],
        ["Vector256Kernels"] = [],
        ["Vector128Kernels"] = [],
        ["ScalarKernels"] = [],
    };

    /// <summary>
    /// Metadata names of the types that generated code calls by their simple names. A member of the model, or a type or namespace nearer to it,
    /// would be meant instead.
    /// </summary>
    public static readonly IReadOnlyList<string> TypesUsed =
    [
        "ActivationLayer", "AddLayer", "AffineLayer", "AttentionLayer", "AttentionPoolLayer", "AttentionScore", "BFloat16Packer", "BitConverter", "ConcatLayer", "Conv1dLayer",
        "DenseLayer", "DropoutLayer", "DropoutMask", "ElmanLayer", "EmbeddingLayer", "GateLayout", "GlobalPoolLayer", "GruLayer", "IRnnModel`1",
        "Initialization", "Int8Packer", "Int8Product", "LayerNorm", "LayerNormLayer", "LstmLayer", "Math", "MemoryAttention", "MemoryKeys", "MethodImplAttribute", "MethodImplOptions",
        "ModelCall", "ModelCore", "ModelDefinition", "ModelKernels", "ModelState", "ModelStream", "MultiplyLayer", "OutputTransform", "PReluLayer",
        "PanelPacker", "ParameterInfo", "ParameterInitializer", "ParameterRole", "ParameterSet", "Pool1dLayer", "ReadOnlySpan`1", "ReverseTimeLayer",
        "RowOps", "SafeTensors", "SequencePool", "SequencePooling", "SimdWidth", "SkipLocalsInitAttribute", "Span`1", "StateSlot", "Tape",
        "TimeWindow", "TimeWindows", "Vector128", "Vector128`1", "Vector256", "Vector256`1", "Vector512", "Vector512`1", "VectorMath", "WindowPool",
    ];

    public static readonly HashSet<string> TypeNames = new(TypesUsed.Select(t => t.Split('`')[0]), StringComparer.Ordinal);

    /// <summary>All names, but for those that only start alike.</summary>
    public static IEnumerable<string> All => Members.Keys.Concat(TypeNames);

    /// <summary>Whether neither a model class nor one of its layers may have the name.</summary>
    public static bool Contains(string name) => Members.ContainsKey(name) || TypeNames.Contains(name) || IsPrivate(name);

    /// <summary>Whether the name is one of the generated part's fields, which carry a prefix with a layer's name after it.</summary>
    public static bool IsPrivate(string name) =>
        name.StartsWith("_rnn", StringComparison.Ordinal) || name.StartsWith("s_rnn", StringComparison.Ordinal);
}
