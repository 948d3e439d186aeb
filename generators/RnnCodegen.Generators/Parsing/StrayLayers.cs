using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>A layer of a class that is no model.</summary>
/// <param name="Finding">What is wrong.</param>
/// <param name="Owner">What its property needs for the compiler to be content with it; null where it needs nothing.</param>
internal sealed record StrayLayer(DiagnosticInfo Finding, BrokenModelSpec? Owner);

/// <summary>Finds layers of classes that are no models, of which nothing would be generated without a word.</summary>
internal static class StrayLayers
{
    /// <summary>
    /// Whether a node may be one, as far as it tells by itself: a property that looks like a layer, in a part of a class that does not say
    /// it is a model.
    /// </summary>
    public static bool MayBe(SyntaxNode node) =>
        node is BasePropertyDeclarationSyntax { AttributeLists.Count: > 0, Parent: TypeDeclarationSyntax type } property
        && (property.Modifiers.Any(SyntaxKind.PartialKeyword) || Names(property).Any(LayerKind.IsName))
        && !Names(type).Any(n => n is "RnnModel" or "RnnModelAttribute");

    /// <summary>The layer; null where the property is none, or its class is a model.</summary>
    public static StrayLayer? Find(GeneratorSyntaxContext context, CancellationToken cancellation) => Defects.Guard<StrayLayer?>(
        "a layer", LocationInfo.Of(context.Node), () => Read(context, cancellation), defect => new StrayLayer(defect, null));

    private static StrayLayer? Read(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancellation) is not IPropertySymbol property
            || LayerParser.Attributes(property).FirstOrDefault() is not { Syntax: { } attribute, Data: var data }
            || property.ContainingType.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == ModelParser.AttributeName))
        {
            return null;
        }

        var (type, kind) = (property.ContainingType, LayerKind.Find(data.AttributeClass!.Name)!);
        var cure = type.TypeKind == TypeKind.Class
            ? $"put [RnnModel(InputSize = ...)] on '{type.Name}', or remove [{kind.Name}]"
            : $"move it to a class with [RnnModel], or remove [{kind.Name}]";
        var finding = new DiagnosticInfo(
            LayerRules.NoModel, LocationInfo.Of(attribute), new[] { property.Name, kind.Name, type.Name, cure }.ToEquatableArray());
        return new StrayLayer(finding, BrokenParser.OfStray(property, (TypeDeclarationSyntax)context.Node.Parent!));
    }

    private static IEnumerable<string> Names(MemberDeclarationSyntax member) => member.AttributeLists.SelectMany(l => l.Attributes)
        .Select(a => a.Name switch
        {
            QualifiedNameSyntax q => q.Right.Identifier.ValueText,
            AliasQualifiedNameSyntax q => q.Name.Identifier.ValueText,
            SimpleNameSyntax s => s.Identifier.ValueText,
            _ => "",
        });
}
