using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators;

/// <summary>The generator: a table of contents of what happens to an annotated class.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class RnnModelGenerator : IIncrementalGenerator
{
    /// <summary>Name of the step that reads classes.</summary>
    internal const string Parsed = nameof(Parsed);

    /// <summary>Name of the step whose results are right models.</summary>
    internal const string Models = nameof(Models);

    /// <summary>Name of the step whose results are emitted: models with the bodies that the project wants of them.</summary>
    internal const string Wanted = nameof(Wanted);

    /// <summary>Name of the step whose results are models' own files.</summary>
    internal const string Emitted = nameof(Emitted);

    /// <summary>Name of the step whose results are the methods that a model shares with others.</summary>
    internal const string Kernels = nameof(Kernels);

    /// <summary>Name of the step whose results are reported.</summary>
    internal const string Findings = nameof(Findings);

    private readonly Func<ModelSpec, IReadOnlyList<Machine>, EmittedModel> _emit;

    /// <summary>The generator.</summary>
    public RnnModelGenerator()
    {
        var cache = new KernelCache();
        _emit = (model, targets) => ModelEmitter.Emit(model, targets, cache);
    }

    /// <summary>The generator with another emission, e.g. one that fails.</summary>
    internal RnnModelGenerator(Func<ModelSpec, IReadOnlyList<Machine>, EmittedModel> emit) => _emit = emit;

    /// <summary>A generator that says what models are, and writes nothing for those that are right.</summary>
    /// <param name="found">Receives each.</param>
    public static RnnModelGenerator OfSummaries(Action<ModelSummary> found) => new((model, _) =>
    {
        found(ModelSummary.Of(model));
        return EmittedModel.Empty;
    });

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ModelParser.AttributeName,
                static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                ModelParser.Parse)
            .WithTrackingName(Parsed);
        var ambiguous = parsed.Select(static (p, _) => (p.Name, p.MetadataName)).Collect()
            .Select(static (names, _) => ModelNames.Ambiguous(names).ToEquatableArray());
        var named = parsed.Combine(ambiguous).Select(static (pair, _) => pair.Left.WithFileNames(pair.Right));

        var models = named.Select(static (p, _) => p.Model).Where(static m => m is not null).WithTrackingName(Models);
        var targets = context.AnalyzerConfigOptionsProvider.Select(static (p, _) => TargetSettings.Read(p.GlobalOptions));
        var emitted = models.Combine(targets).WithTrackingName(Wanted).Select((pair, _) => EmittedOf(pair.Left!, pair.Right));
        context.RegisterSourceOutput(emitted.Select(static (e, _) => (e.Model.Files, e.Defect)).WithTrackingName(Emitted),
            static (c, own) => Add(c, own.Files, own.Defect));

        // A file of methods that models share depends on all of them, but not on what a model has beside these.
        var kernels = emitted.Select(static (e, _) => e.Model.Kernels).WithTrackingName(Kernels).Collect();
        context.RegisterSourceOutput(kernels, static (c, all) =>
            Emit(c, "what models share", null, () => ModelEmitter.EmitKernels(all.SelectMany(k => k))));

        Report(context, FilePipeline.Register(context, models, parsed));

        var strays = context.SyntaxProvider.CreateSyntaxProvider(static (node, _) => StrayLayers.MayBe(node), StrayLayers.Find)
            .Where(static s => s is not null);
        var broken = named.Select(static (p, _) => p.Broken).Where(static b => b is not null);
        context.RegisterSourceOutput(broken, static (c, model) => Emit(c, model!.FullName, null, () => [ModelEmitter.EmitBroken(model)]));
        context.RegisterSourceOutput(
            strays.Select(static (s, _) => s!.Owner).Where(static o => o is not null).Collect(),
            static (c, owners) => Emit(c, "layers of no model", null, () => ModelEmitter.EmitStrays(owners!)));

        // Findings meet the compilation only here, to stand in its trees: a class without any costs nothing.
        var findings = parsed.Select(static (p, _) => p.Diagnostics).Where(static d => d.Count > 0).WithTrackingName(Findings);
        Report(context, findings);
        Report(context, strays.Select(static (s, _) => new[] { s!.Finding }.ToEquatableArray()));

        var aot = context.AnalyzerConfigOptionsProvider.Select(static (p, _) => AotSettings.Read(p.GlobalOptions).Check());
        var anyModel = models.Collect().Select(static (m, _) => m.Length > 0);
        foreach (var ofProject in new[] { aot, targets.Select(static (t, _) => t.Finding) })
        {
            context.RegisterSourceOutput(ofProject.Combine(anyModel), static (c, project) =>
            {
                if (project is { Left: { } finding, Right: true })
                {
                    c.ReportDiagnostic(Diagnostic.Create(finding.Rule, Location.None, [.. finding.Arguments]));
                }
            });
        }
    }

    private static void Report(IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> findings) =>
            context.RegisterSourceOutput(findings.Combine(context.CompilationProvider), static (c, found) =>
            {
                foreach (var finding in found.Left)
                {
                    c.ReportDiagnostic(finding.In(found.Right));
                }
            });

    /// <summary>Adds files, or reports why there are none: all of them are made before the first is added.</summary>
    internal static void Emit(SourceProductionContext context, string what, LocationInfo? place,
        Func<IEnumerable<(string HintName, string Text)>> emit)
    {
        var (files, defect) = Defects.Guard<(IReadOnlyList<(string HintName, string Text)> Files, DiagnosticInfo? Defect)>(
            what, place, () => ([.. emit()], null), finding => ([], finding));
        Add(context, files, defect);
    }

    /// <summary>A model's files and kernels, or why there are none.</summary>
    private (EmittedModel Model, DiagnosticInfo? Defect) EmittedOf(ModelSpec model, TargetSettings settings) =>
        Defects.Guard<(EmittedModel, DiagnosticInfo?)>(model.HintName, model.Place.Value, () => (_emit(model, settings.Targets), null),
            finding => (EmittedModel.Empty, finding));

    private static void Add(SourceProductionContext context, IEnumerable<(string HintName, string Text)> files, DiagnosticInfo? defect)
    {
        foreach (var (name, text) in files)
        {
            context.AddSource(name, SourceText.From(text, Encoding.UTF8));
        }

        if (defect is not null)
        {
            context.ReportDiagnostic(defect.InOtherFile());
        }
    }
}
