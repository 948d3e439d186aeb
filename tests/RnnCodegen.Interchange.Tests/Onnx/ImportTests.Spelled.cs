using RnnCodegen.Interchange.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <content>What exporters spell in operators: normalisations, functions, and what becomes of two directions.</content>
public partial class ImportTests
{
    private static readonly Dictionary<string, (Func<TestGraph, TestGraph> Spell, Activation Function)> s_functions = new()
    {
        ["x * sigmoid(x)"] = (g => g.Node("Sigmoid", "d", "s").Node("Mul", "d s", "y"), Activation.Silu),
        ["softplus"] = (g => g.Node("Exp", "d", "e").Node("Add", "e one", "p").Node("Log", "p", "y"), Activation.Softplus),
        ["mish"] = (g => g.Node("Exp", "d", "e").Node("Add", "one e", "p").Node("Log", "p", "l").Node("Tanh", "l", "t")
            .Node("Mul", "t d", "y"), Activation.Mish),
        ["gelu by erf"] = (g => g.Node("Div", "d root2", "r").Node("Erf", "r", "e").Node("Add", "e one", "a").Node("Mul", "d a", "m")
            .Node("Mul", "m half", "y"), Activation.Gelu),
        ["gelu by tanh"] = (g => g.Node("Pow", "d three", "c").Node("Mul", "c k", "ck").Node("Add", "d ck", "s").Node("Mul", "s root", "r")
            .Node("Tanh", "r", "t").Node("Add", "t one", "a").Node("Mul", "half d", "h").Node("Mul", "h a", "y"), Activation.GeluTanh),
        ["hard swish by clip"] = (g => g.Node("Add", "d three", "a").Node("Clip", "a zero six", "c").Node("Mul", "d c", "m")
            .Node("Div", "m six", "y"), Activation.HardSwish),
        ["hard sigmoid by max and min"] = (g => g.Node("Mul", "d fifth", "m").Node("Add", "m half", "a").Node("Max", "a zero", "b")
            .Node("Min", "b one", "y"), Activation.HardSigmoidKeras2),
        ["relu by max"] = (g => g.Node("Max", "d zero", "y"), Activation.Relu),
        ["elu"] = (g => g.Node("Relu", "d", "p").Node("Min", "d zero", "n").Node("Exp", "n", "e").Node("Sub", "e one", "m")
            .Node("Add", "p m", "y"), Activation.Elu),
        ["sigmoid by exp"] = (g => g.Node("Neg", "d", "n").Node("Exp", "n", "e").Node("Add", "e one", "p").Node("Reciprocal", "p", "y"),
            Activation.Sigmoid),
    };

    public static TheoryData<string> Functions() => [.. s_functions.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_spelled_out(string name)
    {
        var (spell, function) = s_functions[name];
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 4).Weight("dm", 3, 4).Weight("db", 4)
            .Constant("one", [], [1]).Constant("half", [], [0.5f]).Constant("three", [], [3]).Constant("six", [], [6])
            .Constant("zero", [], [0]).Constant("fifth", [], [0.2f]).Constant("root2", [], [1.41421356f]).Constant("k", [], [0.044715f])
            .Constant("root", [], [0.7978845608f]).Node("/d/MatMul", "x dm", "d0").Node("/d/Add", "d0 db", "d");
        Check(spell(graph), new DenseAttribute(4) { Activation = function });
    }

    [Theory]
    [InlineData(13, false)]
    [InlineData(18, false)]
    [InlineData(13, true)]
    public void A_layer_normalisation_spelled_out(int opset, bool isFolded)
    {
        var graph = new TestGraph { Opset = opset }.Input("x", 0, 0, 3).Output("y", 0, 0, 2).Weight("w", 4).Weight("b", 4)
            .Constant("eps", [], [1e-5f]).Constant("two", [], [2]).Weight("m", 4, 2).Integers("last", -1);
        AddGru(graph, "x", 3, 4, 1);
        graph.Integers("i1", 1).Node("Squeeze", "rows i1", "s");
        TestGraph Mean(string of, string to) => opset < 18
            ? graph.Node("ReduceMean", of, to, ("axes", new long[] { -1 }))
            : graph.Node("ReduceMean", $"{of} last", to);
        Mean("s", "mu").Node("Sub", "s mu", "d");
        graph = isFolded ? graph.Node("Mul", "d d", "q") : graph.Node("Pow", "d two", "q");
        Mean("q", "v").Node("Add", "v eps", "ve").Node("Sqrt", "ve", "sd");
        graph = isFolded
            ? graph.Node("Reciprocal", "sd", "rs").Node("Mul", "rs w", "rg").Node("Mul", "s rg", "t1").Node("Mul", "mu rg", "t2")
                .Node("Sub", "b t2", "t3").Node("Add", "t1 t3", "n")
            : graph.Node("Div", "d sd", "nn").Node("Mul", "nn w", "g").Node("Add", "g b", "n");
        graph.Node("/head/MatMul", "n m", "y");
        var model = Check(graph, new GruAttribute(4) { ResetAfter = false }, new LayerNormAttribute { Epsilon = 1e-5f },
            new DenseAttribute(2) { Bias = false });
        var weight = graph.Proto.Initializers.Single(t => t.Name == "w").Raw!;
        Assert.All(model.Weights.Single(w => w.Value.Shape.SequenceEqual([4]) && w.Key.EndsWith("weight", StringComparison.Ordinal))
            .Value.Values.Select((v, k) => Math.Abs(v - BitConverter.ToSingle(weight, 4 * k))),
            difference => Assert.InRange(difference, 0, 1e-6));
    }

    [Fact]
    public void A_layer_normalisation_of_the_input()
    {
        var graph = new TestGraph { Opset = 17 }.Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0).Weight("w", 3).Weight("b", 3)
            .Constant("eps", [], [1e-3f])
            .Node("ReduceMean", "x", "mu", ("axes", new long[] { 2 })).Node("Sub", "x mu", "d").Node("Mul", "d d", "q")
            .Node("ReduceMean", "q", "v", ("axes", new long[] { 2 })).Node("Add", "v eps", "ve").Node("Sqrt", "ve", "sd")
            .Node("Div", "d sd", "nn").Node("Mul", "nn w", "g").Node("Add", "g b", "n");
        AddGru(graph, "n", 3, 4, 1);
        Check(graph, new LayerNormAttribute { Epsilon = 1e-3f }, new GruAttribute(4) { ResetAfter = false });
    }

    [Theory]
    [InlineData("a normalisation that divides by the deviation and epsilon")]
    [InlineData("a function that no layer has")]
    public void What_is_nearly_one_is_refused(string name)
    {
        var graph = new TestGraph { Opset = 17 }.Input("x", 0, 0, 3).Output("y", 0, 0, 3).Constant("eps", [], [1e-2f]).Weight("m", 3, 3)
            .Node("MatMul", "x m", "s");
        graph = name.StartsWith("a norm", StringComparison.Ordinal)
            ? graph.Node("ReduceMean", "s", "mu", ("axes", new long[] { 2 })).Node("Sub", "s mu", "d").Node("Mul", "d d", "q")
                .Node("ReduceMean", "q", "v", ("axes", new long[] { 2 })).Node("Sqrt", "v", "sd").Node("Add", "sd eps", "ve")
                .Node("/n/Div", "d ve", "y")
            : graph.Node("Exp", "s", "e").Node("/n/Log", "e", "l").Node("/n/Exp", "l", "y");
        Assert.Contains(
            name.StartsWith("a norm", StringComparison.Ordinal)
                ? "node '/n/Div' (Div): it needs rows that are combined by Divide"
                : "node '/n/Exp' (Exp): it needs Exp of rows, which no layer computes",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Theory]
    [InlineData("ReduceSum", false)]
    [InlineData("ReduceMean", false)]
    [InlineData("ReduceSum", true)]
    [InlineData("slices", false)]
    [InlineData("split", false)]
    [InlineData("gather", false)]
    public void Directions_that_are_added_are_layers_of_their_own(string way, bool isViewed)
    {
        var graph = new TestGraph { Opset = 18 }.Input("x", 0, 0, 3).Output("y", 0, 0, 4).Integers("i1", 1).Integers("i2", 2)
            .Integers("joined", 0, 0, -1).Integers("view", 0, 0, 2, 4).Integers("c0", 0).Integers("c4", 4).Integers("c8", 8)
            .Integer("first", 0).Integer("second", 1);
        AddGru(graph, "x", 3, 4, 2, ("direction", "bidirectional"), ("linear_before_reset", 1));
        if (way is "slices" or "split" || isViewed)
        {
            graph.Node("Transpose", "rows", "t", ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", "t joined", "both");
        }

        graph = way switch
        {
            "slices" => graph.Node("Slice", "both c0 c4 i2", "f").Node("Slice", "both c4 c8 i2", "b").Node("Add", "f b", "y"),
            "split" => graph.Node("Split", "both", "f b", ("axis", 2), ("num_outputs", 2)).Node("Add", "f b", "y"),
            "gather" => graph.Node("Gather", "rows first", "f", ("axis", 1)).Node("Gather", "rows second", "b", ("axis", 1))
                .Node("Add", "f b", "y"),
            _ when isViewed => graph.Node("Reshape", "both view", "v").Node(way, "v i2", "y", ("keepdims", 0)),
            _ => graph.Node(way, "rows i1", "y", ("keepdims", 0)),
        };
        object[] expected = [new GruAttribute(4), new GruAttribute(4) { Reverse = true, From = RnnModelAttribute.Input }];
        var model = way == "ReduceMean" ? Check(graph, [.. expected, new AddAttribute("Rnn", "Rnn_2"), new AffineAttribute()])
            : Check(graph, [.. expected, new AddAttribute("Rnn", "Rnn_2")]);
        Assert.Equal(2 * (36 + 48 + 24),
            model.Weights.Where(w => w.Key.StartsWith("Rnn", StringComparison.Ordinal)).Sum(w => w.Value.Values.Length));
    }

    [Fact]
    public void The_largest_of_two_directions_is_refused_with_what_to_do()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 4);
        AddGru(graph, "x", 3, 4, 2, ("direction", "bidirectional"));
        graph.Node("/m/ReduceMax", "rows", "y", ("axes", new long[] { 1 }), ("keepdims", 0));
        Assert.Contains("it takes the largest of both directions' values, which no layer does; export the model with their sum",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Fact]
    public void Directions_of_different_functions_are_two_layers_side_by_side()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 8).Weight("W", 2, 4, 3).Weight("R", 2, 4, 4)
            .Integers("joined", 0, 0, -1)
            .Node("/rnn/RNN", "x W R", "rows final", ("hidden_size", 4), ("direction", "bidirectional"),
                ("activations", new[] { "Relu", "Tanh" }))
            .Node("Transpose", "rows", "t", ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", "t joined", "y");
        Check(graph, new ElmanAttribute(4) { Activation = Activation.Relu, Bias = false },
            new ElmanAttribute(4) { Reverse = true, From = RnnModelAttribute.Input, Bias = false },
            new ConcatAttribute("Rnn", "Rnn_2"));
        graph.Proto.Outputs.Clear();
        graph.Output("z", 0, 8).Node("Transpose", "final", "ft", ("perm", new long[] { 1, 0, 2 })).Integers("flat", 0, -1)
            .Node("Reshape", "ft flat", "z");
        Check(graph, new ElmanAttribute(4) { Activation = Activation.Relu, Bias = false, ReturnSequences = false },
            new ElmanAttribute(4) { Reverse = true, From = RnnModelAttribute.Input, Bias = false, ReturnSequences = false },
            new ConcatAttribute("Rnn", "Rnn_2"));
    }
}
