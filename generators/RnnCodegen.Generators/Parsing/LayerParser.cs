using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>A layer whose sources are still names.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Place">The property's name as written.</param>
/// <param name="Part">The part of the class it is declared in.</param>
/// <param name="Attribute">Its layer attribute.</param>
/// <param name="Kind">Which layer it is.</param>
/// <param name="Spec">What was read; null where something in it is wrong.</param>
internal sealed record LayerDraft(
    string Name, LocationInfo Place, SyntaxNode? Part, AttributeReader Attribute, LayerKind Kind, LayerSpec? Spec)
{
    /// <summary>Whether the layer reads token ids.</summary>
    public bool ReadsTokens => Kind.Reads == SourceRule.Tokens && !ReadsColumn;

    /// <summary>Whether the layer reads a column of the model's rows as ids.</summary>
    public bool ReadsColumn => Kind.Reads == SourceRule.Tokens && Attribute.Has("Column");
}

/// <summary>Reads one annotated property, without its sources.</summary>
internal static class LayerParser
{
    public static bool IsLayer(ISymbol member) => member is IPropertySymbol property && Attributes(property).Any();

    /// <summary>The layer a property declares, in a model of the given weight format; null where it declares none.</summary>
    public static LayerDraft? Parse(IPropertySymbol property, WeightFormatKind format, DiagnosticBag diagnostics)
    {
        var attributes = Attributes(property).ToList();
        if (attributes.Count == 0
            || property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not BasePropertyDeclarationSyntax syntax)
        {
            return null;
        }

        var before = diagnostics.Errors;
        var kind = LayerKind.Find(attributes[0].Data.AttributeClass!.Name)!;
        var attribute = new AttributeReader(attributes[0].Data, attributes[0].Syntax, property.Name, diagnostics);
        var place = syntax switch
        {
            PropertyDeclarationSyntax named => named.Identifier,
            IndexerDeclarationSyntax indexer => indexer.ThisKeyword,
            _ => syntax.GetFirstToken(),
        };
        foreach (var (data, other) in attributes.Skip(1))
        {
            var second = LayerKind.Find(data.AttributeClass!.Name)!;
            diagnostics.Report(LayerRules.TwoLayersOnProperty, LocationInfo.Of(other), property.Name, kind.Name, second.Name);
        }

        CheckProperty(property, syntax, place, kind, diagnostics);
        var modifiers = string.Join(" ", syntax.Modifiers.Where(m => !m.IsKind(SyntaxKind.PartialKeyword)).Select(m => m.ValueText));
        var spec = kind.Read(new LayerReader(attribute, diagnostics, modifiers, format));
        var isSound = diagnostics.Errors == before && !attribute.IsMalformed;
        return new LayerDraft(property.Name, LocationInfo.Of(place), syntax.Parent, attribute, kind, isSound ? spec : null);
    }

    /// <summary>The layer attributes of a property.</summary>
    public static IEnumerable<(AttributeData Data, AttributeSyntax Syntax)> Attributes(IPropertySymbol property) =>
        from attribute in property.GetAttributes()
        where attribute.AttributeClass is not null && IsOfRuntime(attribute.AttributeClass)
            && LayerKind.Find(attribute.AttributeClass.Name) is not null
        let syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax
        where syntax is not null
        select (attribute, syntax);

    private static bool IsOfRuntime(ITypeSymbol type) =>
        type is { ContainingType: null, ContainingNamespace: { Name: "RnnCodegen", ContainingNamespace.IsGlobalNamespace: true } };

    private static void CheckProperty(
        IPropertySymbol property, BasePropertyDeclarationSyntax syntax, SyntaxToken place, LayerKind kind, DiagnosticBag diagnostics)
    {
        if (Oddity(property, syntax) is { } oddity)
        {
            diagnostics.Report(LayerRules.PropertyShape, oddity.Place, place.ValueText, kind.View, place.ValueText, oddity.Reason);
        }
        else if (!syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            diagnostics.Report(LayerRules.PropertyNotPartial, LocationInfo.Of(place), property.Name);
        }

        if (!IsOfRuntime(property.Type) || property.Type.Name != kind.View || property.NullableAnnotation == NullableAnnotation.Annotated)
        {
            diagnostics.ReportWithCure(
                LayerRules.PropertyType, LocationInfo.Of(syntax.Type), kind.View,
                property.Name, syntax.Type.ToString(), kind.View, kind.Name);
        }
    }

    /// <summary>What makes a property something the generator cannot complete, and where; null for a plain one.</summary>
    private static (LocationInfo Place, string Reason)? Oddity(IPropertySymbol property, BasePropertyDeclarationSyntax syntax)
    {
        if (syntax is IndexerDeclarationSyntax indexer)
        {
            return (LocationInfo.Of(indexer.ThisKeyword), "it is an indexer, and a layer needs a name");
        }

        if (syntax.Modifiers.FirstOrDefault(m => m.IsKind(SyntaxKind.StaticKeyword)) is { RawKind: not 0 } isStatic)
        {
            return (LocationInfo.Of(isStatic), "it is static, and each model has weights of its own");
        }

        if (syntax.ExplicitInterfaceSpecifier is { } specifier)
        {
            return (LocationInfo.Of(specifier), "it implements an interface explicitly, which a partial property cannot");
        }

        if (syntax.Type is RefTypeSyntax reference)
        {
            return (LocationInfo.Of(reference.RefKeyword), "it returns a reference, and a layer never changes");
        }

        var accessors = syntax.AccessorList?.Accessors ?? default;
        if (accessors.FirstOrDefault(
            a => a.Kind() is SyntaxKind.SetAccessorDeclaration or SyntaxKind.InitAccessorDeclaration) is { } setter)
        {
            return (LocationInfo.Of(setter.Keyword), "it can be set, and a layer never changes");
        }

        var declaration = (PropertyDeclarationSyntax)syntax;
        var body = declaration.ExpressionBody ?? (SyntaxNode?)declaration.Initializer
            ?? accessors.Select(a => (SyntaxNode?)a.Body ?? a.ExpressionBody).FirstOrDefault(b => b is not null);
        body ??= property.PartialImplementationPart?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax();
        return body is null ? null : (LocationInfo.Of(body), "it has a body, which the generator writes");
    }
}
