namespace RnnCodegen.Generators.Planning;

/// <summary>
/// The types that a model's code calls by their simple names. Each file that does declares them inside the namespace that it shares with
/// nobody, where nothing that a project declares, imports or renames is nearer; classes of users are written with full names only.
/// </summary>
internal static class RuntimeTypes
{
    /// <summary>The namespace of the vectors; imported whole, as an alias cannot stand for <c>Vector512&lt;T&gt;</c> with any T.</summary>
    public const string Vectors = "System.Runtime.Intrinsics";

    /// <summary>What files of models call the class of the methods that models share.</summary>
    public const string Kernels = "Kernels";

    /// <summary>What a model's code calls the class of the places of its tensors.</summary>
    public const string Offsets = "Offsets";

    /// <summary>The types but the vectors, each with its full name.</summary>
    public static readonly IReadOnlyList<(string Name, string FullName)> Aliases =
    [
        .. In("System", "BitConverter", "Math"),

        // A keyword only where nothing is called so.
        ("nint", "System.IntPtr"),

        // Called with an @, as the compiler else looks for each with and without its ending.
        ("MethodImpl", "System.Runtime.CompilerServices.MethodImplAttribute"),
        .. In("System.Runtime.CompilerServices", "MethodImplOptions"),
        ("SkipLocalsInit", "System.Runtime.CompilerServices.SkipLocalsInitAttribute"),
        .. In(
            "RnnCodegen", "AttentionScore", "ModelDefinition", "OutputTransform", "ParameterInfo", "ParameterRole", "Pooling", "StateSlot"),
        .. In(
            "RnnCodegen.Runtime", "BFloat16Packer", "ByteScale", "DropoutMask", "FourFloats", "GateLayout", "Int8Packer",
            "Int8Product", "MemoryAttention", "MemoryKeys", "ModelCall", "ModelKernels", "PanelPacker", "RowOps", "RowWindow", "RowWindows",
            "SequencePool", "SequencePooling", "SimdWidth", "TimeWindow", "TimeWindows", "VectorMath", "WindowPool"),
    ];

    /// <summary>All simple names, which no member of a body may have.</summary>
    public static IEnumerable<string> Names => Aliases.Select(a => a.Name)
        .Concat(["Vector128", "Vector256", "Vector512", Kernels, Offsets]);

    private static IEnumerable<(string, string)> In(string space, params string[] names) => names.Select(n => (n, $"{space}.{n}"));
}
