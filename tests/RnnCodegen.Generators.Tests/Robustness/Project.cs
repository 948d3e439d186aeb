using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>What came of a project: what the generator found, and what the compiler says of the whole.</summary>
/// <param name="Findings">The generator's.</param>
/// <param name="Compiled">The compiler's, hidden ones left out.</param>
/// <param name="Output">The compilation with what was generated.</param>
internal sealed record ProjectResult(IReadOnlyList<Diagnostic> Findings, IReadOnlyList<Diagnostic> Compiled, Compilation Output)
{
    /// <summary>What a build shows: all but messages.</summary>
    public IEnumerable<Diagnostic> Said => Findings.Where(d => d.Severity > DiagnosticSeverity.Info).Concat(Compiled);

    public IEnumerable<Diagnostic> Errors => Findings.Concat(Compiled).Where(d => d.Severity == DiagnosticSeverity.Error);
}

/// <summary>Builds a project of several files, with whatever options, as the compiler would.</summary>
internal static class Project
{
    /// <summary>Options of the hardest kind: checked arithmetic, every warning there is, and strict rules.</summary>
    public static CSharpCompilation Harden(CSharpCompilation compilation) =>
        compilation.WithOptions(compilation.Options.WithOverflowChecks(true).WithGeneralDiagnosticOption(ReportDiagnostic.Error)
            .WithReportSuppressedDiagnostics(true));

    public static ProjectResult Build(string source, Func<CSharpCompilation, CSharpCompilation>? change = null, string others = "",
        LanguageVersion language = LanguageVersion.CSharp13)
    {
        var compilation = Generation.Compilation(source, language);
        var options = (CSharpParseOptions)compilation.SyntaxTrees[0].Options;
        compilation = others.Length == 0
            ? compilation
            : compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(others, options, "Others.cs"));
        return Build(change is null ? compilation : change(compilation));
    }

    /// <summary>Builds a project with the files that it embeds.</summary>
    public static ProjectResult Build(CSharpCompilation compilation, params AdditionalText[] files) =>
        Build(compilation, new BuildProperties(), files);

    /// <summary>The same with properties of its own.</summary>
    public static ProjectResult Build(CSharpCompilation compilation, BuildProperties properties, params AdditionalText[] files)
    {
        var options = (CSharpParseOptions)compilation.SyntaxTrees[0].Options;
        var driver = CSharpGeneratorDriver.Create([new RnnModelGenerator().AsSourceGenerator()], files, options, properties);
        var result = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out _).GetRunResult().Results.Single();
        Assert.True(result.Exception is null, $"The generator crashed: {result.Exception}");
        Assert.True(result.Diagnostics.All(d => d.Id != "RNN0018"), string.Join('\n', result.Diagnostics));
        return new ProjectResult(result.Diagnostics,
            [.. output.GetDiagnostics().Where(d => d.Severity != DiagnosticSeverity.Hidden && !d.IsSuppressed)], output);
    }

    /// <summary>Requires that a project builds without a word.</summary>
    public static ProjectResult RequireClean(string source, Func<CSharpCompilation, CSharpCompilation>? change = null, string others = "")
    {
        var result = Build(source, change, others);
        var said = result.Said.Take(3).Select(d => d.ToString()).ToList();
        Assert.True(said.Count == 0, $"{string.Join('\n', said)}\n{source}");
        return result;
    }
}
