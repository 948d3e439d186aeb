using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Emission;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>A failure of the generator at one model is a finding at that model, and others are generated.</summary>
public class DefectTests
{
    [Fact]
    public void A_failure_is_a_finding_at_its_model_and_leaves_others_alone()
    {
        const string Source = """
            [RnnModel(InputSize = 2)] public partial class Bad { [Gru(3)] public partial GruLayer A { get; } }
            [RnnModel(InputSize = 2)] public partial class Good { [Gru(3)] public partial GruLayer A { get; } }
            [RnnModel(InputSize = 2)] public partial class Wrong { [Gru(0)] public partial GruLayer A { get; } }
            """;
        var compilation = Generation.Compilation(Source);
        var generator = new RnnModelGenerator(
            (model, targets) => model.Name == "Bad"
                ? throw new InvalidOperationException("No panel\nis that wide.")
                : ModelEmitter.Emit(model, targets));
        var driver = CSharpGeneratorDriver.Create([generator.AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options);
        var result = driver.RunGenerators(compilation).GetRunResult().Results.Single();

        Assert.Null(result.Exception);
        Assert.Equal(["RNN0018", "RNN0108"], result.Diagnostics.Select(d => d.Id));
        var defect = result.Diagnostics[0];
        Assert.Contains(
            "RnnCodegen failed at 'Bad', which is a defect of RnnCodegen, not of your code: InvalidOperationException: No panel " +
            "is that wide.", defect.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(("Model.cs", 1), (defect.Location.GetLineSpan().Path, defect.Location.GetLineSpan().StartLinePosition.Line));
        Assert.DoesNotContain(result.GeneratedSources, s => s.HintName.StartsWith("Bad.", StringComparison.Ordinal));
        Assert.Contains(result.GeneratedSources, s => s.HintName == "Good.Card.g.cs");
        Assert.Contains(result.GeneratedSources, s => s.HintName == "Wrong.Broken.g.cs");
    }

    /// <summary>The task that writes manifests refuses such a file itself.</summary>
    [Fact]
    public void A_manifest_that_names_a_tensor_twice_is_passed_over()
    {
        var (files, _) = Generation.Run(
            "[RnnModel(InputSize = 2)] public partial class M { [Dense(3)] public partial DenseLayer A { get; } }",
            ManifestText.Of("RnnWeights", "M", "A.weight F32 3,2; A.weight F32 3,2; A.bias F32 3"));
        Assert.DoesNotContain("M.Files.g.cs", files.Keys);
        Assert.Contains("M.Card.g.cs", files.Keys);
    }
}
