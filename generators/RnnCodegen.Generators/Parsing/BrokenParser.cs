using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Reads what a class needs for the compiler to be content with it, where no model can be made of it.</summary>
internal static class BrokenParser
{
    private static readonly SymbolDisplayFormat s_typeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .WithMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
                | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>A model with an error; null where no part of it can be written.</summary>
    /// <param name="type">The class.</param>
    /// <param name="node">The part of it that is annotated.</param>
    /// <param name="takesTokens">Whether its input seems to be token ids.</param>
    /// <param name="hasConstructor">Whether a constructor can stand beside its author's and its base's.</param>
    /// <param name="clashes">Whether a member is in the way of a generated one.</param>
    public static BrokenModelSpec? OfModel(
        INamedTypeSymbol type, TypeDeclarationSyntax node, bool takesTokens, bool hasConstructor, Func<ISymbol, bool> clashes)
    {
        if (!HasParts(type, node))
        {
            return null;
        }

        var skipped = new HashSet<string>(StringComparer.Ordinal) { type.Name };
        skipped.UnionWith(type.GetMembers().Where(m => LayerParser.IsLayer(m) || clashes(m)).Select(m => m.Name));
        for (var ancestor = type.BaseType; ancestor is not null; ancestor = ancestor.BaseType)
        {
            // Others are hidden.
            skipped.UnionWith(
                ancestor.GetMembers().Where(m => m is { IsAbstract: true } and not ITypeSymbol && clashes(m)).Select(m => m.Name));
        }

        var layers = type.GetMembers().OfType<IPropertySymbol>().Where(LayerParser.IsLayer);
        return Of(type, node, layers) with
        {
            TakesTokens = takesTokens,
            HasApi = !type.IsStatic,
            HasConstructor = hasConstructor && !type.IsStatic,
            Skipped = skipped.OrderBy(n => n, StringComparer.Ordinal).ToEquatableArray(),
        };
    }

    /// <summary>A class that is no model and has a layer; null where its property needs no body or can get none.</summary>
    public static BrokenModelSpec? OfStray(IPropertySymbol layer, TypeDeclarationSyntax node) =>
        HasParts(layer.ContainingType, node) && Of(layer.ContainingType, node, [layer]) is { Properties.Count: > 0 } stray ? stray : null;

    private static BrokenModelSpec Of(INamedTypeSymbol type, TypeDeclarationSyntax node, IEnumerable<IPropertySymbol> layers) => new(
        ModelParser.FullName(type),
        ModelParser.NamespaceOf(type),
        ClassParser.SpecsOf(node).ToEquatableArray(),
        TakesTokens: false,
        HasApi: false,
        HasConstructor: false,
        layers.Select(StubOf).OfType<PropertyStub>().Distinct().ToEquatableArray(),
        default);

    /// <summary>Whether a part of the type can stand in another file.</summary>
    private static bool HasParts(INamedTypeSymbol type, TypeDeclarationSyntax node)
    {
        var language = ((CSharpParseOptions)node.SyntaxTree.Options).LanguageVersion.MapSpecifiedToEffectiveVersion();
        return language >= LanguageVersion.CSharp13 && node.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().All(IsOpen)
            && type.DeclaringSyntaxReferences.Select(r => r.GetSyntax()).OfType<TypeDeclarationSyntax>().All(IsOpen);

        static bool IsOpen(TypeDeclarationSyntax t) =>
            t.Modifiers.Any(SyntaxKind.PartialKeyword) && !t.Modifiers.Any(SyntaxKind.FileKeyword) && t.Identifier.ValueText.Length > 0;
    }

    private static PropertyStub? StubOf(IPropertySymbol property)
    {
        if (!property.IsPartialDefinition || property.IsAbstract || property.IsExtern || property.PartialImplementationPart is not null
            || property.Type.TypeKind == TypeKind.Error
            || property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax()
                is not BasePropertyDeclarationSyntax { AccessorList.Accessors: { Count: > 0 } accessors } syntax)
        {
            return null;
        }

        var parameters = property.Parameters.Select(p => $"{p.Type.ToDisplayString(s_typeFormat)} @{p.Name}");
        var reference = property.RefKind switch { RefKind.Ref => "ref ", RefKind.RefReadOnly => "ref readonly ", _ => "" };
        return new PropertyStub(
            syntax.Modifiers.ToString(),
            reference + property.Type.ToDisplayString(s_typeFormat),
            property.Name,
            string.Join(", ", parameters),
            accessors.Select(a => $"{string.Concat(a.Modifiers.Select(m => m.ValueText + " "))}{a.Keyword.ValueText}").ToEquatableArray());
    }
}
