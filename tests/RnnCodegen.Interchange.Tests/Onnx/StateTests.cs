using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Which part of a graph's state input starts which layer, which final states
/// its outputs hold, and what else of a node or graph may not be dropped.
/// </summary>
public class StateTests
{
    [Fact]
    public void Parts_that_start_the_layers_in_their_order_are_named()
    {
        var model = Stack(0..1, 1..2).Output("hn", 2, 0, 4).Node("Concat", "a_h b_h", "hn", ("axis", 0)).Read();
        Assert.Equal(2, ((GruAttribute)Assert.Single(model.Layers).Options).Layers);
        Assert.Equal(
            "initial_h of node '/gru/GRU' (GRU) (Gru.h_l0 from [0, :, :]), initial_h of node '/gru/GRU_1' (GRU) (Gru.h_l1 from [1, :, :])",
            Assert.Single(model.Signature!.States).Meaning);
        Assert.Contains(model.Notes,
            n => n.Contains("output 'hn' is left out: it holds the final state Gru.h_l0, Gru.h_l1, which", StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_of_other_spellings_are_followed()
    {
        var split = Stack(g => g.Node("Split", "h", "ha hb", ("axis", 0)), 2, 0, 4).Read();
        Assert.Contains("Gru.h_l1 from [1, :, :]", Assert.Single(split.Signature!.States).Meaning, StringComparison.Ordinal);

        var batchFirst = Stack(
            g => g.Node("Transpose", "h", "t", ("perm", new long[] { 1, 0, 2 })).Integer("i", 0).Integer("j", 1)
                .Node("Gather", "t i", "p").Node("Unsqueeze", "p axis0", "ha").Node("Gather", "t j", "q").Node("Unsqueeze", "q axis0",
                    "hb"),
            0, 2, 4).Read();
        Assert.Contains("Gru.h_l0 from [:, 0, :]), initial_h of node '/gru/GRU_1' (GRU) (Gru.h_l1 from [:, 1, :]",
            Assert.Single(batchFirst.Signature!.States).Meaning, StringComparison.Ordinal);

        // h and c of a layer side by side in one row.
        var halves = new TestGraph().Input("x", 0, 0, 3).Input("s", 1, 0, 8).Output("y", 0, 0, 0, 0).Weight("W", 1, 16, 3).Weight("R", 1,
            16, 4)
            .Node("Split", "s", "h c", ("axis", -1)).Node("/m/LSTM", "x W R - - h c", "y").Read();
        Assert.Contains(
            "initial_h of node '/m/LSTM' (LSTM) (M.h_l0 from [:, :, 0:4]), initial_c of node '/m/LSTM' (LSTM) (M.c_l0 from [:, :, 4:8])",
            Assert.Single(halves.Signature!.States).Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Directions_are_counted_inside_layers()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Input("h", 4, 0, 4).Output("y", 0, 0, 8).Integers("one", 1)
            .Integers("joined", 0, 0, -1).Node("Split", "h", "ha hb", ("axis", 0));
        foreach (var (name, input, width, state) in new[] { ("a", "x", 3, "ha"), ("b", "a_r", 8, "hb") })
        {
            graph.Weight($"W{name}", 2, 12, width).Weight($"R{name}", 2, 12, 4).Node($"/gru/GRU_{name}",
                $"{input} W{name} R{name} - - {state}", name, ("direction", "bidirectional"))
                .Node("Transpose", name, $"{name}_t", ("perm", new long[] { 0, 2, 1, 3 })).Node("Reshape", $"{name}_t joined",
                    name == "b" ? "y" : "a_r");
        }

        var meaning = Assert.Single(graph.Read().Signature!.States).Meaning;
        Assert.Contains(".h_l0 from [0, :, :], ", meaning, StringComparison.Ordinal);
        Assert.Contains(".h_l0_reverse from [1, :, :])", meaning, StringComparison.Ordinal);
        Assert.Contains("_reverse from [3, :, :])", meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_in_another_order_are_refused()
    {
        Refused("the part [0, :, :] of its input 'h' starts Gru.h_l1, and the part [1, :, :] behind it starts Gru.h_l0", Stack(1..2, 0..1));
        Refused("its input 'h' starts both Gru.h_l0 and Gru.h_l1 with the same numbers", Stack(0..1, 0..1));
        Refused("its input 'h' starts both", Stack(g => g.Node("Identity", "h", "ha").Node("Identity", "h", "hb"), 1, 0, 4));
        Refused("no layer starts from the part [0, :, :] of its input 'h'", Stack(1..2, 2..3, layers: 3));
        Refused("no layer starts from the part [2, :, :] of its input 'h'", Stack(0..1, 1..2, layers: 3));
    }

    [Theory]
    [InlineData("Erf")]
    [InlineData("Mul")]
    [InlineData("Add")]
    [InlineData("Neg")]
    [InlineData("Tanh")]
    [InlineData("Sum")]
    [InlineData("ScatterND")]
    public void A_state_that_the_graph_computes_is_refused(string op)
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Input("h", 1, 0, 4).Input("g", 1, 0, 4).Output("y", 0, 0, 0, 0)
            .Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Constant("half", [], [0.5f])
            .Node($"/s/{op}", op switch { "Mul" => "h half", "Add" or "Sum" => "h g", "ScatterND" => "h g half", _ => "h" }, "s")
            .Node("/m/GRU", "x W R - - s", "y");
        var message = Assert.Throws<InvalidDataException>(() => graph.Read()).Message;
        Assert.Contains("'/m/GRU' (GRU): its initial_h, 's', is ", message, StringComparison.Ordinal);
        Assert.Contains("a layer's initial state is an argument of the call, zeros or learned", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_of_another_layout_is_refused() => Refused(
        "its initial_h, 'h', is [2, 1, 4], not [directions 1, samples, units 4]",
        new TestGraph().Input("x", 0, 0, 3).Input("h", 2, 1, 4).Output("y", 0, 0, 0, 0).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4)
            .Node("/m/GRU", "x W R - - h", "y"));

    [Fact]
    public void Final_states_in_another_order_are_refused_unless_the_output_is_named()
    {
        var graph = Stack(0..1, 1..2).Output("hn", 2, 0, 4).Node("Concat", "b_h a_h", "hn", ("axis", 0));
        Refused("output 'hn' holds the final state Gru.h_l1 before Gru.h_l0, which is not the layers' order", graph);
        Assert.Contains(graph.Read(new OnnxImportOptions { Output = "y" }).Notes,
            n => n.Contains("'hn' is left out: it holds the final state Gru.h_l1, Gru.h_l0", StringComparison.Ordinal));
    }

    [Fact]
    public void Inputs_of_the_graph_are_not_dropped_in_silence()
    {
        var model = new TestGraph().Input("x", 0, 0, 3).Input("mask", 0, 0).Input("w", 3).Weight("w", 3).Output("y", 0, 0, 3)
            .Node("Mul", "x w", "m").Node("Tanh", "m", "y").Read();
        Assert.Contains(model.Notes,
            n => n.Contains("input 'mask' is left out: the output 'y' does not depend on it", StringComparison.Ordinal));
        Assert.Contains(model.Notes,
            n => n.Contains("1 of the file's inputs, such as 'w', have values in the file, which are taken as constants",
                StringComparison.Ordinal));
        Assert.DoesNotContain(model.Notes, n => n.Contains("'x' is left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Inputs_and_outputs_of_nodes_are_not_dropped_in_silence()
    {
        var rows = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Weight("w", 3);
        Refused("'/r/Relu' (Relu): its input 1, 'w', has no counterpart", rows.Node("/r/Relu", "x w", "y"));
        Refused(
            "'/n/BatchNormalization' (BatchNormalization): it also makes 'mean'; statistics are made in training",
            new TestGraph { Opset = 9 }.Input("x", 0, 3, 0).Output("y", 0, 3, 0).Weight("w", 3).Node("/n/BatchNormalization", "x w w w w",
                "y mean var"));
    }

    [Fact]
    public void A_function_in_place_of_an_operator_is_refused()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 3).Node("Relu", "x", "y");
        byte[] Function(string domain) => [.. graph.ToBytes(), .. MessageWriter.Write(model => model.Message(25, f =>
        {
            f.Text(1, "Relu");
            f.Text(10, domain);
        }))];
        Assert.Contains("a function 'Relu' of its own in place of ONNX's operator",
            Assert.Throws<InvalidDataException>(() => OnnxImporter.Read(Function(""), "f.onnx")).Message, StringComparison.Ordinal);
        Assert.Single(OnnxImporter.Read(Function("own.functions"), "f.onnx").Layers);
    }

    private static void Refused(string message, TestGraph graph)
    {
        var error = Assert.Throws<InvalidDataException>(() => graph.Read());
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    /// <summary>Two GRUs of one module that start from these parts of 'h' along its first axis.</summary>
    private static TestGraph Stack(Range first, Range second, int layers = 2) => Stack(
        g =>
        {
            foreach (var (name, part) in new[] { ("ha", first), ("hb", second) })
            {
                g.Integers($"{name}_start", part.Start.Value).Integers($"{name}_end", part.End.Value).Node("Slice",
                    $"h {name}_start {name}_end axis0", name);
            }
        },
        layers, 0, 4);

    /// <summary>Two GRUs of one module that start from 'ha' and 'hb', which nodes make of 'h'.</summary>
    private static TestGraph Stack(Action<TestGraph> cut, params int[] state)
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Input("h", state).Output("y", 0, 0, 4).Integers("axis0", 0).Integers("axis1", 1)
            .Weight("W", 1, 12, 3).Weight("R", 1, 12, 4).Weight("W2", 1, 12, 4).Weight("R2", 1, 12, 4);
        cut(graph);
        return graph.Node("/gru/GRU", "x W R - - ha", "a a_h").Node("Squeeze", "a axis1", "s").Node("/gru/GRU_1", "s W2 R2 - - hb", "b b_h")
            .Node("Squeeze", "b axis1", "y");
    }
}
