using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Parsing;

/// <summary>The names the generated code writes into a model class or reads there, which its author has to leave free.</summary>
internal static class GeneratedMembers
{
    private const string Sequence = "int, int, ReadOnlySpan<int>, ModelState, ModelState";
    private const string ToTape = "Tape, ReadOnlySpan<int>, ModelState, ModelState";
    private const string FromTape = "Tape, ParameterSet, bool, ModelState, ModelState";

    // Methods stand with their parameter types: overloads of the author's own are welcome.
    private static readonly Dictionary<string, string[]> s_members = new(StringComparer.Ordinal)
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

    private static readonly HashSet<string> s_typeNames = new(TypesUsed.Select(t => t.Split('`')[0]), StringComparer.Ordinal);

    /// <summary>Whether a type or namespace, where it is nearer, is in the way of a type that generated code uses.</summary>
    public static bool Hides(INamespaceOrTypeSymbol nearer) => TypesUsed.Contains(nearer.MetadataName);

    public static bool IsReserved(string name) => s_members.ContainsKey(name) || s_typeNames.Contains(name) || IsPrivate(name);

    /// <summary>Whether a member, declared or inherited, is in the way of a generated one.</summary>
    public static bool Clashes(ISymbol member) =>
        IsPrivate(member.Name) ||
        s_typeNames.Contains(member.Name) ||
        (s_members.TryGetValue(member.Name, out var signatures) &&
            (member is not IMethodSymbol method || signatures.Length == 0 || signatures.Contains(Signature(method))));

    /// <summary>Whether a constructor has the parameters of a generated one.</summary>
    public static bool ClashesAsConstructor(IMethodSymbol constructor) => Signature(constructor) is "int, Initialization" or "ModelCore";

    // Fields of the generated part carry this prefix, with a layer's name after it.
    private static bool IsPrivate(string name) =>
        name.StartsWith("_rnn", StringComparison.Ordinal) || name.StartsWith("s_rnn", StringComparison.Ordinal);

    private static string Signature(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(p => p.Type.ToDisplayString(s_typeFormat)));

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
}
