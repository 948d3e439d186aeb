using System.Globalization;
using Microsoft.CodeAnalysis;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Tests.Cuda;

namespace RnnCodegen.Generators.Tests.Snapshots;

/// <summary>Does it still read well, and does it compile without a warning?</summary>
public class SnapshotTests
{
    public static TheoryData<string, string> Files
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (name, (_, files)) in ModelSources.All)
            {
                foreach (var file in files)
                {
                    data.Add(name, file);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Models => [.. ModelSources.All.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void Text_is_as_agreed(string model, string file)
    {
        var (files, _) = Generation.Run(ModelSources.All[model].Source);
        Baseline.Match(files.Single(f => f.Key.EndsWith($"{file}.g.cs", StringComparison.Ordinal)).Value, $"{model}.{file}");
    }

    [Fact]
    public void Device_code_is_as_agreed()
    {
        var plan = PlannedModel.Of(ModelSources.All["Lstm"].Source, out var parameters);
        Baseline.Match(PlannedModel.Text(plan, parameters), "Lstm.Cuda");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Compiles_without_warnings(string model)
    {
        var (_, compilation) = Generation.Run(ModelSources.All[model].Source);
        using var assembly = new MemoryStream();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(d => d.Severity != DiagnosticSeverity.Hidden));
    }

    [Theory]
    [InlineData("Lstm(5)", "LstmLayer", "Sigmoid", "Tanh")]
    [InlineData("Gru(5)", "GruLayer", "Sigmoid", "Tanh")]
    [InlineData("Elman(5)", "ElmanLayer", "Tanh")]
    [InlineData("MinLstm(5)", "MinLstmLayer", "Sigmoid")]
    [InlineData("Dense(5, Activation = Activation.Sigmoid)", "DenseLayer", "Sigmoid")]
    [InlineData("Dense(5, Activation = Activation.Tanh)", "DenseLayer", "Tanh")]
    public void Fast_models_call_the_fast_functions_at_every_width_and_no_others(string attribute, string type, params string[] functions)
    {
        var (files, _) = Generation.Run(
            $"[RnnModel(InputSize = 3, ActivationAccuracy = ActivationAccuracy.Fast)] internal partial class M {{ [{attribute}] internal " +
            $"partial {type} A {{ get; }} }}");
        Assert.Contains("Fast activations", files.Single(f => f.Key.EndsWith(".Card.g.cs", StringComparison.Ordinal)).Value,
            StringComparison.Ordinal);
        var kernels = files.Where(f => f.Key.StartsWith("RnnKernels.", StringComparison.Ordinal)).Select(f => f.Value).ToList();
        Assert.Equal(Machine.All.Count, kernels.Count);
        foreach (var function in functions)
        {
            Assert.All(kernels, text => Assert.Contains($"VectorMath.{function}Fast(", text, StringComparison.Ordinal));
            Assert.All(files.Values, text => Assert.DoesNotContain($"VectorMath.{function}(", text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Methods_past_the_budget_are_cut_and_compile()
    {
        var norms = string.Concat(
            Enumerable.Range(0, MethodBudget.Calls + 1).Select(i => $"[LayerNorm] internal partial LayerNormLayer N{i} {{ get; }}\n"));
        var (files, compilation) = Generation.Run(
            $"[RnnModel(InputSize = 3)] internal partial class Deep {{ [Elman(3)] internal partial ElmanLayer E {{ get; }}\n{norms} }}");
        foreach (var part in new[] { "StepPart2", "RunStepsPart2", "ForwardStepsPart2", "BackwardStepsPart2" })
        {
            Assert.Contains(files.Values, text => text.Contains($"private static void {part}(", StringComparison.Ordinal));
        }

        using var assembly = new MemoryStream();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(d => d.Severity != DiagnosticSeverity.Hidden));
    }

    [Fact]
    public void Text_does_not_depend_on_the_culture()
    {
        var source = ModelSources.All["GruResetAfter"].Source;
        var (expected, _) = Generation.Run(source);
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.Equal(expected, Generation.Run(source).Files);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Lines_end_with_line_feeds_only()
    {
        var (files, _) = Generation.Run(ModelSources.All["Lstm"].Source);
        Assert.All(files.Values, text => Assert.DoesNotContain('\r', text));
    }
}
