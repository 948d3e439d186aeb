using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators;

/// <summary>The generator: a table of contents of what happens to an annotated class.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class RnnModelGenerator : IIncrementalGenerator
{
    /// <summary>Name of the step that reads classes.</summary>
    internal const string Parsed = nameof(Parsed);

    /// <summary>Name of the step whose results are emitted.</summary>
    internal const string Models = nameof(Models);

    /// <summary>Name of the step whose results are reported.</summary>
    internal const string Findings = nameof(Findings);

    /// <summary>Name of the step that gives models their files.</summary>
    internal const string Attached = nameof(Attached);

    /// <summary>Name of the step whose results are emitted for files.</summary>
    internal const string Loaders = nameof(Loaders);

    /// <summary>Name of the step that checks files.</summary>
    internal const string FileFindings = nameof(FileFindings);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ModelParser.AttributeName,
                static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                ModelParser.Parse)
            .WithTrackingName(Parsed);

        var models = parsed.Select(static (p, _) => p.Model).Where(static m => m is not null).WithTrackingName(Models);
        context.RegisterSourceOutput(models, static (c, model) =>
        {
            foreach (var (name, text) in ModelEmitter.Emit(model!))
            {
                c.AddSource(name, SourceText.From(text, Encoding.UTF8));
            }
        });

        var files = context.AdditionalTextsProvider
            .Where(static text => text.Path.EndsWith(ManifestReader.Extension, StringComparison.OrdinalIgnoreCase))
            .Select(static (text, cancellation) => ManifestReader.Read(text.GetText(cancellation)))
            .Where(static file => file is not null)
            .Select(static (file, _) => file!);
        RegisterFiles(context, files, models, parsed.Select(static (p, _) => p.Name).Collect());

        // Findings meet the compilation only here, to stand in its trees: a class without any costs nothing.
        var findings = parsed.Select(static (p, _) => p.Diagnostics).Where(static d => d.Count > 0).WithTrackingName(Findings);
        context.RegisterSourceOutput(findings.Combine(context.CompilationProvider), static (c, found) =>
        {
            foreach (var finding in found.Left)
            {
                c.ReportDiagnostic(finding.In(found.Right));
            }
        });

        var aot = context.AnalyzerConfigOptionsProvider.Select(static (p, _) => AotSettings.Read(p.GlobalOptions).Check());
        var anyModel = models.Collect().Select(static (m, _) => m.Length > 0);
        context.RegisterSourceOutput(aot.Combine(anyModel), static (c, project) =>
        {
            if (project is { Left: { } finding, Right: true })
            {
                c.ReportDiagnostic(Diagnostic.Create(finding.Rule, Location.None, [.. finding.Arguments]));
            }
        });
    }

    /// <summary>Files meet the models they are for; a file that changed is checked anew, and code is written only where one came or went.</summary>
    private static void RegisterFiles(
        IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ModelFile> files, IncrementalValuesProvider<ModelSpec?> models,
        IncrementalValueProvider<ImmutableArray<string>> names)
    {
        var attached = models.Combine(files.Collect())
            .Select(static (pair, _) => new ModelWithFiles(pair.Left!, pair.Right.Where(f => f.Model == pair.Left!.HintName).ToEquatableArray()))
            .Where(static m => m.Files.Count > 0)
            .WithTrackingName(Attached);
        context.RegisterSourceOutput(attached.Select(static (m, _) => m.Loaders).WithTrackingName(Loaders), static (c, loaders) =>
        {
            var (name, text) = ModelEmitter.EmitLoaders(loaders);
            c.AddSource(name, SourceText.From(text, Encoding.UTF8));
        });

        var strays = files.Combine(names).Select(static (pair, _) => FileChecker.CheckModel(pair.Left, pair.Right))
            .Where(static finding => finding is not null).Select(static (finding, _) => new[] { finding! }.ToEquatableArray());
        foreach (var findings in new[] { strays, attached.Select(static (m, _) => FileChecker.Check(m)).WithTrackingName(FileFindings) })
        {
            context.RegisterSourceOutput(findings, static (c, found) =>
            {
                foreach (var finding in found)
                {
                    c.ReportDiagnostic(finding.InProjectFile());
                }
            });
        }
    }
}
