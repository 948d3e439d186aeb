using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Symbols to specs: reads one annotated class, and reports all that is wrong with it at once.</summary>
internal static class ModelParser
{
    public const string AttributeName = "RnnCodegen.RnnModelAttribute";

    public static ParseResult Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var node = (TypeDeclarationSyntax)context.TargetNode;
        var data = type.GetAttributes().First(a => a.AttributeClass?.ToDisplayString() == AttributeName);
        if (data.ApplicationSyntaxReference?.GetSyntax(cancellation) is not AttributeSyntax syntax
            || !node.AttributeLists.Any(l => l.Attributes.Contains(syntax)))
        {
            return ParseResult.Nothing;
        }

        var diagnostics = new DiagnosticBag();
        var attribute = new AttributeReader(data, syntax, type.Name, diagnostics);
        var shell = new ClassParser(type, node, diagnostics);
        shell.Check(context.SemanticModel.Compilation);
        cancellation.ThrowIfCancellationRequested();

        var drafts = ReadLayers(type, attribute.WeightFormat(WeightFormatKind.Float32), diagnostics);
        var output = attribute.Member("Output", OutputTransformKind.None, "OutputTransform");
        var accuracy = attribute.Member("ActivationAccuracy", ActivationAccuracyKind.Accurate, "ActivationAccuracy");
        var inputSize = InputSize(attribute, drafts, diagnostics);
        var memorySize = attribute.Size("MemorySize", 0, 0, Limits.Units);
        var resolver = new SourceResolver(type.Name, inputSize, memorySize, drafts, diagnostics);
        var layers = resolver.Resolve();
        CheckWhole(node, attribute, output, drafts, layers, resolver, diagnostics);
        var isSound = diagnostics.Errors == 0 && !attribute.IsMalformed && layers.All(l => l is not null);
        var model = !isSound ? null : new ModelSpec(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            shell.ContainingTypes(),
            type.Name,
            inputSize,
            output,
            accuracy,
            layers.Select(l => l!).ToEquatableArray())
        {
            MemorySize = memorySize,
        };
        return new ParseResult(FullName(type), model, diagnostics.ToEquatableArray());
    }

    private static List<LayerDraft> ReadLayers(INamedTypeSymbol type, WeightFormatKind format, DiagnosticBag diagnostics)
    {
        var drafts = new List<LayerDraft>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (LayerParser.Parse(property, format, diagnostics) is not { } draft)
            {
                continue;
            }

            if (drafts.Find(d => d.Name != draft.Name && string.Equals(d.Name, draft.Name, StringComparison.OrdinalIgnoreCase)) is { } twin)
            {
                diagnostics.Report(LayerRules.LayerNamesDifferByCase, draft.Place, draft.Name, twin.Name);
            }

            if (drafts.Count > 0 && drafts[0].Part != draft.Part)
            {
                diagnostics.Report(LayerRules.LayersInSeveralParts, draft.Place, draft.Name, drafts[0].Name);
            }

            drafts.Add(draft);
        }

        return drafts;
    }

    private static int InputSize(AttributeReader attribute, List<LayerDraft> drafts, DiagnosticBag diagnostics)
    {
        var takesTokens = drafts.Count > 0 && drafts[0].Kind.Name == "Embedding";
        if (attribute.Has("InputSize"))
        {
            if (!takesTokens)
            {
                return attribute.Size("InputSize", 0, 1, Limits.Units);
            }

            diagnostics.Report(ClassRules.InputSizeOfTokens, attribute.At("InputSize"), attribute.Owner, drafts[0].Name);
        }
        else if (!takesTokens && drafts.Count > 0)
        {
            diagnostics.Report(ClassRules.InputSizeMissing, attribute.Name, attribute.Owner);
        }

        return 0;
    }

    /// <summary>What can only be said of all layers together.</summary>
    private static void CheckWhole(
        TypeDeclarationSyntax node, AttributeReader attribute, OutputTransformKind output,
        List<LayerDraft> drafts, IReadOnlyList<LayerSpec?> layers, SourceResolver resolver, DiagnosticBag diagnostics)
    {
        var identifier = LocationInfo.Of(node.Identifier);
        var total = resolver.Parameters.Sum();
        if (total == 0 && layers.All(l => l is not null))
        {
            diagnostics.Report(ClassRules.NoLayers, identifier, attribute.Owner);
        }

        if (attribute.Has("MemorySize") && !drafts.Any(d => d.Kind.Name == "Attention"))
        {
            diagnostics.Report(ClassRules.MemoryUnread, attribute.At("MemorySize"), attribute.Owner);
        }

        if (total > Limits.Parameters)
        {
            var largest = resolver.Parameters.Max();
            diagnostics.Report(
                ClassRules.TooManyParameters, identifier, attribute.Owner, Text(total), Text(largest),
                drafts[resolver.Parameters.ToList().IndexOf(largest)].Name, Text(Limits.Parameters));
        }

        if (resolver.Output is { Width: 1 } && output is OutputTransformKind.Softmax or OutputTransformKind.LogSoftmax)
        {
            diagnostics.Report(
                ClassRules.SoftmaxOfOne, attribute.At("Output"), attribute.Owner, output.ToString(),
                output == OutputTransformKind.Softmax ? "1" : "0", drafts[drafts.Count - 1].Name);
        }
        else if (layers.All(l => l is not null) && OutputActivation.Of([.. layers.Select(l => l!)]).ToString() is var activation
            && LossFit.FindDoubled(output.ToString(), activation) is { } effect)
        {
            diagnostics.Report(TrainingRules.Doubled, attribute.At("Output"), attribute.Owner, activation, output.ToString(), effect);
        }
    }

    /// <summary>The name by which a project file calls a model: <c>Ns.Outer.Model</c>.</summary>
    private static string FullName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? FullName(outer) + "." + type.Name
        : type.ContainingNamespace.IsGlobalNamespace ? type.Name : type.ContainingNamespace.ToDisplayString().Replace("@", "") + "." + type.Name;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
