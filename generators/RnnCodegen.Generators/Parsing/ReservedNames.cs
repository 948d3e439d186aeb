namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// The public members that generated code adds to a model class. The importers, which name classes and layers after what files say, are
/// compiled with this table too, so that no name they choose is one that the generator refuses.
/// </summary>
internal static class ReservedNames
{
    /// <summary>What is in the way of every member of its name, because it is no method.</summary>
    public const string EverySignature = "*";

    private const string Floats = "System.ReadOnlySpan<float>";
    private const string Output = "System.Span<float>";
    private const string State = "RnnCodegen.ModelState";
    private const string Integers = "System.ReadOnlySpan<int>";
    private const string Sequence = $"int, int, {Integers}, {State}, {State}";
    private const string ToTape = $"RnnCodegen.Tape, {Integers}, {State}, {State}";
    private const string FromTape = $"RnnCodegen.Tape, RnnCodegen.ParameterSet, bool, {State}, {State}";

    // Methods stand with their parameter types: overloads of the author's own are welcome. An accessor is a method too.
    private static readonly (string Name, string Signature)[] s_always =
    [
        ("OutputSize", EverySignature), ("ParameterCount", EverySignature), ("FlopsPerStep", EverySignature),
        ("Parameters", EverySignature), ("MaxThreads", EverySignature),
        ("get_Parameters", ""), ("get_MaxThreads", ""), ("set_MaxThreads", "int"),
        ("CreateState", "int"), ("CreateTape", "int, int"), ("CreateGradients", ""), ("TapeBytes", "int, int, int"),
        ("Load", "string"), ("Save", "string"), (OfWeights, ""), (OfGolden, ""),
    ];

    private static readonly (string Name, string Signature)[] s_ofRows =
    [
        ("InputSize", EverySignature), ("Run", $"{Floats}, {Output}, {Sequence}"), ("Forward", $"{Floats}, {Output}, {ToTape}"),
        ("Backward", $"{Floats}, {Output}, {FromTape}"),
    ];

    private static readonly (string Name, string Signature)[] s_ofTokens =
    [
        ("Vocabulary", EverySignature), ("Run", $"{Integers}, {Output}, {Sequence}"), ("Forward", $"{Integers}, {Output}, {ToTape}"),
        ("Backward", $"{Floats}, {FromTape}"),
    ];

    private static readonly (string Name, string Signature)[] s_ofCuda =
    [
        ("TryCreateCuda", "ref string, RnnCodegen.Cuda.CudaOptions"), ("TryToCuda", "ref string, RnnCodegen.Cuda.CudaOptions"),
        ("IsCuda", EverySignature), ("Device", EverySignature), ("get_IsCuda", ""), ("get_Device", ""), ("Dispose", ""),
    ];

    private static readonly HashSet<string> s_all = new(
        Of(false, true).Concat(Of(true, true)).Concat(Streaming(true, true)).Select(m => m.Name), StringComparer.Ordinal);

    /// <summary>The names of all members that any model has.</summary>
    public static IEnumerable<string> All => s_all;

    /// <summary>Whether some models have a member of the name, so that neither a class nor a layer of an imported one gets it.</summary>
    public static bool Contains(string name) => s_all.Contains(name);

    /// <summary>The members of every model with the given input, with code for GPUs or without.</summary>
    public static IEnumerable<(string Name, string Signature)> Of(bool takesTokens, bool hasCuda) =>
        s_always.Concat(takesTokens ? s_ofTokens : s_ofRows).Concat(hasCuda ? s_ofCuda : []);

    /// <summary>Whether a model has the member only where the project embeds a file for it.</summary>
    public static bool IsOfFiles(string name) => name is OfWeights or OfGolden;

    /// <summary>The member for embedded weights.</summary>
    public const string OfWeights = "LoadEmbedded";

    /// <summary>The member for an embedded golden pair.</summary>
    public const string OfGolden = "SelfTest";

    /// <summary>The further members of a model that runs step by step.</summary>
    public static IEnumerable<(string Name, string Signature)> Streaming(bool takesTokens, bool hasCuda) =>
    [
        ("Step", $"{(takesTokens ? "int" : Floats)}, {Output}, {State}"), ("CreateStream", ""),
        .. hasCuda ? new[] { ("CreateStreams", "int") } : [],
    ];
}
