using RnnCodegen.Runtime;
using RnnCodegen.Tool.Compilation;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class ModelCompilerTests
{
    [Fact]
    public void Two_models_of_one_compilation_run_at_all_widths_alike()
    {
        var models = ModelCompiler.Compile((Described(3), "Batch.First"), (Described(5), "Batch.Second"));

        Assert.Equal(["Batch.First", "Batch.Second"], models.Select(m => m.Definition.Name));
        foreach (var (model, input) in models.Zip([3, 5]))
        {
            Assert.Equal(input, model.Definition.InputSize);
            var parameters = new ParameterSet(model.Definition.Parameters);
            ParameterInitializer.Initialize(parameters, Initialization.PyTorch, seed: 1);
            var x = Enumerable.Range(0, 4 * input).Select(i => MathF.Sin(i)).ToArray();
            var outputs = Enum.GetValues<SimdWidth>().Select(width =>
            {
                var y = new float[4 * 2];
                model.Create(width, parameters).Run(x, y, steps: 4);
                return y;
            }).ToList();

            Assert.All(outputs[0], v => Assert.NotEqual(0, v));
            Assert.All(outputs, y => Assert.All(y.Zip(outputs[0]), p => Assert.Equal(p.Second, p.First, 1e-6f)));
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused_by_name()
    {
        var model = ModelCompiler.Compile((Described(3), "Weights.Model")).Single();
        var weights = new ParameterSet(model.Definition.Parameters).Tensors.ToDictionary(t => t.Name,
            t => new NamedTensor(t.Name, t.Shape, t.Values.ToArray()));
        _ = model.Create(SimdWidth.Scalar, weights);

        var bias = weights["Head.bias"];
        weights["Head.bias"] = bias with { Shape = [1, 2] };
        Assert.Contains("Head.bias", Assert.Throws<InvalidDataException>(() => model.Create(SimdWidth.Scalar, weights)).Message);

        weights.Remove("Head.bias");
        Assert.Contains("Head.bias", Assert.Throws<InvalidDataException>(() => model.Create(SimdWidth.Scalar, weights)).Message);

        weights["Head.bias"] = bias;
        weights["Head.extra"] = bias;
        Assert.Contains("Head.extra", Assert.Throws<InvalidDataException>(() => model.Create(SimdWidth.Scalar, weights)).Message);
    }

    [Theory]
    [InlineData("InputSize = 2", "[Gru(4, Layers = 2)] public partial GruLayer A { get; }")]
    [InlineData("InputSize = 2", "[Lstm(4, Bidirectional = true, ReturnSequences = false)] public partial LstmLayer A { get; }")]
    [InlineData("", "[Embedding(9, 3)] public partial EmbeddingLayer A { get; } [Lstm(4, LearnedInitialState = true)] public partial " +
        "LstmLayer B { get; }")]
    [InlineData("InputSize = 2", "[Conv1d(3, 4, Stride = 2)] public partial Conv1dLayer A { get; }")]
    [InlineData("InputSize = 2, MemorySize = 3", "[Gru(3)] public partial GruLayer A { get; } " +
        "[Attention(Score = AttentionScore.General)] public partial AttentionLayer B { get; }")]
    public void What_is_said_of_a_class_that_is_not_built_is_so_of_the_built_one(string arguments, string layers)
    {
        var source = new ModelSource("M.cs", $"using RnnCodegen; [RnnModel({arguments})] public partial class M {{ {layers} }}");

        var built = ModelOutline.Of(ModelCompiler.Compile([SimdWidth.Scalar], source).Single().Definition);
        var outline = ModelCompiler.Outline(source);

        Assert.Equal(
            (built.Name, built.Vocabulary, built.OutputSize, built.OutputIsSequence, built.CanStream),
            (outline.Name, outline.Vocabulary, outline.OutputSize, outline.OutputIsSequence, outline.CanStream));
        Assert.Equal(built.State.Select(s => (s.Name, s.Size)), outline.State.Select(s => (s.Name, s.Size)));
        Assert.Equal(
            built.Parameters.Select(p => (p.Name, p.Role, p.Offset, p.Rows, p.Columns, p.FanIn, p.Kernel)),
            outline.Parameters.Select(p => (p.Name, p.Role, p.Offset, p.Rows, p.Columns, p.FanIn, p.Kernel)));
    }

    [Fact]
    public void Errors_of_the_generator_name_file_and_layer()
    {
        var model = Described(3);
        model.Add("Wide", new DenseAttribute(-1));

        var error = Assert.Single(Assert.Throws<ModelCompilationException>(() => ModelCompiler.Compile((model, "Bad.Model"))).Errors);

        Assert.Equal(("Bad.Model", "Wide"), (error.File, error.Layer));
        Assert.StartsWith("RNN", error.Id);
        Assert.Contains("-1", error.Message);
    }

    [Fact]
    public void Errors_of_the_compiler_are_listed_too()
    {
        const string Text = "using RnnCodegen; [RnnModel(InputSize = 2)] public partial class M { [Gru(4)] public partial GruLayer A { " +
            "get; } Missing _x; }";

        var errors = Assert.Throws<ModelCompilationException>(() => ModelCompiler.Compile(new ModelSource("m.cs", Text))).Errors;

        Assert.Contains(errors, e => e is { File: "m.cs", Id: "CS0246" } && e.Message.Contains("Missing"));
    }

    [Fact]
    public void A_file_may_hold_several_models_and_nested_ones()
    {
        const string Text =
            """
            using RnnCodegen;
            namespace A.B;
            public partial class Outer
            {
                [RnnModel(InputSize = 2)] public partial class Inner { [Gru(4)] public partial GruLayer G { get; } }
            }
            [RnnModel(InputSize = 2)] public partial class Second { [Dense(4)] public partial DenseLayer D { get; } }
            """;

        Assert.Equal(["A.B.Outer+Inner", "A.B.Second"],
            ModelCompiler.Compile(new ModelSource("two.cs", Text)).Select(m => m.Type.FullName));
    }

    private static ModelDescription Described(int input)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = input } };
        model.Add("Encoder", new LstmAttribute(6));
        model.Add("Head", new DenseAttribute(2));
        return model;
    }
}
