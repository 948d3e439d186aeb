using RnnCodegen.Interchange.Onnx.Format;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <content>What the attributes and optional inputs of recurrent nodes become.</content>
public partial class ImportTests
{
    [Fact]
    public void Functions_take_their_alphas_in_order()
    {
        // Only those that have an alpha take one, direction after direction.
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0).Weight("W", 2, 16, 3).Weight("R", 2, 16, 4).Weight("B",
            2, 32)
            .Node("LSTM", "x W R B", "rows", ("hidden_size", 4), ("direction", "bidirectional"), ("clip", 1.5f),
                ("activations", new[] { "HardSigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Tanh", "LeakyRelu" }),
                ("activation_alpha", new[] { 0.2f, 0.3f, 0.2f, 0.3f }), ("activation_beta", new[] { 0.5f, 0.5f }));
        Check(graph, new LstmAttribute(4)
        {
            Bidirectional = true, Clip = 1.5f, GateActivation = Activation.HardSigmoidKeras2, CellActivation = Activation.LeakyRelu,
            Alpha = 0.3f,
        });
    }

    [Fact]
    public void Functions_without_values_have_the_formats_own()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0).Weight("W", 1, 12, 3).Weight("R", 1, 12, 4)
            .Node("GRU", "x W R", "rows", ("hidden_size", 4), ("activations", new[] { "hardsigmoid", "Elu" }));
        Check(graph,
            new GruAttribute(4)
            {
                ResetAfter = false,
                Bias = false,
                GateActivation = Activation.HardSigmoidKeras2,
                Activation = Activation.Elu
            });
    }

    [Fact]
    public void The_recurrent_bias_of_a_candidate_is_outside_the_reset_unless_the_reset_is_after()
    {
        foreach (var resetsAfter in new[] { 0, 1 })
        {
            var graph = new TestGraph().Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0);
            AddGru(graph, "x", 3, 4, 1, ("linear_before_reset", resetsAfter));
            var model = Check(graph, new GruAttribute(4) { ResetAfter = resetsAfter == 1 });

            // Wb and Rb stay two vectors, in the order r, z, n.
            var biases = graph.Proto.Initializers.Single(t => t.Name == "B");
            var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(biases.Raw!).ToArray();
            Assert.Equal([.. values[4..8], .. values[..4], .. values[8..12]], model.Weights["Rnn.bias_ih_l0"].Values);
            Assert.Equal([.. values[16..20], .. values[12..16], .. values[20..24]], model.Weights["Rnn.bias_hh_l0"].Values);
        }
    }

    [Fact]
    public void A_coupled_Lstm_has_no_forget_gate()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Output("rows", 0, 0, 0, 0).Weight("W", 1, 16, 3).Weight("R", 1, 16, 4)
            .Weight("B", 1, 32).Weight("P", 1, 12)
            .Node("LSTM", "x W R B - - - P", "rows", ("hidden_size", 4), ("input_forget", 1));
        var model = Check(graph, new LstmAttribute(4) { CoupledInputForget = true, Peepholes = true });
        Assert.Equal([12, 3], model.Weights["Lstm.weight_ih_l0"].Shape);
        Assert.DoesNotContain("Lstm.weight_cf_l0", model.Weights.Keys);
    }

    [Fact]
    public void States_and_lengths_that_are_inputs()
    {
        var graph = new TestGraph().Input("x", 0, 0, 3).Input("lengths", OnnxDataType.Int32, 0).Input("h0", 1, 0, 4).Input("c0", 0, 1, 4)
            .Output("rows", 0, 0, 0, 0).Output("h", 1, 0, 4)
            .Node("Transpose", "c0", "c1", ("perm", new long[] { 1, 0, 2 })).Weight("W", 1, 16, 3).Weight("R", 1, 16, 4).Weight("B", 1, 32)
            .Node("/enc/LSTM", "x W R B lengths h0 c1", "rows h", ("hidden_size", 4));
        var model = Check(graph, new LstmAttribute(4));
        Assert.Equal("lengths", model.Signature!.Lengths);
        Assert.Equal(["h0", "c0"], model.Signature.States.Select(s => s.Name));
        Assert.Equal([1, 0, 4], model.Signature.States[0].Shape);
        Assert.Contains(model.Notes, n => n.Contains("'c0' is initial_c of node '/enc/LSTM'", StringComparison.Ordinal));
        Assert.Contains(model.Notes, n => n.Contains("output 'h' is left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_constant_state_other_than_zero_is_learned(int batch)
    {
        var state = Enumerable.Range(0, 2)
            .SelectMany(d => Enumerable.Range(0, batch).SelectMany(_ => Enumerable.Range(0, 4).Select(k => (d * 0.5f) + (k * 0.1f))))
            .ToArray();
        var graph = new TestGraph().Input("x", 0, batch, 3).Output("rows", 0, 0, 0, 0).Weight("W", 2, 4, 3).Weight("R", 2, 4, 4)
            .Constant("h0", [2, batch, 4], state)
            .Node("RNN", "x W R - - h0", "rows", ("hidden_size", 4), ("direction", "bidirectional"));
        var model = Check(graph, batch, new ElmanAttribute(4) { Bidirectional = true, LearnedInitialState = true, Bias = false });
        Assert.Equal([0.5f, 0.6f, 0.7f, 0.8f], model.Weights["Elman.h0_l0_reverse"].Values);
    }

    [Fact]
    public void Samples_before_steps_in_a_node_of_layout_one()
    {
        // ONNX Runtime refuses this layout, so the same node in the other one says what is meant.
        ModelDescription Read(int layout) => new TestGraph().Input("x", 0, 0, 3).Output("y", 0, 0, 0, 0).Weight("W", 2, 16, 3).Weight("R",
            2, 16, 4)
            .Constant("h0", layout == 1 ? [1, 2, 4] : [2, 1, 4], [1, 2, 3, 4, 5, 6, 7, 8])
            .Node("/rnn/LSTM", "x W R - - h0", "y", ("direction", "bidirectional"), ("layout", layout)).Read();
        var (timeFirst, batchFirst) = (Read(0), Read(1));
        Same.Assert(timeFirst, batchFirst);
        Assert.Equal([5f, 6, 7, 8], batchFirst.Weights["Rnn.h0_l0_reverse"].Values);
        Assert.Equal([RowAxis.Time, RowAxis.Batch, RowAxis.Feature], timeFirst.Signature!.InputAxes);
        Assert.Equal([RowAxis.Batch, RowAxis.Time, RowAxis.Feature], batchFirst.Signature!.InputAxes);
        Assert.Equal([RowAxis.Time, RowAxis.Direction, RowAxis.Batch, RowAxis.Feature], timeFirst.Signature.OutputAxes);
        Assert.Equal([RowAxis.Batch, RowAxis.Time, RowAxis.Direction, RowAxis.Feature], batchFirst.Signature.OutputAxes);
    }
}
