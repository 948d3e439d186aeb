using Microsoft.ML.OnnxRuntime;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Graphs that are one step, with states for inputs and outputs: run step by step by ONNX Runtime, and as sequences of the layers that they
/// are.
/// </summary>
public class StepTests
{
    private const double Tolerance = 1e-5;
    private const int Steps = 9;
    private const int Batch = 2;

    /// <summary>A graph that is one step, for tests of broken files.</summary>
    internal static TestGraph Example()
    {
        var graph = new TestGraph().Input("xt", 0, 3).Input("h", 0, 4).Input("c", 0, 4).Output("y", 0, 2).Output("hn", 0, 4)
            .Output("cn", 0, 4).Weight("last", 4, 2);
        Named(graph, "samples");
        return SpelledCells.AddTo(graph, "PyTorch's LSTM cell, by Gemm").Node("/last/MatMul", "hn last", "y");
    }

    public static TheoryData<string> Cells() => [.. SpelledCells.Names];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_with_states_for_inputs(string name)
    {
        var graph = new TestGraph().Input("xt", 0, 3).Input("h", 0, 4).Output("y", 0, 2).Output("hn", 0, 4).Weight("last", 4, 2);
        graph = SpelledCells.HasCell(name) ? graph.Input("c", 0, 4).Output("cn", 0, 4) : graph;
        Named(graph, "samples");
        SpelledCells.AddTo(graph, name).Node("/last/MatMul", "hn last", "y");
        var model = Check(graph, SpelledCells.HasCell(name) ? [("h", "hn"), ("c", "cn")] : [("h", "hn")]);
        Assert.Equal([Same.Text(SpelledCells.Layer(name)), Same.Text(new DenseAttribute(2) { Bias = false })],
            model.Layers.Select(l => Same.Text(l.Options)));
        Assert.Equal([RowAxis.Batch, RowAxis.Feature], model.Signature!.InputAxes);
    }

    [Fact]
    public void Two_cells_whose_states_are_one_input()
    {
        // As voice detectors have it: h and c of an LSTM, one behind the other.
        var graph = new TestGraph().Input("xt", 0, 3).Input("state", 2, 0, 4).Output("y", 0, 4).Output("next", 2, 0, 4)
            .Integer("first", 0).Integer("second", 1).Integers("a0", 0).Node("Gather", "state first", "h", ("axis", 0))
            .Node("Gather", "state second", "c", ("axis", 0));
        Named(graph, "samples");
        SpelledCells.AddTo(graph, "PyTorch's LSTM cell, by Gemm").Node("Unsqueeze", "hn a0", "hu").Node("Unsqueeze", "cn a0", "cu")
            .Node("Concat", "hu cu", "next", ("axis", 0)).Node("Relu", "hn", "y");
        var model = Check(graph, ("state", "next"));
        var state = Assert.Single(model.Signature!.States);
        Assert.Equal([2, 0, 4], state.Shape);
        Assert.Contains("from [0, :, :]", state.Meaning);
        Assert.Contains("from [1, :, :]", state.Meaning);
        Assert.Contains(model.Notes,
            n => n.StartsWith("The file's output 'next' is left out: it holds the final state", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Softmax", OutputTransform.Softmax)]
    [InlineData("LogSoftmax", OutputTransform.LogSoftmax)]
    public void A_softmax_at_the_end_of_a_step_is_the_outputs(string op, OutputTransform transform)
    {
        var graph = new TestGraph().Input("xt", 0, 3).Input("h", 0, 4).Output("y", 0, 2).Output("hn", 0, 4).Weight("last", 4, 2);
        Named(graph, "samples");
        SpelledCells.AddTo(graph, "Elman").Node("/last/MatMul", "hn last", "z").Node(op, "z", "y", ("axis", -1));
        Assert.Equal(transform, Check(graph, ("h", "hn")).Model.Output);
    }

    [Theory]
    [InlineData(nameof(OnnxDataType.UInt8))]
    [InlineData(nameof(OnnxDataType.Int64))]
    public void A_token_of_each_step_is_an_embedding(string type)
    {
        // As a model of characters is sampled: one id and the state in, scores and the next state out.
        var graph = new TestGraph().Input("id", Enum.Parse<OnnxDataType>(type), 0).Input("h", 0, 4).Output("y", 0, 5).Output("hn", 0, 4)
            .Weight("table", 7, 3).Weight("last", 4, 5).Node("Cast", "id", "wide", ("to", (int)OnnxDataType.Int64))
            .Node("Gather", "table wide", "xt");
        Named(graph, "samples");
        SpelledCells.AddTo(graph, "PyTorch's GRU cell").Node("/last/MatMul", "hn last", "y");
        var model = Check(graph, new OnnxImportOptions(), 1, ("h", "hn"));
        Assert.Equal(
            [
                Same.Text(new EmbeddingAttribute(7, 3)), Same.Text(new GruAttribute(4)), Same.Text(new DenseAttribute(5) { Bias = false }),
            ],
            model.Layers.Select(l => Same.Text(l.Options)));
    }

    [Fact]
    public void A_frame_is_one_row_of_what_is_computed_within_it()
    {
        // A convolution over the samples of a frame, mirrored at its end, is one inside the row.
        var graph = new TestGraph().Input("frame", 0, 0).Input("h", 0, 4).Output("y", 0, 4).Output("hn", 0, 4)
            .Weight("kernel", 3, 1, 4).Weight("bias", 3).Integers("pads", 0, 0, 0, 2).Integers("a1", 1).Integers("flat", -1, 9)
            .Weight("w", 9, 3)
            .Node("Pad", "frame pads", "padded", ("mode", "reflect")).Node("Unsqueeze", "padded a1", "image")
            .Node("Conv", "image kernel bias", "maps", ("strides", new long[] { 2 })).Node("Relu", "maps", "r")
            .Node("Reshape", "r flat", "all")
            .Node("MatMul", "all w", "xt");
        Named(graph, "samples");
        graph.Proto.Inputs[0].Shape![1].Symbol = "length";
        SpelledCells.AddTo(graph, "Elman").Node("Identity", "hn", "y");
        Assert.Contains("the size 'length' of input 'frame' is not fixed, and the graph is one step, in which all sizes but the number " +
            "of samples 'samples' are: say it with --size length=NUMBER", Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
        var options = new OnnxImportOptions { Sizes = new Dictionary<string, int> { ["length"] = 6 } };
        var model = Check(graph, options, 6, ("h", "hn"));
        var convolution = new RowConv1dAttribute(3, 4) { Stride = 2, PadRight = 2, Mirror = true, Activation = Activation.Relu };
        Assert.Equal([Same.Text(convolution), Same.Text(new ElmanAttribute(4))], model.Layers.Select(l => Same.Text(l.Options)));
    }

    [Theory]
    [InlineData("LSTM", 4, false)]
    [InlineData("GRU", 3, false)]
    [InlineData("GRU", 3, true)]
    [InlineData("RNN", 1, false)]
    public void A_node_that_a_branch_holds_is_the_layer_that_it_is(string op, int gates, bool resetsAfter)
    {
        // As PyTorch scripts a cell: the branch for a row without an axis of steps.
        var graph = new TestGraph().Input("x", 0, 3).Input("h", 0, 4).Output("y", 0, 4).Output("hn", 0, 4)
            .Weight("W", 1, gates * 4, 3).Weight("R", 1, gates * 4, 4).Weight("B", 1, gates * 8).Integers("a0", 0).Integer("two", 2)
            .Node("Shape", "x", "s").Node("Size", "s", "rank").Node("Equal", "rank two", "isRow");
        var isLstm = op == "LSTM";
        graph = isLstm ? graph.Input("c", 0, 4).Output("cn", 0, 4) : graph;
        Named(graph, "samples");
        var body = new TestGraph().Output("h2", 0, 4).Node("Unsqueeze", "x a0", "x1").Node("Unsqueeze", "h a0", "h1");
        body = isLstm ? body.Output("c2", 0, 4).Node("Unsqueeze", "c a0", "c1") : body;
        (string, object)[] attributes = op == "GRU" ? [("linear_before_reset", resetsAfter ? 1 : 0)] : [];
        body.Node(op, $"x1 W R B - h1{(isLstm ? " c1" : "")}", $"all h3{(isLstm ? " c3" : "")}", [("hidden_size", 4), .. attributes])
            .Node("Squeeze", "h3 a0", "h2");
        body = isLstm ? body.Node("Squeeze", "c3 a0", "c2") : body;
        var other = new TestGraph().Output("h4", 0, 4).Node("Det", "x", "h4");
        other = isLstm ? other.Output("c4", 0, 4).Node("Det", "x", "c4") : other;
        graph.Node("If", "isRow", isLstm ? "hn cn" : "hn", ("then_branch", body), ("else_branch", other)).Node("Relu", "hn", "y");
        var model = Check(graph, isLstm ? [("h", "hn"), ("c", "cn")] : [("h", "hn")]);
        RecurrentAttribute expected = isLstm ? new LstmAttribute(4) : op == "GRU" ? new GruAttribute(4) { ResetAfter = resetsAfter }
            : new ElmanAttribute(4);
        Assert.Equal(Same.Text(expected), Same.Text(model.Layers[0].Options));
    }

    [Theory]
    [InlineData("a state that is no cell's", "what a step makes of the state is none of the cells that layers have")]
    [InlineData("the number of samples", "it computes with the number of samples inside a step")]
    [InlineData("a bounded cell", "none of the cells that layers have")]
    [InlineData("one unit that is another", "what a step makes of the state is none of the cells that layers have")]
    [InlineData("a state that is not returned", "no output for each state among them")]
    public void What_is_no_step_of_cells_is_refused(string way, string message)
    {
        var graph = new TestGraph().Input("xt", 0, 3).Input("h", 0, 4).Output("y", 0, 4).Weight("m", 3, 4);
        Named(graph, "samples");
        graph = way == "the number of samples"
            ? SpelledCells.AddTo(graph.Output("hn", 0, 4).Integers("i0", 0).Integers("i1", 1), "Elman").Node("Shape", "xt", "sizes")
                .Node("Slice", "sizes i0 i1", "count").Node("Cast", "count", "share", ("to", (int)OnnxDataType.Float))
                .Node("Div", "hn share", "y")
            : way == "a bounded cell" ? Bounded(graph)
            : way == "one unit that is another"
            ? SpelledCells.AddTo(graph.Output("z", 0, 4).Constant("factors", [4], [1, 1, 0.5f, 1]), "Elman").Node("Mul", "hn factors", "z")
                .Node("Relu", "z", "y")
            : way == "a state that is no cell's"
            ? graph.Output("hn", 0, 4).Node("MatMul", "xt m", "a").Node("Add", "a h", "hn").Node("Relu", "hn", "y")
            : SpelledCells.AddTo(graph.Output("z", 0, 4).Weight("m2", 4, 2), "Elman").Node("MatMul", "hn m2", "y")
                .Node("MatMul", "xt m", "z");
        Named(graph, "samples");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    /// <summary>An LSTM whose cell is bounded, which shows in long sequences alone.</summary>
    private static TestGraph Bounded(TestGraph graph)
    {
        SpelledCells.AddTo(graph.Input("c", 0, 4).Output("hn", 0, 4).Output("cn", 0, 4), "PyTorch's LSTM cell, by Gemm");
        graph.Constant("low", [], [-50]).Constant("high", [], [50]).Node("Relu", "hn", "y");
        var nodes = graph.Proto.Nodes;
        var sum = nodes.Find(n => n.Outputs[0] == "cn")!;
        sum.Outputs[0] = "free";
        var bound = new NodeProto { Op = "Clip" };
        bound.Inputs.AddRange(["free", "low", "high"]);
        bound.Outputs.Add("cn");
        nodes.Insert(nodes.IndexOf(sum) + 1, bound);
        return graph;
    }

    private static void Named(TestGraph graph, string samples)
    {
        foreach (var dimension in graph.Proto.Inputs.Concat(graph.Proto.Outputs).SelectMany(i => i.Shape!).Where(d => d.Value is null))
        {
            dimension.Symbol = samples;
        }
    }

    private static ModelDescription Check(TestGraph graph, params (string Input, string Output)[] states) =>
        Check(graph, new OnnxImportOptions(), 3, states);

    private static ModelDescription Check(
        TestGraph graph, OnnxImportOptions options, int width, params (string Input, string Output)[] states)
    {
        var bytes = graph.ToBytes();
        var model = OnnxImporter.Read(bytes, "test.onnx", options);
        var input = OnnxRuntimeModel.Input(model, Steps, Batch);
        var expected = DescriptionReference.Run(model, input);
        using var session = new InferenceSession(bytes);
        using var run = new RunOptions();
        var held = states.ToDictionary(s => s.Input, s => new float[Size(session, s.Input)]);
        for (var t = 0; t < Steps; t++)
        {
            var values = new Dictionary<string, OrtValue>
            {
                [model.Signature!.Input] = OnnxRuntimeModel.Tensor(session.InputMetadata[model.Signature.Input].ElementDataType,
                    [.. input.Values.Skip(t * Batch * width).Take(Batch * width)], Shape(session, model.Signature.Input, width)),
            };
            foreach (var (name, state) in held)
            {
                values[name] = OrtValue.CreateTensorValueFromMemory(state, Shape(session, name));
            }

            using var outputs = session.Run(run, values, [model.Signature.Output, .. states.Select(s => s.Output)]);
            var y = outputs[0].GetTensorDataAsSpan<float>();
            for (var k = 0; k < y.Length; k++)
            {
                Assert.Equal(expected.Values[(t * y.Length) + k], y[k], Tolerance);
            }

            for (var k = 0; k < states.Length; k++)
            {
                held[states[k].Input] = outputs[k + 1].GetTensorDataAsSpan<float>().ToArray();
            }
        }

        return model;
    }

    private static long[] Shape(InferenceSession session, string name, int width = 0) =>
        [.. session.InputMetadata[name].Dimensions.Select((d, k) => d >= 0 ? d : k == 0 || width == 0 ? Batch : (long)width)];

    private static long Size(InferenceSession session, string name) => Shape(session, name).Aggregate((a, b) => a * b);
}
