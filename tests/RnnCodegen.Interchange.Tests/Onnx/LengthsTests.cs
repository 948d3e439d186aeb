using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>
/// Lengths hold for all layers here, in a graph only for the nodes that read them: what is said of padded sequences depends on the others.
/// </summary>
public class LengthsTests
{
    private const string CannotBeHad = "cannot be had: give sequences without padding, and without lengths";

    /// <summary>
    /// What stands behind an LSTM /a/LSTM with lengths, from its rows 'a' [T, B, 4] to 'y', and the layers that read every step; null where
    /// none does.
    /// </summary>
    private static readonly Dictionary<string, (Action<TestGraph> Add, string? EveryStep)> s_chains = new()
    {
        ["nothing"] = (g => g.Node("Identity", "a", "y"), null),
        ["a dense layer"] = (g => g.Weight("M", 4, 2).Node("/d/MatMul", "a M", "y"), null),
        ["another with lengths"] = (g => g.Node("/b/LSTM", "a V S - n", "y"), null),
        ["one without"] = (g => g.Node("/b/LSTM", "a V S", "y"), "B"),
        ["another of its stack without"] = (g => g.Node("/a/LSTM_1", "a V S", "y"), "A_2"),
        ["a mean"] = (g => g.Node("/m/ReduceMean", "a", "y", ("axes", new long[] { 0 }), ("keepdims", 0)), "M"),
        ["a maximum"] = (g => g.Node("/m/ReduceMax", "a", "y", ("axes", new long[] { 0 }), ("keepdims", 0)), "M"),
        ["the last step"] = (g => g.Integer("last", -1).Node("/g/Gather", "a last", "y", ("axis", 0)), "node '/g/Gather' (Gather)"),
        ["the final state"] = (g => g.Node("Squeeze", "h one", "y0").Node("Unsqueeze", "y0 zero", "y"), null),
        ["steps turned around by their lengths"] = (g => g.Node("/r/ReverseSequence", "a n", "y"), null),
        ["steps turned around"] =
            (g => g.Integers("minus", -1).Integers("end", long.MinValue).Node("/r/Slice", "a minus end zero minus", "y"), "R"),
        ["a convolution, which reads zeros behind the end"] = (g => Convolve(g, "a", "y", "c"), null),
        ["a convolution of rows that are no " +
            "zeros there"] = (g => Convolve(g.Weight("M", 4, 4).Weight("m", 4).Node("/d/MatMul", "a M", "d").Node("/d/Add", "d m", "e"),
                "e", "y", "c"), "C"),
        ["two convolutions"] = (g => Convolve(Convolve(g, "a", "b", "c"), "b", "y", "k"), "K"),
    };

    public static TheoryData<string> Chains => [.. s_chains.Keys];

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_layers_that_read_every_step_are_named(string chain)
    {
        var (add, everyStep) = s_chains[chain];
        var graph = Start();
        add(graph);
        var model = graph.Read();
        Assert.Equal("n", model.Signature!.Lengths);
        Assert.Contains(model.Notes, n => n.StartsWith("The file's input 'n' gives the sequences' lengths", StringComparison.Ordinal));
        var note = model.Notes.Find(n => n.Contains(CannotBeHad, StringComparison.Ordinal));
        Assert.Equal(everyStep is null, note is null);
        Assert.Contains(everyStep is null ? "" : $"but {everyStep} reads every step", note ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Convolutions_before_and_steps_that_become_others_are_told_apart()
    {
        TestGraph Convolved(params long[] strides) => new TestGraph().Input("x", 0, 4, 0).Input("n", OnnxDataType.Int32, 0)
            .Output("y", 0, 0, 0, 0).Weight("K", 4, 4, 3).Weight("W", 1, 16, 4).Weight("R", 1, 16, 4)
            .Node("/c/Conv", "x K", "c", ("pads", new long[] { 1, 1 }), ("strides", strides))
            .Node("Transpose", "c", "t", ("perm", new long[] { 2, 0, 1 })).Node("/a/LSTM", "t W R - n", "y");
        Assert.Single(Convolved(1).Read().Notes, n => n.Contains("engths", StringComparison.Ordinal));
        Assert.Contains(Convolved(2).Read().Notes,
            n => n.StartsWith("Lengths count the steps of the model's input here, also where C makes others", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reverse_layer_ends_at_the_first_step_whatever_the_length()
    {
        var model = new TestGraph().Input("x", 0, 0, 3).Input("n", OnnxDataType.Int32, 0).Output("y", 0, 4).Weight("W", 1, 16, 3)
            .Weight("R", 1, 16, 4).Integers("one", 1).Integer("first", 0)
            .Node("/a/LSTM", "x W R - n", "rows", ("direction", "reverse")).Node("Squeeze", "rows one", "a")
            .Node("/g/Gather", "a first", "y", ("axis", 0)).Read();
        Assert.False(((LstmAttribute)Assert.Single(model.Layers).Options).ReturnSequences);
        Assert.Single(model.Notes, n => n.Contains("engths", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_inputs_of_lengths_are_refused_where_both_are_needed()
    {
        var graph = Start().Input("o", OnnxDataType.Int32, 0).Node("/b/LSTM", "a V S - o", "y");
        Assert.Contains("A takes the sequences' lengths from 'n' and B from 'o'",
            Assert.Throws<InvalidDataException>(() => graph.Read()).Message, StringComparison.Ordinal);

        var model = Start().Input("o", OnnxDataType.Int32, 0).Node("/b/LSTM", "a V S - o", "b").Node("Identity", "a", "y").Read();
        Assert.Equal("n", model.Signature!.Lengths);
        Assert.Contains(model.Notes, n => n.Contains("input 'o' is left out", StringComparison.Ordinal));
    }

    private static TestGraph Start() => new TestGraph { Opset = 13 }.Input("x", 0, 0, 3).Input("n", OnnxDataType.Int32, 0).Output("y", 0, 0,
        4)
        .Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Weight("V", 1, 16, 4).Weight("S", 1, 16, 4).Integers("one", 1).Integers("zero", 0)
        .Node("/a/LSTM", "x W R - n", "rows h").Node("Squeeze", "rows one", "a");

    private static TestGraph Convolve(TestGraph graph, string from, string to, string name) => graph.Weight($"K{name}", 4, 4, 3)
        .Node("Transpose", from, $"{from}_t", ("perm", new long[] { 1, 2, 0 })).Node($"/{name}/Conv", $"{from}_t K{name}", $"{from}_c",
            ("pads", new long[] { 1, 1 }))
        .Node("Transpose", $"{from}_c", to, ("perm", new long[] { 2, 0, 1 }));
}
