using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Parsing;

/// <summary>The public members that generated code adds to a model class, whose names its author has to leave free where the model has them.</summary>
internal sealed class GeneratedMembers
{
    private const string Floats = "System.ReadOnlySpan<float>";
    private const string Output = "System.Span<float>";
    private const string State = "RnnCodegen.ModelState";
    private const string Integers = "System.ReadOnlySpan<int>";
    private const string Sequence = $"int, int, {Integers}, {State}, {State}";
    private const string ToTape = $"RnnCodegen.Tape, {Integers}, {State}, {State}";
    private const string FromTape = $"RnnCodegen.Tape, RnnCodegen.ParameterSet, bool, {State}, {State}";

    /// <summary>What is in the way of every member of its name, because it is no method.</summary>
    private const string All = "*";

    // Methods stand with their parameter types: overloads of the author's own are welcome. An accessor is a method too.
    private static readonly (string Name, string Signature)[] s_always =
    [
        ("OutputSize", All), ("ParameterCount", All), ("FlopsPerStep", All), ("Parameters", All), ("MaxThreads", All),
        ("get_Parameters", ""), ("get_MaxThreads", ""), ("set_MaxThreads", "int"),
        ("CreateState", "int"), ("CreateTape", "int, int"), ("CreateGradients", ""), ("TapeBytes", "int, int, int"),
        ("Load", "string"), ("Save", "string"), ("LoadEmbedded", ""), ("SelfTest", ""),
    ];

    private static readonly (string Name, string Signature)[] s_ofRows =
    [
        ("InputSize", All), ("Run", $"{Floats}, {Output}, {Sequence}"), ("Forward", $"{Floats}, {Output}, {ToTape}"), ("Backward", $"{Floats}, {Output}, {FromTape}"),
    ];

    private static readonly (string Name, string Signature)[] s_ofTokens =
    [
        ("Vocabulary", All), ("Run", $"{Integers}, {Output}, {Sequence}"), ("Forward", $"{Integers}, {Output}, {ToTape}"), ("Backward", $"{Floats}, {FromTape}"),
    ];

    private readonly Dictionary<string, string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _streaming;
    private readonly Lazy<bool> _canStream;

    /// <param name="takesTokens">Whether the model's input is token ids.</param>
    /// <param name="canStream">Whether it runs step by step; asked only where a member has such a name.</param>
    public GeneratedMembers(bool takesTokens, Func<bool> canStream)
    {
        foreach (var (name, signature) in s_always.Concat(takesTokens ? s_ofTokens : s_ofRows))
        {
            _members.Add(name, signature);
        }

        _canStream = new Lazy<bool>(canStream);
        _streaming = new(StringComparer.Ordinal) { ["Step"] = $"{(takesTokens ? "int" : Floats)}, {Output}, {State}", ["CreateStream"] = "" };
    }

    /// <summary>Whether the model has a member of a name.</summary>
    public bool Has(string name) => Signature(name) is not null;

    /// <summary>Whether a member, declared or inherited, is in the way of a generated one.</summary>
    public bool Clashes(ISymbol member) => Signature(member.Name) is { } signature &&
        (member is not IMethodSymbol method || signature == All || (method.Arity == 0 && Signature(method) == signature));

    /// <summary>Whether a constructor has the parameters of a generated one.</summary>
    public static bool ClashesAsConstructor(IMethodSymbol constructor) => Signature(constructor) is "int, RnnCodegen.Initialization" or "RnnCodegen.ModelCore";

    private string? Signature(string name) =>
        _members.TryGetValue(name, out var signature) || (_streaming.TryGetValue(name, out signature) && _canStream.Value) ? signature : null;

    private static string Signature(IMethodSymbol method) => string.Join(
        ", ", method.Parameters.Select(p => (p.RefKind == RefKind.None ? "" : "ref ") + p.Type.ToDisplayString(s_typeFormat)));

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
}
