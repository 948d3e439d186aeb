using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Emission;
using RnnCodegen.Generators.Parsing;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Files;

/// <summary>What happens to the files that a project embeds for its models.</summary>
internal static class FilePipeline
{
    /// <summary>Name of the step that gives models their files.</summary>
    public const string Attached = nameof(Attached);

    /// <summary>Name of the step whose results are emitted.</summary>
    public const string Loaders = nameof(Loaders);

    /// <summary>Name of the step whose results are reported.</summary>
    public const string Findings = "FileFindings";

    /// <summary>
    /// Files meet the models they are for; a file that changed is checked anew, and code is written only where one came or went.
    /// </summary>
    /// <param name="context">Where steps are registered.</param>
    /// <param name="models">The project's models.</param>
    /// <param name="parsed">All annotated classes, also those with errors.</param>
    /// <returns>What in the classes themselves is in the way of a member for a file.</returns>
    public static IncrementalValuesProvider<EquatableArray<DiagnosticInfo>> Register(
        IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ModelSpec?> models,
        IncrementalValuesProvider<ParseResult> parsed)
    {
        var files = context.AdditionalTextsProvider
            .Where(static text => text.Path.EndsWith(ManifestReader.Extension, StringComparison.OrdinalIgnoreCase))
            .Select(static (text, cancellation) => ManifestReader.Read(text.GetText(cancellation)))
            .Where(static file => file is not null)
            .Select(static (file, _) => file!);
        var attached = models.Combine(files.Collect())
            .Select(
                static (pair, _) => new ModelWithFiles(pair.Left!,
                    pair.Right.Where(f => f.Model == pair.Left!.HintName).ToEquatableArray()))
            .Where(static m => m.Files.Count > 0)
            .WithTrackingName(Attached);
        context.RegisterSourceOutput(attached.Select(static (m, _) => m.Loaders).Where(static l => l.Weights || l.Golden)
            .WithTrackingName(Loaders), static (c, loaders) =>
                RnnModelGenerator.Emit(c, loaders.Model.HintName, loaders.Model.Place.Value, () => [ModelEmitter.EmitLoaders(loaders)]));

        var names = parsed.Select(static (p, _) => p.Name).Collect();
        var strays = files.Combine(names).Select(static (pair, _) => FileChecker.CheckModel(pair.Left, pair.Right))
            .Where(static finding => finding is not null).Select(static (finding, _) => new[] { finding! }.ToEquatableArray());
        foreach (var findings in new[] { strays, attached.Select(static (m, _) => FileChecker.Check(m)).WithTrackingName(Findings) })
        {
            context.RegisterSourceOutput(findings, static (c, found) =>
            {
                foreach (var finding in found)
                {
                    c.ReportDiagnostic(finding.InOtherFile());
                }
            });
        }

        return parsed.Select(static (p, _) => (p.Name, p.FileClashes)).Where(static p => p.FileClashes.Count > 0).Combine(files.Collect())
            .Select(static (pair, _) => pair.Left.FileClashes
                .Where(c => pair.Right.Any(f => f.Model == pair.Left.Name && ModelWithFiles.MemberFor(f.Kind) == c.Member))
                .Select(c => c.Finding).ToEquatableArray());
    }
}
