using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Parsing;

/// <summary>
/// The public members that generated code adds to a model class, whose names its author has to leave free where the model has them.
/// </summary>
internal sealed class GeneratedMembers
{
    private readonly Dictionary<string, string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _streaming;
    private readonly Lazy<bool> _canStream;

    /// <param name="takesTokens">Whether the model's input is token ids.</param>
    /// <param name="hasCuda">Whether it has code for GPUs.</param>
    /// <param name="canStream">Whether it runs step by step; asked only where a member has such a name.</param>
    public GeneratedMembers(bool takesTokens, bool hasCuda, Func<bool> canStream)
    {
        foreach (var (name, signature) in ReservedNames.Of(takesTokens, hasCuda))
        {
            _members.Add(name, signature);
        }

        _canStream = new Lazy<bool>(canStream);
        _streaming = ReservedNames.Streaming(takesTokens, hasCuda).ToDictionary(m => m.Name, m => m.Signature, StringComparer.Ordinal);
    }

    /// <summary>Whether the model has a member of a name.</summary>
    public bool Has(string name) => Signature(name) is not null;

    /// <summary>Whether a member, declared or inherited, is in the way of a generated one.</summary>
    public bool Clashes(ISymbol member) => Signature(member.Name) is { } signature &&
        (member is not IMethodSymbol method || signature == ReservedNames.EverySignature
            || (method.Arity == 0 && Signature(method) == signature));

    /// <summary>Whether a constructor has the parameters of a generated one.</summary>
    public static bool ClashesAsConstructor(IMethodSymbol constructor) =>
        Signature(constructor) is "int, RnnCodegen.Initialization" or "RnnCodegen.Runtime.ModelCore";

    private string? Signature(string name) =>
        _members.TryGetValue(name, out var signature) || (_streaming.TryGetValue(name, out signature) && _canStream.Value)
            ? signature
            : null;

    private static string Signature(IMethodSymbol method) => string.Join(
        ", ", method.Parameters.Select(p => (p.RefKind == RefKind.None ? "" : "ref ") + p.Type.ToDisplayString(s_typeFormat)));

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
}
