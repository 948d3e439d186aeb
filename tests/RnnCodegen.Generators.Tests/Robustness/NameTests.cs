using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Robustness;

/// <summary>Layers, classes and what is around them may have any name that C# allows.</summary>
public class NameTests
{
    [Theory]
    [InlineData("[Gru(8)] internal partial GruLayer Encoder { get; } [Dense(4)] internal partial DenseLayer EncoderL0 { get; }")]
    [InlineData("[Dense(4)] internal partial DenseLayer EncoderL0 { get; } [Gru(4)] internal partial GruLayer Encoder { get; }")]
    [InlineData("[Conv1d(4, 3)] internal partial Conv1dLayer Conv { get; } [Dense(4)] internal partial DenseLayer ConvWindows { get; }")]
    [InlineData("[Gru(4)] internal partial GruLayer Enc { get; } [Dense(4)] internal partial DenseLayer x { get; }")]
    [InlineData("[Dense(4)] internal partial DenseLayer Input { get; } [Gru(4)] internal partial GruLayer Gates { get; } [Elman(4)] " +
        "internal partial ElmanLayer Memory { get; }")]
    [InlineData("[Dense(4)] internal partial DenseLayer Head { get; } [LayerNorm] internal partial LayerNormLayer HeadProduct { get; } " +
        "[Affine] internal partial AffineLayer HeadProductBackward { get; }")]
    [InlineData("[Dense(4)] internal partial DenseLayer Core { get; } [Dense(4)] internal partial DenseLayer core_2 { get; } private " +
        "readonly int _rnnCore = 3; internal int Own => _rnnCore;")]
    [InlineData("[Dense(4)] internal partial DenseLayer Tape { get; } [Gru(4)] internal partial GruLayer Math { get; } [Lstm(4)] " +
        "internal partial LstmLayer Span { get; } [Dense(2)] internal partial DenseLayer Vector512 { get; }")]
    [InlineData("[Gru(4, Layers = 2, Dropout = 0.1f)] internal partial GruLayer A { get; } [Dropout(0.5f)] internal partial DropoutLayer " +
        "AL0Dropout { get; } [Dense(3)] internal partial DenseLayer AL0 { get; } [Dense(3)] internal partial DenseLayer AL1 { get; }")]
    [InlineData("[Gru(4, ReturnSequences = false)] internal partial GruLayer A { get; } [Dense(3)] internal partial DenseLayer ALast { " +
        "get; } [Dense(3)] internal partial DenseLayer AL0Reverse { get; }")]
    [InlineData("[AttentionPool] internal partial AttentionPoolLayer P { get; } [Dense(3)] internal partial DenseLayer PPooled { get; } " +
        "[Dense(3)] internal partial DenseLayer PPooledState { get; }")]
    [InlineData("[Dense(3, Activation = Activation.Relu)] internal partial DenseLayer @event { get; } [Gru(3)] internal partial GruLayer " +
        "@record { get; } [Dense(3)] internal partial DenseLayer nint { get; } [Gru(3)] internal partial GruLayer @field { get; }")]
    [InlineData("[Gru(3)] internal partial GruLayer Größe { get; } [Dense(3)] internal partial DenseLayer नमस्ते { get; } [Lstm(3)] " +
        "internal partial LstmLayer ß { get; } [Dense(3)] internal partial DenseLayer 重み { get; }")]
    [InlineData(
        "[Gru(3)] internal partial GruLayer d { get; } [Dense(3)] internal partial DenseLayer batch { get; } [Lstm(3)] internal partial " +
        "LstmLayer call { get; } [Dense(3)] internal partial DenseLayer m { get; } [Dense(3)] internal partial DenseLayer packed { get; }")]
    [InlineData("[Gru(3)] internal partial GruLayer _ { get; } [Dense(3)] internal partial DenseLayer __ { get; } [Lstm(3)] internal " +
        "partial LstmLayer _rnnCore { get; }")]
    public void Layers_may_have_any_name(string layers) =>
        Project.RequireClean($"[RnnModel(InputSize = 4)] internal partial class M {{ {layers} }}", Project.Harden);

    [Theory]
    [InlineData("record")]
    [InlineData("class")]
    [InlineData("var")]
    [InlineData("nint")]
    [InlineData("await")]
    [InlineData("dynamic")]
    [InlineData("file")]
    [InlineData("partial")]
    [InlineData("_rnnCore")]
    [InlineData("Vocabulary")]
    [InlineData("Core")]
    [InlineData("Definition")]
    [InlineData("Vector512Kernels")]
    [InlineData("नमस्ते")]
    [InlineData("RnnModelAttribute")]
    public void Classes_and_what_is_around_them_may_have_any_name(string name) => Project.RequireClean($$"""
        namespace @{{name}}.@class.@{{name}}_
        {
            internal partial struct @{{name}}Outer { internal static partial class @in {
                [global::RnnCodegen.RnnModel(InputSize = 4)] internal partial class @{{name}} { [global::RnnCodegen.Dense(4)] internal partial global::RnnCodegen.DenseLayer Head { get; } } } }
        }
        """, Project.Harden);

    [Fact]
    public void Names_may_be_as_long_as_metadata_allows()
    {
        var name = new string('L', 500);
        Project.RequireClean(
            $"namespace N{name} {{ [RnnModel(InputSize = 4)] internal partial class M{name} {{ [Gru(4)] internal partial GruLayer " +
            $"A{name} {{ get; }} [Dense(4)] internal partial DenseLayer A{name}B {{ get; }} }} }}");
    }

    /// <summary>The compiler takes names of files that differ by case for one.</summary>
    [Fact]
    public void Models_may_have_names_that_differ_by_case_or_place_alone()
    {
        static string Model(string name) =>
            $"[RnnModel(InputSize = 2)] internal partial class {name} {{ [Gru(3)] internal partial GruLayer A {{ get; }} }}";
        var result = Project.RequireClean($$"""
            namespace A { {{Model("Rnn")}} {{Model("RNN")}} internal partial class bB { {{Model("M")}} } internal partial class Bb { {{Model("M")}} } {{Model("B_M")}} }
            namespace a { {{Model("Rnn")}} }
            namespace A_B { {{Model("M")}} }
            """);
        Assert.Equal(
            (7 * 10) + Machine.All.Count,
            result.Output.SyntaxTrees.Count(t => t.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_table_gives_a_thing_one_name_and_no_name_twice()
    {
        var (a, b, table) = (new object(), new object(), new NameTable(["Run"]));

        Assert.Equal(("Run_2", "Head", "Head_2", "Head"),
            (table.Of(a, "Run", "Run"), table.Of(a, "Head", "Head"), table.Of(b, "Head", "Head"), table.Of(a, "Head", "Other")));
        var (longA, longB) = (table.Of(a, "Long", new string('x', 900) + "1"), table.Of(b, "Long", new string('x', 900) + "2"));
        Assert.NotEqual(longA, longB);
        Assert.True(longB.Length < 300);
    }

    [Theory]
    [InlineData("A_B.C", "A.B_C")]
    [InlineData("A_.B", "A._B")]
    [InlineData("A.B", "A_B")]
    [InlineData("A_0.B", "A._0B")]
    public void Different_models_have_different_classes_of_code(string first, string second) =>
        Assert.NotEqual(ModelNames.CodeClass(first), ModelNames.CodeClass(second));
}
