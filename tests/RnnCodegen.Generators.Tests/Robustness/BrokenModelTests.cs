using Microsoft.CodeAnalysis;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Of a model with an error, that error is all that a build reports: the code that uses the model is not at fault.</summary>
public class BrokenModelTests
{
    private const string Use = """
        public static class Use
        {
            public static void All(ReadOnlySpan<float> x, Span<float> y)
            {
                var model = new M(seed: 7) { MaxThreads = 2 };
                using var stream = model.CreateStream();
                var state = model.CreateState(2);
                var tape = model.CreateTape(3, 2);
                model.Step(x, y, state);
                model.Run(x, y, 100 / M.InputSize, batch: 2, finalState: state);
                model.Forward(x, y, tape);
                model.Backward(x, y, tape, model.CreateGradients());
                model.Save("m" + M.OutputSize + M.ParameterCount + M.FlopsPerStep + M.TapeBytes(3, 2) + model.Parameters.Count);
                M.Load("m").SelfTest();
                M.LoadEmbedded();
                _ = model.A.ToString();
                _ = new Trainer<M>(model, Loss.MeanSquaredError, new Sgd(0.1));
            }
        }
        """;

    [Theory]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(0)] public partial GruLayer A { get; } }", "RNN0108")]
    [InlineData("[RnnModel] public partial class M { [Gru(3)] public partial GruLayer A { get; } }", "RNN0006")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } [Dense(3, From = \"C\")] " +
        "public partial DenseLayer B { get; } }", "RNN0116")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial LstmLayer A { get; } }", "RNN0103")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; set; } }", "RNN0102")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public GruLayer A { get; } = null!; }", "RNN0102")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } [Gru(3)] public partial " +
        "GruLayer this[int i] { get; } }", "RNN0102")]
    [InlineData(
        "[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } [Dense(1)] public partial " +
        "DenseLayer Run { get; } public void Run(ReadOnlySpan<float> x, Span<float> y, int steps, int batch, ModelState finalState) { } }",
        "RNN0106", "CS0102")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } public int OutputSize_ " +
        "=> 1; public void Save(string path) { } }", "RNN0010")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } public M(int seed, " +
        "Initialization start) { } public M(int seed) { } }", "RNN0010,RNN0011")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M(int seed) { [Gru(3)] public partial GruLayer A { get; } public int " +
        "Seed => seed; }", "RNN0011")]
    [InlineData("[RnnModel(InputSize = 2)] public partial record M { [Gru(3)] public partial GruLayer A { get; } }", "RNN0003")]
    [InlineData("public class Base(int seed) { public int Seed => seed; } [RnnModel(InputSize = 2)] public partial class M : Base { " +
        "public M(int seed) : base(seed) { } [Gru(3)] public partial GruLayer A { get; } }", "RNN0019,RNN0011")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class Base { [Gru(3)] public partial GruLayer A { get; } } [RnnModel(InputSize " +
        "= 2)] public partial class M : Base { [Gru(3)] public new partial GruLayer A { get; } }", "RNN0019")]
    [InlineData("public abstract class Base { public abstract void Save(string path); } [RnnModel(InputSize = 2)] public partial class M " +
        ": Base { [Gru(3)] public partial GruLayer A { get; } public override void Save(string path) { } }", "RNN0010")]
    public void The_error_is_all_that_is_reported(string model, string ids, string also = "")
    {
        var result = Project.Build(model + Use);
        Assert.Equal(ids.Split(',').Order(),
            result.Findings.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id).Distinct().Order());
        Assert.Equal(also.Split(',', StringSplitOptions.RemoveEmptyEntries), Said(result).Distinct());
    }

    [Theory]
    [InlineData(
        "public partial class M<T> { } namespace N.@in { [RnnModel(InputSize = 2)] public partial class M<T, U> where T : class { " +
        "[Gru(3)] public partial GruLayer A { get; } } [RnnModel(InputSize = 2)] public partial class M<V> { [Gru(3)] public partial " +
        "GruLayer A { get; } } }", "RNN0004")]
    [InlineData("public partial interface IOuter<T> { public partial record struct Inner<U> { [RnnModel(InputSize = 2)] public partial " +
        "class M { [Gru(3)] private protected virtual partial GruLayer A { get; } } } }", "RNN0004")]
    [InlineData("[RnnModel(InputSize = 2)] public abstract partial class M { [Gru(3)] public abstract partial GruLayer A { get; } }",
        "RNN0003", "CS0750,CS9248")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class M { [Gru(3)] public partial GruLayer A { get; } } abstract partial " +
        "class M { }", "RNN0003")]
    [InlineData("public partial class M { [Gru(3)] public partial GruLayer A { get; } }", "RNN0126")]
    [InlineData("namespace N { public partial struct S { [Gru(3)] public readonly partial GruLayer A { get; } } public partial class " +
        "S<T> { public partial record R { [Gru(3), Dense(3)] internal partial GruLayer A { get; } } } }", "RNN0126")]
    [InlineData("using G = RnnCodegen.GruAttribute; public partial class M { [G(3)] public partial GruLayer A { get; } }", "RNN0126")]
    [InlineData("[RnnModel(InputSize = 2)] public partial class B { [Gru(3)] public virtual partial GruLayer A { get; } } public partial " +
        "class M : B { [Gru(3)] public override partial GruLayer A { get; } }", "RNN0126")]
    public void So_it_is_whatever_the_class(string source, string ids, string also = "")
    {
        var result = source.StartsWith("using", StringComparison.Ordinal)
            ? Project.Build("", others: "using RnnCodegen; " + source)
            : Project.Build(source);
        Assert.Equal(ids.Split(','), result.Findings.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id).Distinct());
        Assert.Subset(also.Split(',').ToHashSet(), Said(result).ToHashSet());
    }

    /// <summary>What the compiler says, but for the documentation that the models here have not.</summary>
    private static IEnumerable<string> Said(ProjectResult result) =>
        result.Compiled.Where(d => d.Id != "CS1591" || d.Location.SourceTree!.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
            .Select(d => d.Id);

    [Fact]
    public void Partial_properties_of_others_are_left_alone()
    {
        var result = Project.Build(
            "public sealed class OwnAttribute : Attribute { } public partial class M { [Own] public partial int A { get; } public " +
            "partial int A => 3; }");
        Assert.Empty(result.Findings);
        Assert.Empty(result.Errors);
    }

    /// <summary>The commonest case of two files: the model's part that says it is one stands elsewhere.</summary>
    [Fact]
    public void A_layer_in_a_part_without_the_attribute_is_of_its_model() => Project.RequireClean(
        "[RnnModel(InputSize = 2)] internal partial class M { }",
        others: "using RnnCodegen; internal partial class M { [Gru(3)] internal partial GruLayer A { get; } }");
}
