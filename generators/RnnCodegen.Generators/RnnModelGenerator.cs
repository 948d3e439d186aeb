using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Parsing;

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

        FilePipeline.Register(context, models, parsed.Select(static (p, _) => p.Name).Collect());

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
}
