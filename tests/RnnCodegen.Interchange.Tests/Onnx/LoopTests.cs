using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Cells that are spelled out in Loop and Scan are the layers that they are, and mean what ONNX Runtime computes.</summary>
public class LoopTests
{
    private const double Tolerance = 1e-5;

    /// <summary>A graph with a loop, for tests of broken files.</summary>
    internal static TestGraph Example() => Loop("a GRU of hard sigmoids that resets before the product", "counted", outputs: ["hs"]);

    public static TheoryData<string> Cells() => [.. SpelledCells.Names];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_in_a_loop_over_all_steps(string name)
    {
        var graph = Loop(name, "", outputs: ["hs"]);
        Check(graph, SpelledCells.Layer(name));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_in_a_scan(string name)
    {
        var cell = SpelledCells.HasCell(name);
        var body = Body(name, cell ? ["h", "c", "xt"] : ["h", "xt"], cell ? ["hn", "cn", "hs"] : ["hn", "hs"]);
        var graph = Zeros(new TestGraph().Input("x", 0, 0, 3).Output("ys", 0, 0, 4));
        Move(body, graph);
        graph.Node("Scan", cell ? "h0 h0 x" : "h0 x", cell ? "hT cT ys" : "hT ys", ("num_scan_inputs", 1), ("body", body));
        Check(graph, SpelledCells.Layer(name));
    }

    [Fact]
    public void The_final_state_of_a_loop_of_fixed_length()
    {
        var graph = Loop("Elman", "", outputs: [], fixedSteps: 10);
        graph.Output("hT", 0, 4);
        Check(graph, new ElmanAttribute(4) { ReturnSequences = false });
    }

    [Fact]
    public void A_loop_that_counts_for_itself_until_the_end_of_the_sequence()
    {
        // As converters write Keras' loops: as many steps as there could ever be, and a counter that is compared with the steps.
        var graph = Loop("PyTorch's GRU cell", "counted", outputs: ["hs"]);
        Check(graph, new GruAttribute(4));
    }

    [Fact]
    public void A_loop_from_the_last_step_to_the_first()
    {
        // A loop lists its rows as it goes, so that the last step's is the first.
        var graph = Loop("Elman", "backwards", outputs: ["hs"], fixedSteps: 10);
        Check(graph, new ElmanAttribute(4) { Reverse = true }, new ReverseTimeAttribute());
    }

    [Fact]
    public void A_loop_over_what_a_layer_computes_and_one_that_reads_it()
    {
        var graph = Zeros(new TestGraph().Input("x", 0, 0, 5).Output("y", 0, 0, 2).Weight("first", 5, 3).Weight("last", 4, 2))
            .Node("/first/MatMul", "x first", "xs");
        AddLoop(graph, "Elman", "", "xs", ["hs"]).Node("/last/MatMul", "ys", "y");
        graph.Proto.Nodes[^1].Inputs.Add("last");
        Check(graph, new DenseAttribute(3) { Bias = false }, new ElmanAttribute(4), new DenseAttribute(2) { Bias = false });
    }

    [Fact]
    public void A_state_that_starts_from_numbers_is_learned_and_one_of_an_input_is_the_calls()
    {
        var graph = Loop("Elman", "", outputs: ["hs"], initial: g => g.Constant("h0", [1, 4], [0.5f, -0.25f, 0, 1]), batch: 1);
        var model = Check(graph, 1, new ElmanAttribute(4) { LearnedInitialState = true });
        Assert.Equal([0.5f, -0.25f, 0, 1], model.Weights.Single(w => w.Key.EndsWith("h0_l0", StringComparison.Ordinal)).Value.Values);

        var given = Loop("Elman", "", outputs: ["hs"], initial: g => g.Input("h0", 0, 4)).Read();
        Assert.Equal("h0", Assert.Single(given.Signature!.States).Name);
    }

    [Theory]
    [InlineData("another cell", "what a step makes of the state is none of the cells that layers have")]
    [InlineData("ends early", "its condition ends it behind 2 steps")]
    [InlineData("depends on rows", "its condition depends on what the steps compute")]
    [InlineData("every other", "it does not read the rows of its sequences one after the other")]
    [InlineData("fewer steps", "it is not known to go through all steps of the sequence that it reads")]
    public void What_is_no_layer_is_refused_by_name(string way, string message)
    {
        var graph = Loop("Elman", way, outputs: ["hs"], fixedSteps: way is "ends early" or "fewer steps" ? 10 : 0);
        var error = Assert.Throws<InvalidDataException>(() => graph.Read()).Message;
        Assert.Contains("node '/rnn/Loop' (Loop)", error);
        Assert.Contains(message, error);
    }

    [Theory]
    [InlineData("minGRU", "zn", 1e3f)]
    [InlineData("minLSTM", "ig", 1e4f)]
    [InlineData("minLSTM", "fi", 1e-8f)]
    [InlineData("minLSTM", "f", 1e-8f)]
    public void A_cell_that_differs_for_large_numbers_alone_is_refused(string name, string value, float number)
    {
        // A bound that few rows reach, or a small number that keeps a divisor from 0.
        var body = Body(name, ["h", "xt"], ["hn", "hs"]);
        var nodes = body.Proto.Nodes;
        var at = nodes.FindIndex(n => n.Outputs.Contains(value)) + 1;
        foreach (var node in nodes.Skip(at).Where(n => n.Inputs.Contains(value)))
        {
            node.Inputs[node.Inputs.IndexOf(value)] = "other";
        }

        body.Constant("low", [], [-number]).Constant("number", [], [number]);
        body = number > 1 ? body.Node("Clip", $"{value} low number", "other") : body.Node("Add", $"{value} number", "other");
        nodes.Insert(at, nodes[^1]);
        nodes.RemoveAt(nodes.Count - 1);
        var graph = Zeros(new TestGraph().Input("x", 0, 0, 3).Output("ys", 0, 0, 4));
        Move(body, graph);
        graph.Node("Scan", "h0 x", "hT ys", ("num_scan_inputs", 1), ("body", body));
        Assert.Contains("what a step makes of the state is none of the cells that layers have",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message);
    }

    private static TestGraph Loop(
        string name, string way, string[] outputs, int fixedSteps = 0, Func<TestGraph, TestGraph>? initial = null, int batch = 0)
    {
        var graph = new TestGraph().Input("x", fixedSteps, batch, 3);
        foreach (var _ in outputs)
        {
            graph.Output("ys", 0, 0, 4);
        }

        graph = initial is null ? Zeros(graph) : initial(graph);
        return AddLoop(graph, name, way, "x", outputs, fixedSteps);
    }

    private static TestGraph AddLoop(TestGraph graph, string name, string way, string x, string[] outputs, int fixedSteps = 0)
    {
        var cell = SpelledCells.HasCell(name);
        var isCounted = way == "counted";
        var body = new TestGraph { Opset = graph.Opset }.Input("t", OnnxDataType.Int64).Input("go", OnnxDataType.Bool);
        foreach (var state in isCounted ? ["count", "h"] : cell ? new[] { "h", "c" } : ["h"])
        {
            body = state == "count" ? body.Input(state, OnnxDataType.Int64) : body.Input(state, 0, 4);
        }

        body.Output("go2", OnnxDataType.Bool);
        body = isCounted ? body.Output("n2", OnnxDataType.Int64) : body;
        foreach (var output in cell ? ["hn", "cn", .. outputs] : new[] { "hn" }.Concat(outputs))
        {
            body.Output(output, 0, 4);
        }

        graph.Integer("one1", 1).Integer("lastStep", fixedSteps - 1).Integer("many", long.MaxValue).Integer("zero0", 0)
            .Constant("yes", [], OnnxDataType.Bool, [1]).Integer("few", fixedSteps - 3).Integer("two2", 2).Constant("limit", [], [0.5f]);
        body = way switch
        {
            "backwards" => body.Node("Sub", "lastStep t", "at"),
            "every other" => body.Node("Mul", "t two2", "at"),
            _ => body.Node("Identity", isCounted ? "count" : "t", "at"),
        };
        body.Node("Gather", $"{x} at", "xt", ("axis", 0));
        body = way switch
        {
            "counted" => body.Node("Add", "count one1", "n2").Node("Less", "n2 steps", "go2"),
            "ends early" => body.Node("Add", "t one1", "t1").Node("Less", "t1 two2", "go2"),
            "depends on rows" => body.Node("ReduceMean", "h", "mean", ("axes", new long[] { 0, 1 }), ("keepdims", 0))
                .Node("Less", "mean limit", "go2"),
            _ => body.Node("Identity", "go", "go2"),
        };
        SpelledCells.AddTo(body, name);
        if (way == "another cell")
        {
            body.Proto.Nodes[^1].Op = "Softsign";
        }

        if (outputs.Length > 0)
        {
            body.Node("Identity", "hn", "hs");
        }

        Move(body, graph);
        graph.Node("Shape", x, "sizes").Node("Gather", "sizes zero0", "steps");
        var most = isCounted ? "many" : way == "fewer steps" ? "few" : fixedSteps > 0 ? "allSteps" : "steps";
        graph.Integer("allSteps", fixedSteps);
        var (initial, final) = isCounted ? ("zero0 h0", "nT hT") : cell ? ("h0 h0", "hT cT") : ("h0", "hT");
        return graph.Node("/rnn/Loop", $"{most} yes {initial}", $"{final}{(outputs.Length > 0 ? " ys" : "")}", ("body", body));
    }

    /// <summary>Weights stand in the graph around a body, as exporters have them.</summary>
    private static void Move(TestGraph body, TestGraph graph)
    {
        graph.Proto.Initializers.AddRange(body.Proto.Initializers);
        body.Proto.Initializers.Clear();
    }

    private static TestGraph Body(string name, string[] inputs, string[] outputs)
    {
        var body = new TestGraph();
        foreach (var input in inputs)
        {
            body.Input(input, 0, input == "xt" ? 3 : 4);
        }

        foreach (var output in outputs)
        {
            body.Output(output, 0, 4);
        }

        return SpelledCells.AddTo(body, name).Node("Identity", "hn", "hs");
    }

    private static TestGraph Zeros(TestGraph graph) => graph.Integers("batchAt", 1).Integers("batchEnd", 2).Integers("unitCount", 4)
        .Node("Shape", "x", "xShape").Node("Slice", "xShape batchAt batchEnd", "batches")
        .Node("Concat", "batches unitCount", "h0Shape", ("axis", 0)).Node("ConstantOfShape", "h0Shape", "h0");

    private static ModelDescription Check(TestGraph graph, params LayerAttribute[] expected) => Check(graph, 3, expected);

    private static ModelDescription Check(TestGraph graph, int batch, params LayerAttribute[] expected)
    {
        var model = graph.Read();
        Assert.Equal(expected.Select(Same.Text), model.Layers.Select(l => Same.Text(l.Options)));
        var input = OnnxRuntimeModel.Input(model, 10, batch);
        var actual = OnnxRuntimeModel.Run(graph.ToBytes(), model.Signature!, input);
        Assert.InRange(OnnxRuntimeModel.Difference(DescriptionReference.Run(model, input), actual), 0, Tolerance);
        return model;
    }
}
