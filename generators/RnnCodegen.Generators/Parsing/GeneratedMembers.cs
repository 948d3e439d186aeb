using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Parsing;

/// <summary>What of a class's own symbols is in the way of the names that generated code writes into it or reads there.</summary>
internal static class GeneratedMembers
{
    /// <inheritdoc cref="ReservedNames.TypesUsed"/>
    public static IReadOnlyList<string> TypesUsed => ReservedNames.TypesUsed;

    /// <summary>Whether a type or namespace, where it is nearer, is in the way of a type that generated code uses.</summary>
    public static bool Hides(INamespaceOrTypeSymbol nearer) => ReservedNames.TypesUsed.Contains(nearer.MetadataName);

    public static bool IsReserved(string name) => ReservedNames.Contains(name);

    /// <summary>Whether a member, declared or inherited, is in the way of a generated one.</summary>
    public static bool Clashes(ISymbol member) =>
        ReservedNames.IsPrivate(member.Name) ||
        ReservedNames.TypeNames.Contains(member.Name) ||
        (ReservedNames.Members.TryGetValue(member.Name, out var signatures) &&
            (member is not IMethodSymbol method || signatures.Length == 0 || signatures.Contains(Signature(method))));

    /// <summary>Whether a constructor has the parameters of a generated one.</summary>
    public static bool ClashesAsConstructor(IMethodSymbol constructor) => Signature(constructor) is "int, Initialization" or "ModelCore";

    private static string Signature(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(p => p.Type.ToDisplayString(s_typeFormat)));

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
}
