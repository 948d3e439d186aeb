using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <content>Element types, functions of the file, branches, shapes of states and outputs in another shape.</content>
public partial class ImportTests
{
    [Theory]
    [InlineData(nameof(OnnxDataType.Int8))]
    [InlineData(nameof(OnnxDataType.UInt8))]
    [InlineData(nameof(OnnxDataType.Int16))]
    [InlineData(nameof(OnnxDataType.UInt16))]
    [InlineData(nameof(OnnxDataType.Int32))]
    [InlineData(nameof(OnnxDataType.UInt32))]
    [InlineData(nameof(OnnxDataType.Int64))]
    [InlineData(nameof(OnnxDataType.UInt64))]
    public void Token_ids_of_any_integer_type(string type)
    {
        var graph = new TestGraph().Input("ids", Enum.Parse<OnnxDataType>(type), 0, 0).Output("rows", 0, 0, 0, 0).Weight("table", 7, 3)
            .Node("Cast", "ids", "wide", ("to", (int)OnnxDataType.Int64)).Node("Gather", "table wide", "x");
        AddGru(graph, "x", 3, 4, 1);
        Check(graph, new EmbeddingAttribute(7, 3), new GruAttribute(4) { ResetAfter = false });
    }

    [Fact]
    public void Token_ids_are_not_cut_to_a_type_that_does_not_hold_them()
    {
        var graph = new TestGraph().Input("ids", OnnxDataType.Int64, 0, 0).Output("y", 0, 0, 3).Weight("table", 7, 3)
            .Node("/c/Cast", "ids", "cut", ("to", (int)OnnxDataType.Int8)).Node("Cast", "cut", "wide", ("to", (int)OnnxDataType.Int64))
            .Node("Gather", "table wide", "y");
        Assert.Contains("'/c/Cast' (Cast): attribute to: it makes Int8 of the Int64 ids of 'ids'; ids stay the integers that they are",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Theory]
    [InlineData(nameof(OnnxDataType.Double), true, 53, 1e-6)]
    [InlineData(nameof(OnnxDataType.Double), false, 53, 1e-6)]
    [InlineData(nameof(OnnxDataType.Float16), true, 11, 1e-2)]
    [InlineData(nameof(OnnxDataType.Float16), false, 11, 1e-2)]
    public void Other_reals_are_computed_in_float_and_said_so(string name, bool isInput, int bits, double tolerance)
    {
        var type = Enum.Parse<OnnxDataType>(name);
        float[] values = [.. Enumerable.Range(0, 12).Select(k => (k - 5) / 8f)];
        var raw = type == OnnxDataType.Double ? MessageWriter.Raw<double>([.. values.Select(v => (double)v)])
            : MessageWriter.Raw<Half>([.. values.Select(v => (Half)v)]);
        var graph = new TestGraph().Constant("m", [3, 4], type, raw);
        graph = isInput
            ? graph.Input("x", type, 0, 0, 3).Output("z", type, 0, 0, 4).Node("MatMul", "x m", "y").Node("Tanh", "y", "z")
            : graph.Input("x", 0, 0, 3).Output("z", 0, 0, 4).Node("Cast", "x", "x1", ("to", (int)type)).Node("MatMul", "x1 m", "y")
                .Node("Tanh", "y", "y1").Node("Cast", "y1", "z", ("to", (int)OnnxDataType.Float));
        var model = Check(graph, 3, tolerance, new DenseAttribute(4) { Bias = false, Activation = Activation.Tanh });
        Assert.Contains(
            $"The file computes in {name}; here everything is computed in float32, so that results differ by what {bits} bits of a " +
            "number round.", model.Notes);
    }

    [Fact]
    public void A_function_of_the_file_is_what_its_nodes_are()
    {
        // The slope is the caller's, or the function's own; a name inside is another one than outside.
        var slope = new AttributeProto { Name = "alpha", Kind = AttributeKind.Float, Float = 0.25f };
        var body = new TestGraph().Input("a", 0, 0, 3).Input("k", 3, 4).Input("b", 4).Output("y", 0, 0, 4)
            .Node("MatMul", "a k", "x").Node("Add", "x b", "s")
            .Node("LeakyRelu", "s", "y", ("alpha", new AttributeProto { Kind = AttributeKind.Float, Reference = "alpha" }));
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("z", 0, 0, 4).Weight("m", 3, 4).Weight("c", 4).Weight("m2", 4, 4)
            .Function("pkg.test", "Block", body, slope).Node("Block", "x m c", "h").Node("Block", "h m2 c", "z", ("alpha", 0.5f));
        foreach (var node in graph.Proto.Nodes)
        {
            node.Domain = "pkg.test";
        }

        Check(graph, new DenseAttribute(4) { Activation = Activation.LeakyRelu, Alpha = 0.25f },
            new DenseAttribute(4) { Activation = Activation.LeakyRelu, Alpha = 0.5f });
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        var body = new TestGraph().Input("a", 0, 0, 3).Output("y", 0, 0, 3).Node("Again", "a", "y");
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("z", 0, 0, 3).Function("pkg.test", "Again", body).Node("Again", "x", "z");
        body.Proto.Nodes[0].Domain = graph.Proto.Nodes[0].Domain = "pkg.test";
        Assert.Contains("nested deeper than 32", Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_cut_by_the_shape_of_zero_states(bool isSliced)
    {
        // As PyTorch's newer exporter orders a GRU's gates: by the size of the state's last axis.
        var graph = new TestGraph { Opset = 18 }.Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0).Weight("w", 12, 3).Weight("R", 1, 12, 4)
            .Constant("zero", [], [0f]).Integer("i1", 1).Integers("a0", 0).Integers("one", 1).Integers("units", 4).Integers("c0", 0)
            .Integers("c2", 2).Integers("c3", 3)
            .Node("Shape", "x", "s").Node("Gather", "s i1", "b").Node("Unsqueeze", "b a0", "bu")
            .Node("Concat", "one bu units", "hs", ("axis", 0)).Node("Expand", "zero hs", "h0");
        graph = isSliced ? graph.Node("Shape", "h0", "all").Node("Slice", "all c2 c3 a0", "h")
            : graph.Node("Shape", "h0", "h", ("start", 2), ("end", 3));
        graph.Node("Mul", "h c2", "h2").Node("Mul", "h c3", "h3").Node("Slice", "w h h2 a0", "wz").Node("Slice", "w c0 h a0", "wr")
            .Node("Slice", "w h2 h3 a0", "wn").Node("Concat", "wz wr wn", "ws", ("axis", 0)).Node("Unsqueeze", "ws a0", "W")
            .Node("GRU", "x W R - - h0", "rows", ("hidden_size", 4), ("linear_before_reset", 1));
        Check(graph, new GruAttribute(4) { Bias = false });
    }

    [Fact]
    public void An_output_in_another_shape_has_its_features_in_one_row()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 2, 3).Weight("m", 3, 6).Integers("s", 0, 0, 2, 3)
            .Node("MatMul", "x m", "d").Node("Reshape", "d s", "y");
        var model = Check(graph, new DenseAttribute(6) { Bias = false });
        Assert.Contains("The file gives the 6 features of an output row as [2, 3]; here they are one row, in the same order.", model.Notes);
        graph.Proto.Outputs.Clear();
        graph.Output("z", 0, 0, 3, 2).Node("Transpose", "y", "z", ("perm", new long[] { 0, 1, 3, 2 }));
        Assert.Contains("output 'z' has the features in another order than the layer that makes them",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    [Theory]
    [InlineData(1, "Relu")]
    [InlineData(0, "Tanh")]
    public void A_branch_that_a_constant_decides(int condition, string expected)
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Constant("c", [], OnnxDataType.Bool, [(byte)condition])
            .Node("If", "c", "y", ("then_branch", new TestGraph().Output("a", 0, 0, 3).Node("Relu", "x", "a")),
                ("else_branch", new TestGraph().Output("b", 0, 0, 3).Node("Tanh", "x", "b")));
        Check(graph, new ActivationAttribute(Enum.Parse<Activation>(expected)));
    }

    [Fact]
    public void A_branch_that_a_shape_decides()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Integers("two", 2).Integer("three", 3)
            .Node("Shape", "x", "s").Node("Gather", "s two", "n").Node("Equal", "n three", "c")
            .Node("If", "c", "y", ("then_branch", new TestGraph().Output("a", 0, 0, 3).Node("Relu", "x", "a")),
                ("else_branch", new TestGraph().Output("b", 0, 0, 3).Node("Det", "x", "b")));
        Check(graph, new ActivationAttribute(Activation.Relu));
    }

    [Fact]
    public void A_branch_that_an_input_decides_needs_its_value_unless_both_come_to_the_same()
    {
        TestGraph Graph(string other) => new TestGraph().Input("x", 0, 0, 3).Input("rate", OnnxDataType.Int64).Output("y", 0, 0, 3)
            .Integer("high", 16000).Node("/g/Greater", "rate high", "c").Node("Relu", "x", "r").Node("/m/If", "c", "y",
                ("then_branch", new TestGraph().Output("a", 0, 0, 3).Node("Identity", "r", "a")),
                ("else_branch", new TestGraph().Output("b", 0, 0, 3).Node(other, "r", "b")));
        Assert.Equal(Activation.Relu, ((ActivationAttribute)Graph("Dropout").Read().Layers.Single().Options).Activation);

        var graph = Graph("Tanh");
        Assert.Contains("'/m/If' (If): its condition, 'c', depends on the input 'rate', and its branches differ; say the value with " +
            "--input-value rate=NUMBER", Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
        var model = graph.Read(new OnnxImportOptions
        {
            Constants = new Dictionary<string, NamedTensor> { ["rate"] = new NamedTensor("rate", [], [8000]) },
        });
        Assert.Equal([Activation.Relu, Activation.Tanh], model.Layers.Select(l => ((ActivationAttribute)l.Options).Activation));
    }
}
