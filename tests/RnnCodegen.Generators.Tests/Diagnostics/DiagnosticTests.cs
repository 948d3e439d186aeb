using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Training;

namespace RnnCodegen.Generators.Tests.Diagnostics;

/// <summary>Each rule fires where it should, says what it should, stays quiet otherwise, and is documented.</summary>
public partial class DiagnosticTests
{
    private static readonly IReadOnlyList<DiagnosticDescriptor> s_rules =
    [
        .. new[] { typeof(ClassRules), typeof(LayerRules), typeof(FileRules), typeof(TrainingRules) }
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public))
            .Select(f => (DiagnosticDescriptor)f.GetValue(null)!),
    ];

    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        for (var i = 0; i < DiagnosticCases.All.Count; i++)
        {
            data.Add(i, DiagnosticCases.All[i].Id);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fires_at_the_mark_with_the_cure(int index, string id)
    {
        var row = DiagnosticCases.All[index];
        var start = row.Bad.IndexOf("[|", StringComparison.Ordinal);
        var end = row.Bad.IndexOf("|]", StringComparison.Ordinal);
        var (result, compilation) = Generate(row.Bad.Replace("[|", "").Replace("|]", ""), row.Language, row.AllowUnsafe, row.Properties.Bad,
            row.Files.Bad);

        var found = Assert.Single(result.Diagnostics, d => d.Id == id);
        Assert.Equal(row.Message, found.GetMessage());
        if (row.Files.Bad.Length > 0)
        {
            Assert.Equal(LocationKind.ExternalFile, found.Location.Kind);
            Assert.Equal((ManifestText.Project, 6, 5),
                (found.Location.GetLineSpan().Path, found.Location.GetLineSpan().StartLinePosition.Line,
                    found.Location.GetLineSpan().StartLinePosition.Character));
        }
        else if (start < 0)
        {
            Assert.Equal(Location.None, found.Location);
        }
        else
        {
            var tree = compilation.SyntaxTrees.Single();
            var prefix = tree.Length - (row.Bad.Length - 4);
            Assert.Same(tree, found.Location.SourceTree);
            Assert.Equal(row.Bad[(start + 2)..end], tree.ToString()[found.Location.SourceSpan.Start..found.Location.SourceSpan.End]);
            Assert.Equal(prefix + start, found.Location.SourceSpan.Start);
        }

        // One mistake is one finding: what follows from it is not reported, and no code but empty members is written unless the model
        // itself is right.
        Assert.Equal([id], result.Diagnostics.Select(d => d.Id));
        var name = compilation.SyntaxTrees.Single().GetRoot().FindToken(found.Location.IsInSource ? found.Location.SourceSpan.Start : 0)
            .Parent!.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().LastOrDefault()?.Identifier.ValueText;
        var isRight = found.Severity < DiagnosticSeverity.Error || row.Files.Bad.Length > 0 || !found.Location.IsInSource;
        Assert.Equal(isRight,
            result.GeneratedSources.Any(
                s => !s.HintName.EndsWith(".Broken.g.cs", StringComparison.Ordinal)
                    && (name is null || s.HintName.StartsWith(name + ".", StringComparison.Ordinal)
                        || s.HintName.Contains($".{name}.", StringComparison.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_quiet_otherwise(int index, string id)
    {
        var row = DiagnosticCases.All[index];
        var (result, compilation) = Generate(row.Good, properties: OneBody(row.Properties.Good), files: row.Files.Good);

        Assert.NotEmpty(id);
        Assert.Empty(result.Diagnostics);
        Assert.NotEmpty(result.GeneratedSources);
        Assert.Empty(compilation.AddSyntaxTrees(result.GeneratedSources.Select(s => s.SyntaxTree)).GetDeclarationDiagnostics());
    }

    [Fact]
    public void All_errors_of_a_class_are_reported()
    {
        var (result, _) = Generate("""
            [RnnModel(InputSize = -1)]
            public class M
            {
                [Gru(0)] public partial LstmLayer A { get; set; }
                [Lstm(4, Projection = 9, Dropout = 2f)] public LstmLayer B { get; }
                [Add(nameof(A))] public partial AddLayer Run { get; }
            }
            """);

        Assert.Equal(
            ["RNN0001", "RNN0101", "RNN0102", "RNN0103", "RNN0106", "RNN0108", "RNN0108", "RNN0109", "RNN0114", "RNN0118"],
            result.Diagnostics.Select(d => d.Id).Order());
        Assert.Empty(result.GeneratedSources);
    }

    [Theory]
    [InlineData("[Gru] public partial GruLayer A { get; }")]
    [InlineData("[Gru(\"three\")] public partial GruLayer A { get; }")]
    [InlineData("[Gru(3, Dropout = 0.5)] public partial GruLayer A { get; }")]
    [InlineData("[Gru(3, Unknown = 1)] public partial GruLayer A { get; }")]
    [InlineData("[Gru(3), Gru(4)] public partial GruLayer A { get; }")]
    [InlineData("[Concat(3)] public partial ConcatLayer A { get; }")]
    [InlineData("[Unknown(3)] public partial GruLayer A { get; }")]
    [InlineData("[Gru(3)] public partial Unknown A { get; }")]
    [InlineData("[Gru(3)] public partial GruLayer A { get; } [Dense(1)] public partial DenseLayer A { get; }")]
    [InlineData("[Gru(3)] public partial GruLayer { get; }")]
    [InlineData("[Gru(3)] public partial GruLayer A {")]
    [InlineData("[Gru(")]
    public void What_the_compiler_refuses_is_not_reported_as_crash(string members)
    {
        var (result, compilation) = Generate($"[RnnModel(InputSize = 2)] public partial class M {{ {members} }}");

        Assert.Null(result.Exception);
        Assert.NotEmpty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void The_attribute_on_two_parts_emits_once()
    {
        var (result, _) = Generate(
            "[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } } [RnnModel(InputSize = 2)] " +
            "public partial class M;");

        Assert.Null(result.Exception);
        Assert.NotEmpty(result.GeneratedSources);
    }

    [Fact]
    public void Warnings_can_be_suppressed_in_source()
    {
        var compilation = Generation.Compilation("""
            [RnnModel(InputSize = 2)]
            public partial class M
            {
            #pragma warning disable RNN0110
                [Gru(3, Dropout = 0.5f)] public partial GruLayer A { get; }
            }
            """);
        var driver = CSharpGeneratorDriver.Create(new RnnModelGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out _,
            out var diagnostics);

        Assert.NotNull(driver);
        Assert.Empty(diagnostics.Where(d => !d.IsSuppressed));
    }

    [Fact]
    public void Every_rule_has_a_row_a_section_and_a_release_note()
    {
        var docs = Docs();
        var releases = string.Concat(
            Directory.GetFiles(Path.Combine(Repository.Root, "generators", "RnnCodegen.Generators"), "AnalyzerReleases.*.md")
                .Select(File.ReadAllText));
        foreach (var rule in s_rules)
        {
            var anchor = "#" + rule.Id.ToLowerInvariant();
            Assert.True(rule == ClassRules.Defect || DiagnosticCases.All.Any(c => c.Id == rule.Id), $"{rule.Id} has no row.");
            Assert.EndsWith("docs/diagnostics.md" + anchor, rule.HelpLinkUri, StringComparison.Ordinal);
            Assert.Contains($"\n| [{rule.Id}]({anchor}) | {rule.DefaultSeverity} | {rule.Title} |\n", docs, StringComparison.Ordinal);
            Assert.Contains($"\n### {rule.Id}\n\n**{rule.Title}.** ", docs, StringComparison.Ordinal);
            Assert.Contains($"{rule.Id} | RnnCodegen | {rule.DefaultSeverity} | {rule.Title}\n", releases, StringComparison.Ordinal);
        }

        Assert.Equal(s_rules.Count, s_rules.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public void The_documented_examples_are_bad_and_good()
    {
        var examples = DocumentedExample().Matches(Docs()).ToList();

        // The others are examples of project files, which the rows of DiagnosticCases set as the documentation says.
        var sections = Docs().Split("\n### ");
        var ofProjects = s_rules.Count(
            r => sections.Any(
                s => s.StartsWith(r.Id + "\n", StringComparison.Ordinal) && s.Contains("```xml\n<!-- bad", StringComparison.Ordinal)));
        Assert.True(ofProjects >= 9, $"Only {ofProjects} rules have an example of a project file.");

        // A defect of the generator's own is in no example.
        Assert.Equal(s_rules.Count - ofProjects - 1, examples.Count);
        foreach (var example in examples)
        {
            var (bad, _) = Generate(Complete(example.Groups["bad"].Value), properties: OneBody(""));
            Assert.Equal([example.Groups["id"].Value], bad.Diagnostics.Select(d => d.Id));
            var (good, _) = Generate(Complete(example.Groups["good"].Value), properties: OneBody(""));
            Assert.Empty(good.Diagnostics);
            Assert.NotEmpty(good.GeneratedSources);
        }

        static string Complete(string example) => example.Replace("/* layers */", "[Gru(64)] public partial GruLayer Encoder { get; }")
            + (example.Contains("Cuda = true", StringComparison.Ordinal) ? DiagnosticCases.CudaStub : "");
    }

    [GeneratedRegex(@"### (?<id>RNN\d+)\n((?!\n###)[^`]|`[^`])*```csharp\n// bad\n(?<bad>[^`]*)\n// good\n(?<good>[^`]*)```")]
    private static partial Regex DocumentedExample();

    private static string Docs() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));

    /// <summary>Properties with which a project has one body of each model: what a rule says does not depend on them.</summary>
    private static string OneBody(string properties) => properties.Length > 0 ? properties : "_RnnTargets=Scalar";

    private static (Findings Result, CSharpCompilation Compilation) Generate(
        string source, LanguageVersion language = LanguageVersion.CSharp13, bool allowUnsafe = true, string properties = "",
        AdditionalText[]? files = null)
    {
        var compilation = Generation.Compilation(source, language);
        compilation = compilation.WithOptions(compilation.Options.WithAllowUnsafe(allowUnsafe));
        var driver = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()],
            files,
            (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
            optionsProvider: BuildProperties.Parse(properties));
        var result = driver.RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        var analyzed = generated.WithAnalyzers([new LossAnalyzer()]).GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter()
            .GetResult();
        return (new Findings([.. result.Diagnostics, .. analyzed], result.GeneratedSources, result.Exception), compilation);
    }

    /// <summary>What the build reports, by the generator and by the analyzer, and the code that was generated.</summary>
    private sealed record Findings(ImmutableArray<Diagnostic> Diagnostics, ImmutableArray<GeneratedSourceResult> GeneratedSources,
        Exception? Exception);
}
