using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Training;

/// <summary>What a loss must know of a model's outputs, read from the annotated class.</summary>
/// <param name="Transform">What inference does to them.</param>
/// <param name="Activation">The activation they come from.</param>
/// <param name="Width">Features of a row.</param>
internal readonly record struct ModelOutput(OutputTransformKind Transform, ActivationKind Activation, int Width)
{
    /// <summary>
    /// Reads a class; null where it is none of this project's models, or one that is in error, which the generator reports.
    /// </summary>
    public static ModelOutput? Read(ITypeSymbol type)
    {
        var data = type.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == ModelParser.AttributeName);
        if (data?.ApplicationSyntaxReference?.GetSyntax() is not AttributeSyntax syntax)
        {
            return null;
        }

        var diagnostics = new DiagnosticBag();
        var model = new AttributeReader(data, syntax, type.Name, diagnostics);
        var drafts = type.GetMembers().OfType<IPropertySymbol>().Select(p => Draft(p, diagnostics)).OfType<LayerDraft>().ToList();
        var inputSize = model.Has("InputSize") ? model.Size("InputSize", 0, 1, Limits.Units) : 0;
        var resolver = new SourceResolver(type.Name, inputSize, model.Size("MemorySize", 0, 0, Limits.Units), drafts, diagnostics);
        var layers = resolver.Resolve();
        var transform = model.Member("Output", OutputTransformKind.None);
        return diagnostics.Errors == 0 && !model.IsMalformed && resolver.Output is { } output && layers.All(l => l is not null)
            ? new ModelOutput(transform, OutputActivation.Of([.. layers.Select(l => l!)]), output.Width)
            : null;
    }

    /// <summary>A layer as far as its output goes; whether its property can be one is for the generator to say.</summary>
    private static LayerDraft? Draft(IPropertySymbol property, DiagnosticBag diagnostics)
    {
        var data = LayerParser.IsLayer(property)
            ? property.GetAttributes().FirstOrDefault(a => LayerKind.Find(a.AttributeClass?.Name) is not null)
            : null;
        if (data?.ApplicationSyntaxReference?.GetSyntax() is not AttributeSyntax syntax)
        {
            return null;
        }

        var kind = LayerKind.Find(data.AttributeClass!.Name)!;
        var attribute = new AttributeReader(data, syntax, property.Name, diagnostics);
        var spec = kind.Read(new LayerReader(attribute, diagnostics, "", WeightFormatKind.Float32));
        return new LayerDraft(property.Name, attribute.Name, null, attribute, kind, attribute.IsMalformed ? null : spec);
    }
}
