using Xunit;

namespace RnnCodegen.Tests.Parameters;

public sealed class LayerTests
{
    private static readonly ParameterSet Set = new(Layouts.Lstm());

    [Fact]
    public void An_lstms_weights_have_addresses()
    {
        var layer = new LstmLayer(Set, "Encoder", 40, 1, false);
        Assert.Equal("Encoder.weight_ih_l0", layer.WeightInput.Name);
        Assert.Equal("Encoder.weight_hh_l0", layer[0].WeightHidden.Name);
        Assert.Equal("Encoder.bias_ih_l0", layer.BiasInput.Name);
        Assert.Equal("Encoder.bias_hh_l0", layer[0].BiasHidden.Name);
        Assert.Equal("Encoder.weight_hr_l0", layer[0].Projection.Name);
        Assert.Equal("Encoder.weight_ci_l0", layer[0].PeepholeInput.Name);
        Assert.Equal("Encoder.weight_cf_l0", layer[0].PeepholeForget.Name);
        Assert.Equal("Encoder.weight_co_l0", layer[0].PeepholeOutput.Name);
    }

    [Fact]
    public void Stacked_and_reverse_layers_are_indexed()
    {
        var set = new ParameterSet(Layouts.Place(
            ("E.weight_ih_l0", ParameterRole.InputWeight, 9, 2, 3),
            ("E.weight_ih_l1_reverse", ParameterRole.InputWeight, 9, 6, 3)));
        var layer = new GruLayer(set, "E", 3, 2, true);
        Assert.Equal("E.weight_ih_l1_reverse", layer[1, reverse: true].WeightInput.Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => layer[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => layer[-1]);
    }

    [Fact]
    public void Learned_initial_states_have_addresses()
    {
        var set = new ParameterSet(Layouts.Place(
            ("E.h0_l0", ParameterRole.InitialState, 3, 0, 3), ("E.c0_l0", ParameterRole.InitialState, 3, 0, 3),
            ("E.h0_l1_reverse", ParameterRole.InitialState, 3, 0, 3), ("E.c0_l1_reverse", ParameterRole.InitialState, 3, 0, 3)));
        var lstm = new LstmLayer(set, "E", 3, 2, true);
        Assert.Equal("E.h0_l0", lstm.InitialHidden.Name);
        Assert.Equal("E.c0_l0", lstm.InitialCell.Name);
        Assert.Equal("E.h0_l1_reverse", lstm[1, true].InitialHidden.Name);
        Assert.Equal("E.c0_l1_reverse", lstm[1, true].InitialCell.Name);
        Assert.Equal("E.h0_l1_reverse", new ElmanLayer(set, "E", 3, 2, true)[1, true].InitialHidden.Name);
    }

    [Fact]
    public void What_a_layer_does_not_have_is_named()
    {
        var set = new ParameterSet(Layouts.Place(("E.weight_ih_l0", ParameterRole.InputWeight, 12, 2, 3)));
        var lstm = new LstmLayer(set, "E", 3, 1, false);
        AssertNames("projection", () => lstm[0].Projection);
        AssertNames("peepholes", () => lstm[0].PeepholeOutput);
        AssertNames("Bias = true", () => lstm.BiasHidden);
        AssertNames("LearnedInitialState = true", () => lstm.InitialHidden);
        AssertNames("LearnedInitialState = true", () => lstm.InitialCell);
        Assert.Contains("Bidirectional = true", Assert.Throws<ArgumentException>(() => lstm[0, true]).Message, StringComparison.Ordinal);

        var dense = new DenseLayer(new ParameterSet(Layouts.Place(("Head.weight", ParameterRole.DenseWeight, 5, 3, 3))), "Head", 5);
        AssertNames("Bias = true", () => dense.Bias);

        static void AssertNames(string what, Func<Parameter> get) =>
            Assert.Contains(what, Assert.Throws<InvalidOperationException>(get).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_layers_show_their_tensors()
    {
        Assert.Equal("Head.bias", new DenseLayer(Set, "Head", 5).Bias.Name);
        Assert.Equal([300, 24], new EmbeddingLayer(Set, "Words", 300, 24).Table.Shape);
        Assert.Equal("Norm.weight", new LayerNormLayer(Set, "Norm", 1e-5f).Scale.Name);
        Assert.Equal("Norm.bias", new LayerNormLayer(Set, "Norm", 1e-5f).Shift.Name);
        Assert.Equal(["A", "B"], new ConcatLayer("C", "A", "B").Sources);
        Assert.Equal(["A", RnnModelAttribute.Input], new MultiplyLayer("C", "A", RnnModelAttribute.Input).Sources);
        Assert.Equal("Norm.weight", new AffineLayer(Set, "Norm").Scale.Name);
        Assert.Equal("Norm.bias", new AffineLayer(Set, "Norm").Shift.Name);
        Assert.Equal("Norm.weight", new PReluLayer(Set, "Norm").Slope.Name);
    }
}
