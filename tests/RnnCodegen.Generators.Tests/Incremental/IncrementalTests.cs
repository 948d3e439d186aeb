using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using RnnCodegen.Generators.Diagnostics;
using RnnCodegen.Generators.Files;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Incremental;

/// <summary>
/// The generator stays quiet while its user types: what has not changed is not made again, and nothing holds on to a compilation.
/// </summary>
public class IncrementalTests
{
    private const string Source = """
        namespace Forecasts
        {
            public partial class Models
            {
                [RnnModel(InputSize = 4, Output = OutputTransform.Sigmoid)]
                public partial class Demand
                {
                    [Lstm(5, Layers = 2, Dropout = 0.1f)] public partial LstmLayer Encoder { get; }
                    [Dense(5)] public partial DenseLayer Skip { get; }
                    [Add(nameof(Encoder), nameof(Skip))] public partial AddLayer Both { get; }
                    [Dense(1)] public partial DenseLayer Head { get; }
                }
            }
        }

        [RnnModel(InputSize = 2)]
        public partial class Wind
        {
            [Gru(3, Dropout = 0.5f)] public partial GruLayer Encoder { get; }
        }
        """;

    [Fact]
    public void Equal_sources_give_equal_specs()
    {
        var first = Values(Run(Source).Result, RnnModelGenerator.Models);
        var second = Values(Run(Source).Result, RnnModelGenerator.Models);

        Assert.Equal(2, first.Count);
        Assert.Equal(first, second);
        Assert.Equal(first.Select(m => m.GetHashCode()), second.Select(m => m.GetHashCode()));
        Assert.All(first.Zip(second), pair => Assert.NotSame(pair.First, pair.Second));
    }

    [Theory]
    [InlineData("using", "// a comment\nusing")]
    [InlineData("namespace Forecasts\n", "\n\n\nnamespace Forecasts\n")]
    [InlineData("[Dense(1)]", "/* the answer */ [Dense( units : 1 )]")]
    [InlineData("[RnnModel(InputSize = 2)]", "public class Unrelated { public int Value => 3; }\n\n[RnnModel(InputSize = 2)]")]
    [InlineData("[Dense(1)]", "[Dense(2 - 1)]")]
    public void An_edit_elsewhere_emits_nothing(string old, string replacement)
    {
        var (driver, _) = Run(Source);
        var result = Edit(driver, old, replacement);

        Assert.All(Reasons(result, RnnModelGenerator.Models),
            r => Assert.True(r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, r.ToString()));
        Assert.All(EmissionReasons(result), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void An_edit_of_a_model_emits_that_model_only()
    {
        var (driver, before) = Run(Source);
        var result = Edit(driver, "[Dense(1)]", "[Dense(6)]");

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached],
            Reasons(result, RnnModelGenerator.Models).Order());
        Assert.Contains(IncrementalStepRunReason.Modified, EmissionReasons(result));
        Assert.Contains(IncrementalStepRunReason.Cached, EmissionReasons(result));
        Assert.Equal(Texts(before, "Wind"), Texts(result, "Wind"));
        Assert.NotEqual(Texts(before, "Demand"), Texts(result, "Demand"));
    }

    [Fact]
    public void An_edit_that_asks_for_no_new_kernels_leaves_the_shared_files()
    {
        var (driver, _) = Run(Source);

        var result = Edit(driver, "public partial GruLayer Encoder", "public partial GruLayer Memory");

        Assert.Contains(IncrementalStepRunReason.Modified, EmissionReasons(result));
        Assert.All(Reasons(result, RnnModelGenerator.Kernels),
            r => Assert.True(r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, r.ToString()));
    }

    [Fact]
    public void An_edit_that_asks_for_new_kernels_leaves_the_files_of_other_models()
    {
        var (driver, before) = Run(Source);

        var result = Edit(driver, "[Gru(3,", "[Gru(7,");

        Assert.Equal(Texts(before, "Demand"), Texts(result, "Demand"));
        Assert.Contains(IncrementalStepRunReason.Cached, EmissionReasons(result));
        Assert.DoesNotContain("Gru7Cell", Texts(before, "RnnKernels.Scalar"), StringComparison.Ordinal);
        Assert.Contains("Gru7Cell", Texts(result, "RnnKernels.Scalar"), StringComparison.Ordinal);
        Assert.DoesNotContain("Gru3Cell", Texts(result, "RnnKernels.Scalar"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_that_moves_emits_nothing_and_is_reported_at_its_new_place()
    {
        var (driver, before) = Run(Source);
        var result = Edit(driver, "[RnnModel(InputSize = 2)]", "\n\n[RnnModel(InputSize = 2)]");

        Assert.Equal([IncrementalStepRunReason.Modified], Reasons(result, RnnModelGenerator.Findings));
        Assert.All(EmissionReasons(result), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
        var (was, now) = (Assert.Single(before.Diagnostics), Assert.Single(result.Diagnostics));
        Assert.Equal("RNN0110", now.Id);
        Assert.Equal(was.Location.GetLineSpan().StartLinePosition.Line + 2, now.Location.GetLineSpan().StartLinePosition.Line);
        Assert.Equal("Dropout = 0.5f", now.Location.SourceTree!.ToString()[now.Location.SourceSpan.Start..now.Location.SourceSpan.End]);
    }

    [Fact]
    public void What_is_cached_holds_no_Roslyn_object()
    {
        var result = Run(Source, s_files).Result;
        var values = new[]
        {
            RnnModelGenerator.Parsed, RnnModelGenerator.Models, RnnModelGenerator.Wanted, RnnModelGenerator.Emitted,
            RnnModelGenerator.Kernels, RnnModelGenerator.Findings, FilePipeline.Attached,
            FilePipeline.Findings
        }
            .SelectMany(step => Values(result, step)).ToList();

        Assert.Contains(values, v => v is ModelSpec);
        Assert.Contains(values, v => v is EquatableArray<DiagnosticInfo>);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var value in values)
        {
            Walk(value, value.GetType().Name, seen);
        }

        Assert.True(seen.Count > 20, $"The walk saw {seen.Count} objects only.");
    }

    [Fact]
    public void The_walk_would_find_one()
    {
        var tree = CSharpSyntaxTree.ParseText("class C;");

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => Walk(new object?[] { 3, new KeyValuePair<string, object>("tree", tree) }, "test",
                new(ReferenceEqualityComparer.Instance)));
    }

    private static readonly ManifestText[] s_files =
    [
        ManifestText.Of("RnnWeights", "Wind", "Encoder.weight_ih_l0 F32 9,2"),
        ManifestText.Of("RnnWeights", "Forecasts.Models.Demand", "Head.bias F32 1"),
    ];

    private static (GeneratorDriver Driver, GeneratorRunResult Result) Run(string source, params AdditionalText[] files)
    {
        var compilation = Generation.Compilation(source);
        var driver = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()],
            files,
            (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true))
            .RunGenerators(compilation);
        var result = driver.GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        return (driver, result);
    }

    /// <summary>The run after the source's first occurrence of a text was replaced, as an editor would.</summary>
    private static GeneratorRunResult Edit(GeneratorDriver driver, string old, string replacement)
    {
        var before = Generation.Compilation(Source);
        var tree = before.SyntaxTrees[0];
        var start = tree.ToString().IndexOf(old, StringComparison.Ordinal);
        Assert.True(start >= 0, $"The source has no '{old}'.");
        var after = before.ReplaceSyntaxTree(tree,
            tree.WithChangedText(tree.GetText().WithChanges(new TextChange(new TextSpan(start, old.Length), replacement))));
        var result = driver.RunGenerators(after).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        return result;
    }

    private static List<object> Values(GeneratorRunResult result, string step) =>
        [.. result.TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Value)];

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason);

    /// <summary>Why each emission ran; findings are reported anew for each compilation, because they stand in its trees.</summary>
    private static List<IncrementalStepRunReason> EmissionReasons(GeneratorRunResult result)
    {
        var reasons = result.TrackedOutputSteps.SelectMany(s => s.Value)
            .Where(s => s.Inputs.Any(i => i.Source.Name == RnnModelGenerator.Emitted)).SelectMany(s => s.Outputs).Select(o => o.Reason)
            .ToList();
        Assert.NotEmpty(reasons);
        return reasons;
    }

    private static string Texts(GeneratorRunResult result, string model) =>
        string.Concat(result.GeneratedSources.Where(s => s.HintName.Contains(model, StringComparison.Ordinal)).Select(s => s.SourceText));

    private static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null or string || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
        {
            return;
        }

        Assert.False(
            value is ISymbol or SyntaxNode or SyntaxTree or Compilation or Location or SemanticModel or AttributeData or Diagnostic
                or SyntaxReference or SourceText
                or Microsoft.CodeAnalysis.SyntaxToken or Delegate,
            $"{path} holds a {value.GetType()}.");

        // A rule is one of the generator's own constants and belongs to no compilation.
        if (value is DiagnosticDescriptor)
        {
            return;
        }

        if (value is IEnumerable items)
        {
            foreach (var item in items)
            {
                Walk(item, path + "[]", seen);
            }
        }

        for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
                | BindingFlags.DeclaredOnly).Where(f => !f.FieldType.IsPointer))
            {
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
            }
        }
    }
}
