using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Graphs as exporters leave them: which layers they become, and that these mean what ONNX Runtime computes from the graph itself.
/// </summary>
public partial class ImportTests
{
    /// <summary>Absolute; the values are within [-10, 10] and computed in float by ONNX Runtime.</summary>
    private const double Tolerance = 1e-5;

    [Fact]
    public void A_constant_of_more_axes_than_its_rows_gives_the_result_as_many()
    {
        var model = new TestGraph().Input("x", 5, 7, 3).Output("y", 1, 5, 3).Constant("c", [1, 1, 1, 3], [1, 2, 3]).Weight("m", 3, 3)
            .Node("MatMul", "x m", "a").Node("Add", "a c", "b").Node("ReduceMean", "b", "y", ("axes", new long[] { 2 }), ("keepdims", 0))
            .Read();
        Assert.Equal([RowAxis.Batch, RowAxis.Time, RowAxis.Feature], model.Signature!.InputAxes);
        Assert.Equal([1f, 2, 3], model.Weights["Dense.bias"].Values);
    }

    [Fact]
    public void A_stack_with_zero_states_of_the_batchs_size_and_its_last_step()
    {
        // As PyTorch writes nn.LSTM(num_layers=2, batch_first=True) without states, out[:, -1, :] and nn.Linear.
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 2)
            .Integer("zero", 0).Integers("axes0", 0).Integers("layers", 2).Integers("units", 4).Integers("one", 1).Integers("two", 2)
            .Integer("last", -1)
            .Node("Shape", "x", "shape").Node("Gather", "shape zero", "batch", ("axis", 0)).Node("Unsqueeze", "batch axes0", "batches")
            .Node("Concat", "layers batches units", "stateShape", ("axis", 0)).Node("ConstantOfShape", "stateShape", "states")
            .Node("Transpose", "x", "xt", ("perm", new long[] { 1, 0, 2 }))
            .Node("Slice", "states axes0 one axes0", "h1").Node("Slice", "states one two axes0", "h2");
        AddLstm(graph, "/lstm/LSTM", "xt", "a", 3, 4, "h1 h1").Node("Squeeze", "a one", "a1");
        AddLstm(graph, "/lstm/LSTM_1", "a1", "b", 4, 4, "h2 h2").Node("Squeeze", "b one", "b1")
            .Node("Transpose", "b1", "b2", ("perm", new long[] { 1, 0, 2 })).Node("Gather", "b2 last", "z", ("axis", 1))
            .Weight("w", 2, 4).Weight("bias", 2).Node("/fc/Gemm", "z w bias", "y", ("alpha", 1f), ("beta", 1f), ("transB", 1));
        Check(graph, new LstmAttribute(4) { Layers = 2, ReturnSequences = false }, new DenseAttribute(2), "Lstm", "Fc");
    }

    [Fact]
    public void Both_directions_in_one_row()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 5);
        AddGru(graph, "x", 3, 4, 2, ("direction", "bidirectional"), ("linear_before_reset", 1));
        graph.Node("Transpose", "rows", "r1", ("perm", new long[] { 0, 2, 1, 3 })).Integers("joined", 0, 0, -1).Node("Reshape", "r1 joined",
            "r2")
            .Weight("m", 8, 5).Weight("b", 5).Node("/head/MatMul", "r2 m", "h1").Node("/head/Add", "b h1", "h2").Node("Softmax", "h2", "y",
                ("axis", -1));
        var model = Check(graph, new GruAttribute(4) { Bidirectional = true }, new DenseAttribute(5), "Rnn", "Head");
        Assert.Equal(OutputTransform.Softmax, model.Model.Output);
    }

    [Theory]
    [InlineData(-2, -1, true)]
    [InlineData(0, 1, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 0, false)]
    public void Final_states_of_both_directions(int first, int second, bool isRow)
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 8);
        AddGru(graph, "x", 3, 4, 2, ("direction", "bidirectional"));
        graph.Integer("first", first).Integer("second", second).Node("Gather", "final first", "f", ("axis", 0)).Node("Gather",
            "final second", "s", ("axis", 0))
            .Node("Concat", "f s", "y", ("axis", -1));
        if (isRow)
        {
            Check(graph, new GruAttribute(4) { Bidirectional = true, ReturnSequences = false, ResetAfter = false });
        }
        else
        {
            Assert.Contains("final states of several layers, or of one direction",
                Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
        }
    }

    [Fact]
    public void The_states_of_a_stack_and_its_top_one()
    {
        // h_n[-1] of a stack: the layers' states joined, and the last of them picked.
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 2).Integers("one", 1).Integer("last", -1).Weight("w", 2, 4);
        AddLstm(graph, "/net/rnn/LSTM", "x", "a", 3, 4, "- -").Node("Squeeze", "a one", "a1");
        AddLstm(graph, "/net/rnn/LSTM_1", "a1", "b", 4, 4, "- -")
            .Node("Concat", "a_h b_h", "h", ("axis", 0)).Node("Gather", "h last", "top", ("axis", 0)).Node("/net/fc/Gemm", "top w", "y",
                ("transB", 1));
        Check(graph, new LstmAttribute(4) { Layers = 2, ReturnSequences = false }, new DenseAttribute(2) { Bias = false }, "Rnn", "Fc");
    }

    [Fact]
    public void A_Keras_model_with_lengths_and_flattened_dense()
    {
        // As tf2onnx writes it: time first, whole lengths and zero states computed from the input's shape, and a product of flattened rows.
        var graph = new TestGraph { Opset = 13, Producer = "tf2onnx" }.Input("x", 0, 0, 3).Output("y", 0, 0, 2)
            .Integers("i0", 0).Integers("i1", 1).Integers("i2", 2).Integers("units", 4).Integers("minusOne", -1).Integers("wide", 2)
            .Constant("zero", [1], [0f])
            .Node("Transpose", "x", "xt", ("perm", new long[] { 1, 0, 2 })).Node("Shape", "xt", "shape")
            .Node("Slice", "shape i0 i1", "time").Node("Slice", "shape i1 i2", "batch")
            .Node("Cast", "time", "time32", ("to", (int)OnnxDataType.Int32)).Node("Expand", "time32 batch", "lengths")
            .Node("Concat", "i1 batch units", "stateShape", ("axis", 0)).Node("Expand", "zero stateShape", "h0")
            .Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Weight("B", 1, 32)
            .Node("model/lstm/LSTM__28", "xt W R B lengths h0 h0", "rows", ("hidden_size", 4), ("direction", "forward"))
            .Node("Squeeze", "rows i1", "r1").Node("Transpose", "r1", "r2", ("perm", new long[] { 1, 0, 2 }))
            .Node("Shape", "r2", "s2").Node("Slice", "s2 i0 i1", "n").Node("Slice", "s2 i1 i2", "t").Node("Concat", "n t wide", "shape2",
                ("axis", 0))
            .Node("Concat", "minusOne units", "flat", ("axis", 0)).Node("Reshape", "r2 flat", "r3").Weight("m", 4, 2).Weight("b", 2)
            .Node("model/dense/MatMul", "r3 m", "d1").Node("Reshape", "d1 shape2", "d2").Node("model/dense/BiasAdd", "d2 b", "d3");
        graph.Proto.Nodes[^1].Op = "Add";
        graph.Node("Tanh", "d3", "y");
        Check(graph, new LstmAttribute(4), new DenseAttribute(2) { Activation = Activation.Tanh }, "Lstm", "Dense");
    }

    [Fact]
    public void Convolutions_normalised_and_pooled()
    {
        var graph = new TestGraph().Input("x", 0, 2, 0).Output("y", 0, 0, 4)
            .Weight("k", 3, 2, 3).Weight("kb", 3).Node("/conv/Conv", "x k kb", "c", ("pads", new long[] { 1, 1 }),
                ("kernel_shape", new long[] { 3 }))
            .Weight("scale", 3).Weight("shift", 3).Weight("mean", 3).Constant("variance", [3], [0.5f, 1, 2])
            .Node("/bn/BatchNormalization", "c scale shift mean variance", "n", ("epsilon", 1e-3f)).Node("/relu/Relu", "n", "r")
            .Node("/pool/MaxPool", "r", "p", ("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 }))
            .Node("Transpose", "p", "xt", ("perm", new long[] { 2, 0, 1 }));
        AddGru(graph, "xt", 3, 4, 1, ("linear_before_reset", 1));
        graph.Integers("one", 1).Node("Squeeze", "rows one", "r1").Node("Transpose", "r1", "y", ("perm", new long[] { 1, 0, 2 }));
        var model = graph.Read();
        Assert.Equal(["Conv", "Pool", "Rnn"], model.Layers.Select(l => l.Name));
        Assert.Equal([RowAxis.Batch, RowAxis.Feature, RowAxis.Time], model.Signature!.InputAxes);
        Assert.Contains(model.Notes, n => n.Contains("'bn' are folded into the weights of 'conv'", StringComparison.Ordinal));
        Check(graph, new Conv1dAttribute(3, 3) { Padding = TimePadding.Same, Activation = Activation.Relu },
            new Pool1dAttribute(Pooling.Max, 2), new GruAttribute(4));
    }

    [Theory]
    [InlineData(4, 0, TimePadding.Causal)]
    [InlineData(2, 2, TimePadding.Same)]
    [InlineData(0, 4, TimePadding.Valid)]
    [InlineData(0, 0, TimePadding.Valid)]
    [InlineData(5, 1, TimePadding.Valid)]
    public void Steps_added_before_a_convolution_are_its_padding(int left, int right, TimePadding padding)
    {
        var graph = new TestGraph().Input("x", 0, 2, 0).Output("y", 0, 3, 0).Integers("pads", 0, 0, left, 0, 0, right).Weight("k", 3, 2, 3)
            .Node("Pad", "x pads", "p").Node("/conv/Conv", "p k", "y", ("dilations", new long[] { 2 }));
        var options = new Conv1dAttribute(3, 3) { Padding = padding, Dilation = 2, Bias = false };
        (options.PadLeft, options.PadRight) = padding == TimePadding.Valid ? (left, right) : (0, 0);
        Check(graph, options);
    }

    [Theory]
    [InlineData("SAME_UPPER", 4)]
    [InlineData("SAME_LOWER", 4)]
    [InlineData("SAME_LOWER", 3)]
    [InlineData("VALID", 3)]
    public void A_convolution_of_an_image_one_pixel_high(string autoPad, int kernel)
    {
        var graph = new TestGraph().Input("x", 0, 0, 2).Output("y", 0, 0, 3).Integers("two", 2).Weight("k", 3, 2, 1, kernel).Weight("b", 3)
            .Node("Transpose", "x", "x1", ("perm", new long[] { 0, 2, 1 })).Node("Unsqueeze", "x1 two", "x2")
            .Node("/conv/Conv", "x2 k b", "c", ("auto_pad", autoPad), ("kernel_shape", new long[] { 1, kernel }),
                ("strides", new long[] { 1, 1 }))
            .Node("Squeeze", "c two", "c1").Node("Transpose", "c1", "y", ("perm", new long[] { 0, 2, 1 }));
        var options = new Conv1dAttribute(3, kernel);
        (options.Padding, options.PadLeft, options.PadRight) = (autoPad, kernel) switch
        {
            ("SAME_UPPER", _) or (_, 3) when autoPad != "VALID" => (TimePadding.Same, 0, 0),
            ("SAME_LOWER", _) => (TimePadding.Valid, 2, 1),
            _ => (TimePadding.Valid, 0, 0),
        };
        Check(graph, options);
    }

    [Fact]
    public void Arithmetic_with_constants_scales_and_shifts()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Constant("one", [], [1]).Constant("two", [1], [2])
            .Weight("v", 3).Weight("w", 1, 1, 3)
            .Node("Sub", "one x", "a").Node("Mul", "v a", "b").Node("Add", "b w", "c").Node("Div", "c two", "d").Node("Sub", "d v", "e")
            .Node("Neg", "e", "f")
            .Node("Relu", "f", "g").Node("Sub", "f g", "y");
        var model = Check(graph, new AffineAttribute(), new ActivationAttribute(Activation.Relu), new AffineAttribute(),
            new AddAttribute("Affine", "Affine_2"));
        Assert.Equal(3, model.Weights["Affine.weight"].Values.Length);
    }

    [Fact]
    public void Functions_of_later_versions_are_activations()
    {
        var graph = new TestGraph { Opset = 20 }.Input("x", 0, 0, 3).Output("y", 0, 0, 3)
            .Node("Softplus", "x", "a").Node("HardSwish", "a", "b").Node("Mish", "b", "c").Node("Gelu", "c", "d").Node("Gelu", "d", "y",
                ("approximate", "tanh"));
        Check(graph,
            [.. new[] { Activation.Softplus, Activation.HardSwish, Activation.Mish, Activation.Gelu, Activation.GeluTanh }.Select(
                a => new ActivationAttribute(a))]);

        // What runs graphs here does not know this version yet.
        var swish = new TestGraph { Opset = 24 }.Input("x", 0, 0, 3).Output("y", 0, 0, 3).Node("Swish", "x", "y");
        Assert.Equal(Activation.Silu, Assert.IsType<ActivationAttribute>(swish.Read().Layers.Single().Options).Activation);
    }

    [Fact]
    public void Branches_skips_and_norms()
    {
        var graph = new TestGraph().Input("x", 0, 0, 4).Output("y", 0, 0, 8).Integers("one", 1).Weight("g", 4).Weight("s", 4)
            .Weight("slope", 4);
        AddGru(graph, "x", 4, 4, 1);
        graph.Node("Squeeze", "rows one", "r").Node("/skip/Add", "r x", "a").Node("/norm/LayerNormalization", "a g s", "n",
            ("epsilon", 1e-3f))
            .Node("/act/PRelu", "n slope", "p").Node("Mul", "p x", "m").Node("/both/Concat", "m x", "y", ("axis", 2));
        Check(graph, new GruAttribute(4) { ResetAfter = false }, new AddAttribute("Rnn", "<input>"),
            new LayerNormAttribute { Epsilon = 1e-3f }, new PReluAttribute(),
            new MultiplyAttribute("Act", "<input>"), new ConcatAttribute("Multiply", "<input>"));
    }

    [Fact]
    public void The_last_step_behind_layers_without_time()
    {
        // A dense layer's last row is the dense layer of the last row.
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 1, 2).Integers("one", 1).Integers("last", -1)
            .Integers("end", int.MaxValue).Weight("m", 4, 2);
        AddGru(graph, "x", 3, 4, 1);
        graph.Node("Squeeze", "rows one", "r").Node("Transpose", "r", "t", ("perm", new long[] { 1, 0, 2 })).Node("/fc/MatMul", "t m", "d")
            .Node("Relu", "d", "e")
            .Node("Slice", "e last end one", "y");
        Check(graph, new GruAttribute(4) { ReturnSequences = false, ResetAfter = false },
            new DenseAttribute(2) { Bias = false, Activation = Activation.Relu });
    }

    [Fact]
    public void Rows_and_the_final_state_of_one_node_are_two_layers_with_the_same_weights()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 8).Integers("zero", 0).Integers("one", 1);
        AddGru(graph, "x", 3, 4, 1);
        graph.Node("Squeeze", "rows one", "r").Node("ReduceMax", "r", "w", ("axes", new long[] { 0 }), ("keepdims", 0)).Node("Squeeze",
            "final zero", "f")
            .Node("Concat", "w f", "y", ("axis", 1));
        var model = Check(graph, new GruAttribute(4) { ResetAfter = false },
            new GruAttribute(4) { ResetAfter = false, ReturnSequences = false, From = "<input>" },
            new GlobalPoolAttribute(Pooling.Max) { From = "Rnn" }, new ConcatAttribute("GlobalPool", "Rnn_2"));
        Assert.Equal(model.Weights["Rnn.weight_hh_l0"].Values, model.Weights["Rnn_2.weight_hh_l0"].Values);
    }

    [Fact]
    public void Tokens_of_a_table()
    {
        var graph = new TestGraph().Input("ids", OnnxDataType.Int64, 0, 0).Output("y", 0, 0, 4).Weight("table", 6, 3).Integers("one", 1)
            .Node("/emb/Gather", "table ids", "e").Node("Transpose", "e", "x", ("perm", new long[] { 1, 0, 2 }));
        AddGru(graph, "x", 3, 4, 1);
        graph.Node("Squeeze", "rows one", "r").Node("Transpose", "r", "y", ("perm", new long[] { 1, 0, 2 }));
        Check(graph, new EmbeddingAttribute(6, 3), new GruAttribute(4) { ResetAfter = false });
    }

    [Fact]
    public void Whole_sequences_reversed_and_pooled()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 4).Integers("first", -1).Integers("last", long.MinValue + 1)
            .Integers("zero", 0).Integers("one", 1)
            .Node("/back/Slice", "x first last zero first", "b");
        AddGru(graph, "b", 3, 4, 1);
        graph.Node("Squeeze", "rows one", "r").Node("Transpose", "r", "t", ("perm", new long[] { 1, 2, 0 }))
            .Node("/pool/GlobalAveragePool", "t", "p").Node("Flatten", "p", "y");
        Check(graph, new ReverseTimeAttribute(), new GruAttribute(4) { ResetAfter = false }, new GlobalPoolAttribute(Pooling.Average));
    }

    [Fact]
    public void Weights_computed_from_constants()
    {
        // A transposed kernel, one of 8 bits with a scale a column, and a bias as a sum.
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 2).Weight("w", 4, 3).Node("Transpose", "w", "wt",
            ("perm", new long[] { 1, 0 }))
            .Constant("q", [4, 2], OnnxDataType.Int8, [1, 255, 100, 3, 5, 200, 7, 8]).Constant("scale", [2], [0.01f, 0.02f])
            .Constant("zero",
                [2], OnnxDataType.Int8, [1, 254])
            .Node("DequantizeLinear", "q scale zero", "m", ("axis", 1)).Weight("a", 2).Weight("b", 2).Node("Add", "a b", "bias")
            .Node("/one/MatMul", "x wt", "h").Node("/two/MatMul", "h m", "k").Node("/two/Add", "k bias", "y");
        var model = Check(graph, new DenseAttribute(4) { Bias = false }, new DenseAttribute(2));
        Assert.Equal(-1 * 0.01f * 0, model.Weights["Two.weight"].Values[0]);
        Assert.Equal((-1 - -2) * 0.02f, model.Weights["Two.weight"].Values[4]);
    }

    [Fact]
    public void A_sigmoid_behind_a_dense_layer_is_its_function_and_elsewhere_the_outputs()
    {
        var dense = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 2).Weight("m", 3, 2).Node("MatMul", "x m", "d").Node("Sigmoid",
            "d", "y");
        Assert.Equal(OutputTransform.None,
            Check(dense, new DenseAttribute(2) { Bias = false, Activation = Activation.Sigmoid }).Model.Output);

        var recurrent = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 0, 0);
        AddGru(recurrent, "x", 3, 4, 1);
        recurrent.Node("Sigmoid", "rows", "y");
        Assert.Equal(OutputTransform.Sigmoid, Check(recurrent, new GruAttribute(4) { ResetAfter = false }).Model.Output);
    }

    [Fact]
    public void Dropout_is_nothing_outside_training()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 2).Weight("m", 3, 2).Constant("ratio", [], [0.5f])
            .Node("/m/MatMul", "x m", "d").Node("/drop/Dropout", "d ratio", "e").Node("Tanh", "e", "y");
        Check(graph, new DenseAttribute(2) { Bias = false, Activation = Activation.Tanh });
    }

    [Fact]
    public void Doubles_are_rounded_and_said_so()
    {
        var graph = new TestGraph().Input("x", 0, 0, 1).Output("y", 0, 0, 1).Constant("d", [1, 1], OnnxDataType.Double,
            BitConverter.GetBytes(0.1))
            .Node("Cast", "d", "m", ("to", (int)OnnxDataType.Float)).Node("MatMul", "x m", "y");
        var model = Check(graph, new DenseAttribute(1) { Bias = false });
        Assert.Equal([0.1f], model.Weights["Dense.weight"].Values);
        Assert.Contains("1 of the file's tensors are Double; their values are rounded to float.", model.Notes);
    }

    [Fact]
    public void Names_that_a_class_cannot_have_are_changed()
    {
        // A file may claim to be of this project and name its nodes as it likes.
        var graph = new TestGraph { Producer = "RnnCodegen" }.Input("x", 0, 0, 3).Output("y", 0, 0, 3)
            .Node("/class/Relu", "x", "a").Node("/a b;/Tanh", "a", "b").Node("/Step/Relu", "b", "c").Node("/A/Tanh", "c", "d")
            .Node("/A/Relu", "d", "y");
        Assert.Equal(["Class", "AB", "StepActivation", "A", "A_2"], graph.Read().Layers.Select(l => l.Name));
    }

    private static TestGraph AddLstm(TestGraph graph, string name, string x, string y, int inputs, int units, string states) => graph
        .Weight($"{y}.W", 1, 4 * units, inputs).Weight($"{y}.R", 1, 4 * units, units).Weight($"{y}.B", 1, 8 * units)
        .Node(name, $"{x} {y}.W {y}.R {y}.B - {states}", $"{y} {y}_h", ("hidden_size", units));

    private static void AddGru(TestGraph graph, string x, int inputs, int units, int directions, params (string, object)[] attributes) =>
        graph
            .Weight("W", directions, 3 * units, inputs).Weight("R", directions, 3 * units, units).Weight("B", directions, 6 * units)
            .Node("/rnn/GRU", $"{x} W R B", "rows final", [("hidden_size", units), .. attributes]);

    private static ModelDescription Check(TestGraph graph, params object[] expected) => Check(graph, batch: 3, expected);

    /// <summary>
    /// Reads a graph, compares its layers (and names, where given) with what is expected, and its meaning with ONNX Runtime.
    /// </summary>
    private static ModelDescription Check(TestGraph graph, int batch, params object[] expected) =>
        Check(graph, batch, Tolerance, expected);

    private static ModelDescription Check(TestGraph graph, int batch, double tolerance, params object[] expected)
    {
        var model = graph.Read();
        Assert.Equal(expected.OfType<LayerAttribute>().Select(Same.Text), model.Layers.Select(l => Same.Text(l.Options)));
        if (expected.OfType<string>().ToList() is { Count: > 0 } names)
        {
            Assert.Equal(names, model.Layers.Select(l => l.Name));
        }

        var input = OnnxRuntimeModel.Input(model, 10, batch);
        var actual = OnnxRuntimeModel.Run(graph.ToBytes(), model.Signature!, input);
        Assert.InRange(OnnxRuntimeModel.Difference(DescriptionReference.Run(model, input), actual), 0, tolerance);
        return model;
    }
}
