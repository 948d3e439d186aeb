using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Parsing;

/// <summary>Symbols to specs: reads one annotated class, and reports all that is wrong with it at once.</summary>
internal static class ModelParser
{
    public const string AttributeName = "RnnCodegen.RnnModelAttribute";

    /// <summary>The symbol by which a project's RnnCuda sets Cuda of all its models.</summary>
    public const string CudaSymbol = "RNN_CUDA";

    public static ParseResult Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var node = (TypeDeclarationSyntax)context.TargetNode;
        return Defects.Guard(type.Name, LocationInfo.Of(node.Identifier), () => Read(context, type, node, cancellation),
            finding => Result(type, null, null, [finding]));
    }

    private static ParseResult Read(GeneratorAttributeSyntaxContext context, INamedTypeSymbol type, TypeDeclarationSyntax node,
        CancellationToken cancellation)
    {
        var data = type.GetAttributes().First(a => a.AttributeClass?.ToDisplayString() == AttributeName);
        if (data.ApplicationSyntaxReference?.GetSyntax(cancellation) is not AttributeSyntax syntax
            || !node.AttributeLists.Any(l => l.Attributes.Contains(syntax)))
        {
            return ParseResult.Nothing;
        }

        var compilation = context.SemanticModel.Compilation;
        var diagnostics = new DiagnosticBag();
        var attribute = new AttributeReader(data, syntax, type.Name, diagnostics);
        var shell = new ClassParser(compilation, type, node, diagnostics);
        shell.Check();
        cancellation.ThrowIfCancellationRequested();

        var drafts = ReadLayers(type, attribute.WeightFormat(WeightFormatKind.Float32), diagnostics);
        var output = attribute.Member("Output", OutputTransformKind.None);
        var accuracy = attribute.Member("ActivationAccuracy", ActivationAccuracyKind.Accurate);
        var inputSize = InputSize(attribute, drafts, diagnostics);
        var memorySize = attribute.Size("MemorySize", 0, 0, Limits.Units);
        var hasCuda = attribute.Flag("Cuda", node.SyntaxTree.Options.PreprocessorSymbolNames.Contains(CudaSymbol));
        var refersToCuda = compilation.GetTypeByMetadataName("RnnCodegen.Cuda.CudaProgram") is not null;
        var resolver = new SourceResolver(type.Name, inputSize, memorySize, drafts, diagnostics);
        var layers = resolver.Resolve();
        CheckWhole(node, attribute, output, drafts, layers, resolver, diagnostics);
        var precision = attribute.Member("CudaPrecision", CudaPrecisionKind.Float32);
        if (hasCuda)
        {
            CheckCuda(attribute, drafts, refersToCuda, diagnostics);
        }
        else if (precision != CudaPrecisionKind.Float32)
        {
            diagnostics.Report(ClassRules.CudaPrecisionWithout, attribute.At("CudaPrecision"), attribute.Owner, precision.ToString());
        }

        // The compiler refuses two properties of one name, and one name means nothing in a file of weights.
        var hasTwins = drafts.Select(d => d.Name).Distinct().Count() < drafts.Count;
        var model = diagnostics.Errors > 0 || attribute.IsMalformed || hasTwins || layers.Any(l => l is null) ? null : new ModelSpec(
            NamespaceOf(type), shell.ContainingTypes(), type.Name, inputSize, output, accuracy, layers.Select(l => l!).ToEquatableArray())
        {
            MemorySize = memorySize,
            HasCuda = hasCuda,
            CudaPrecision = precision,
            OwnNames = shell.OwnNames(),
            ChecksOverflow = compilation.Options.CheckOverflow,
            Assembly = compilation.AssemblyName ?? "",
            Place = new(LocationInfo.Of(node.Identifier)),
        };
        var takesTokens = TakesTokens(drafts);

        // Of a model with a mistake nobody knows whether it will stream: names that only streaming takes are not complained of, and are
        // left to their author.
        var generated = new GeneratedMembers(takesTokens, hasCuda, () => model is not null && ModelGraphBuilder.Build(model).CanStream);
        var clashes = shell.CheckMembers(generated, drafts);
        model = diagnostics.Errors > 0 || model is null ? null : model with
        {
            Hiding = shell.Hiding(generated),
            FreeOfFiles = clashes.Select(c => c.Member).Distinct().ToEquatableArray(),
        };
        var broken = model is null
            ? BrokenParser.OfModel(
                type, node, takesTokens, shell.CanHaveConstructor, new GeneratedMembers(takesTokens, hasCuda, () => true).Clashes)
            : null;
        broken = broken is null ? null : broken with { HasCuda = hasCuda, RefersToCuda = refersToCuda };
        return Result(type, model, broken, diagnostics.ToEquatableArray()) with { FileClashes = model is null ? default : clashes };
    }

    private static ParseResult Result(INamedTypeSymbol type, ModelSpec? model, BrokenModelSpec? broken,
        IEnumerable<DiagnosticInfo> diagnostics) =>
            new(FullName(type), MetadataName(type), model, diagnostics.ToEquatableArray()) { Broken = broken };

    private static bool TakesTokens(List<LayerDraft> drafts) => drafts.Count > 0 && drafts[0].ReadsTokens;

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
        var takesTokens = TakesTokens(drafts);
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

        if (attribute.Has("MemorySize") && !drafts.Any(d => d.Kind.ReadsMemory))
        {
            diagnostics.Report(ClassRules.MemoryUnread, attribute.At("MemorySize"), attribute.Owner);
        }

        foreach (var untrained in layers.OfType<RecurrentSpec>().Where(l => l.LearnedInitialState && attribute.Has("MemorySize")))
        {
            var draft = drafts.First(d => d.Name == untrained.Name);
            diagnostics.Report(LayerRules.InitialStateUntrained, draft.Attribute.At("LearnedInitialState"), draft.Name, attribute.Owner);
        }

        if (total > Limits.Parameters)
        {
            var largest = resolver.Parameters.Max();
            diagnostics.Report(
                ClassRules.TooManyParameters, identifier, attribute.Owner, Text(total), Text(largest),
                drafts[resolver.Parameters.ToList().IndexOf(largest)].Name, Text(Limits.Parameters));
        }

        if (total is > 0 and <= Limits.CachedParameters
            && drafts.FirstOrDefault(d => d.Spec is { WeightFormat: not WeightFormatKind.Float32 }) is { } reduced)
        {
            diagnostics.Report(
                ClassRules.SmallWeights, (reduced.Attribute.Has("WeightFormat") ? reduced.Attribute : attribute).At("WeightFormat"),
                attribute.Owner, Text(total), Text(((total * sizeof(float)) + 1023) / 1024), reduced.Spec!.WeightFormat.ToString());
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

    /// <summary>What code for GPUs needs, and what it does not do as the CPU does.</summary>
    private static void CheckCuda(AttributeReader attribute, List<LayerDraft> drafts, bool refersToCuda, DiagnosticBag diagnostics)
    {
        var place = attribute.Has("Cuda") ? attribute.At("Cuda") : attribute.Name;
        if (!refersToCuda)
        {
            diagnostics.Report(ClassRules.CudaUnreferenced, place, attribute.Owner);
        }
        else if (drafts.FirstOrDefault(d => d.Spec is { WeightFormat: not WeightFormatKind.Float32 }) is { } reduced)
        {
            diagnostics.Report(
                ClassRules.CudaWeights, place, attribute.Owner, reduced.Spec!.WeightFormat.ToString(), reduced.Name);
        }
    }

    /// <summary>The namespace of a type, keywords with their @; empty for the global one.</summary>
    public static string NamespaceOf(INamedTypeSymbol type) => type.ContainingNamespace.IsGlobalNamespace
        ? ""
        : type.ContainingNamespace.ToDisplayString();

    /// <summary>The name by which a project file calls a model: <c>Ns.Outer.Model</c>.</summary>
    public static string FullName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? FullName(outer) + "." + type.Name
        : type.ContainingNamespace.IsGlobalNamespace ? type.Name : NamespaceOf(type).Replace("@", "") + "." + type.Name;

    /// <summary>The name that no other type has: <c>Ns.Outer+Model`1</c>.</summary>
    private static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName : $"{NamespaceOf(type).Replace("@", "")}.{type.MetadataName}";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
