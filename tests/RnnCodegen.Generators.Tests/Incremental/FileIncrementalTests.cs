using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Files;

namespace RnnCodegen.Generators.Tests.Incremental;

/// <summary>A file that changes touches its model only, and writes code only where one came or went.</summary>
public class FileIncrementalTests
{
    private const string Source = """
        [RnnModel(InputSize = 2)] public partial class A { [Dense(3)] public partial DenseLayer D { get; } }
        [RnnModel(InputSize = 2)] public partial class B { [Dense(3)] public partial DenseLayer D { get; } }
        [RnnModel(InputSize = 2)] public partial class C { [Dense(3)] public partial DenseLayer D { get; } }
        """;

    private static readonly ManifestText s_a = Manifest("A");
    private static readonly ManifestText s_b = Manifest("B");

    [Fact]
    public void An_unchanged_file_is_not_checked_again()
    {
        var (driver, first) = Run(s_a, s_b);
        var result = Reread(driver, s_a, Manifest("A"));

        Assert.Empty(first.Diagnostics);
        Assert.All(Reasons(result, FilePipeline.Attached), r => Assert.Contains(r, s_same));
        Assert.All(Reasons(result, FilePipeline.Findings), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
        Assert.All(Emissions(result), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void A_file_whose_contents_changed_is_checked_again_and_writes_nothing()
    {
        var (driver, _) = Run(s_a, s_b);
        var result = Reread(driver, s_a, Manifest("A", "D.weight F32 3,2; D.bias F32 4"));

        Assert.Equal(["RNN0205"], result.Diagnostics.Select(d => d.Id));
        Assert.Single(Reasons(result, FilePipeline.Attached), r => r == IncrementalStepRunReason.Modified);
        Assert.Single(Reasons(result, FilePipeline.Findings), r => r == IncrementalStepRunReason.Modified);
        Assert.All(Reasons(result, RnnModelGenerator.Models), r => Assert.Contains(r, s_same));
        Assert.All(Reasons(result, FilePipeline.Loaders), r => Assert.Contains(r, s_same));
        Assert.All(Emissions(result), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void An_item_that_moved_is_reported_at_its_new_place_and_writes_nothing()
    {
        var (driver, first) = Run(Manifest("A", "D.weight F32 3,2"), s_b);
        var result = Reread(driver, null, Manifest("A", "D.weight F32 3,2", line: 9));

        Assert.Equal([6, 8], new[] { first, result }.Select(r => r.Diagnostics.Single().Location.GetLineSpan().StartLinePosition.Line));
        Assert.All(Reasons(result, FilePipeline.Loaders), r => Assert.Contains(r, s_same));
    }

    [Fact]
    public void A_file_that_comes_gives_its_model_a_member_and_touches_no_other()
    {
        var (driver, before) = Run(s_a);
        driver = driver.AddAdditionalTexts([s_b]);
        var result = driver.RunGenerators(Generation.Compilation(Source)).GetRunResult().Results.Single();

        Assert.Equal(["A.Files.g.cs"], Files(before));
        Assert.Equal(["A.Files.g.cs", "B.Files.g.cs"], Files(result));
        Assert.All(Reasons(result, RnnModelGenerator.Models), r => Assert.Contains(r, s_same));
        Assert.Single(Reasons(result, FilePipeline.Loaders), r => r == IncrementalStepRunReason.New);
        Assert.DoesNotContain(result.GeneratedSources, s => s.HintName == "C.Files.g.cs");
    }

    private static readonly IncrementalStepRunReason[] s_same = [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged];

    private static ManifestText Manifest(string model, string tensors = "D.weight F32 3,2; D.bias F32 3", int line = 7) =>
        ManifestText.Of("RnnWeights", model, tensors, line: line);

    private static (GeneratorDriver Driver, GeneratorRunResult Result) Run(params AdditionalText[] files)
    {
        var compilation = Generation.Compilation(Source);
        var driver = CSharpGeneratorDriver.Create(
            [new RnnModelGenerator().AsSourceGenerator()], files, (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true))
            .RunGenerators(compilation);
        return (driver, driver.GetRunResult().Results.Single());
    }

    /// <summary>The run after a manifest was written anew; the first of the driver's where none is named.</summary>
    private static GeneratorRunResult Reread(GeneratorDriver driver, AdditionalText? old, AdditionalText replacement)
    {
        driver = old is null
            ? driver.ReplaceAdditionalTexts([replacement, s_b])
            : driver.ReplaceAdditionalText(old, replacement);
        var result = driver.RunGenerators(Generation.Compilation(Source)).GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        return result;
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason);

    private static List<IncrementalStepRunReason> Emissions(GeneratorRunResult result)
    {
        var reasons = result.TrackedOutputSteps.SelectMany(s => s.Value)
            .Where(s => s.Inputs.Any(i => i.Source.Name is RnnModelGenerator.Emitted or FilePipeline.Loaders)).SelectMany(s => s.Outputs)
            .Select(o => o.Reason).ToList();
        Assert.True(reasons.Count >= 5, $"Only {reasons.Count} emissions were found.");
        return reasons;
    }

    private static IEnumerable<string> Files(GeneratorRunResult result) =>
        result.GeneratedSources.Select(s => s.HintName).Where(n => n.EndsWith(".Files.g.cs", StringComparison.Ordinal)).Order();
}
