using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Graph;

/// <summary>Backward stages are derived: their structure follows from the equations.</summary>
public class GradientTests
{
    private static readonly EquatableArray<int> s_input = new[] { ModelSpec.Input }.ToEquatableArray();

    [Fact]
    public void Lstm_keeps_gates_and_the_activated_cell()
    {
        var cell = LstmCell.Build(Lstm());
        Assert.Equal(["f", "g", "i", "o", "s"], Gradient.Of(cell).Saved.Select(n => cell.Names[n].Name).Order());
    }

    /// <summary>A gate that is a sum: of products and of what the peephole adds, which comes after them.</summary>
    [Fact]
    public void Lstm_keeps_linear_gates_with_their_peepholes()
    {
        var cell = LstmCell.Build(Lstm() with { GateActivation = ActivationKind.Linear, Peepholes = true });
        Assert.Equal(["f", "g", "i", "o", "s"],
            Gradient.Of(cell).Saved.Select(n => cell.Names.TryGetValue(n, out var name) ? name.Name : "a part").Order());
    }

    [Fact]
    public void Coupled_Lstm_keeps_no_forget_gate()
    {
        var cell = LstmCell.Build(Lstm() with { CoupledInputForget = true });
        Assert.Equal(["g", "i", "o", "s"], Gradient.Of(cell).Saved.Select(n => cell.Names[n].Name).Order());
    }

    [Fact]
    public void Bounded_Lstm_keeps_what_it_bounds()
    {
        var cell = LstmCell.Build(Lstm() with { Clip = 3, CellClip = 10 });
        var saved = Gradient.Of(cell).Saved;
        Assert.Equal(["c", "f", "g", "i", "o", "s"], saved.Where(cell.Names.ContainsKey).Select(n => cell.Names[n].Name).Order());
        Assert.Equal([3f, 3f, 3f, 3f, 10f], saved.Where(n => n.Op == Op.Clip).Select(n => n.Value).Order());
    }

    [Fact]
    public void Linear_Elman_keeps_nothing()
    {
        var cell = ElmanCell.Build(new ElmanSpec("E", "public", s_input, 8, 1, false, 0, true, true, ActivationKind.Linear));
        Assert.Empty(Gradient.Of(cell).Saved);
    }

    [Fact]
    public void An_activation_that_its_output_does_not_say_keeps_the_sum_it_is_of()
    {
        var cell = ElmanCell.Build(new ElmanSpec("E", "public", s_input, 8, 1, false, 0, true, true, ActivationKind.Silu));
        var saved = Assert.Single(Gradient.Of(cell).Saved);
        Assert.True(cell.IsGateSum(saved));
    }

    [Fact]
    public void Gru_that_resets_after_keeps_the_product_it_resets()
    {
        var cell = GruCell.Build(Gru(resetAfter: true));
        var saved = Gradient.Of(cell).Saved;
        Assert.Equal(["n", "r", "z"], saved.Where(cell.Names.ContainsKey).Select(n => cell.Names[n].Name).Order());
        Assert.Single(saved, n => n.IsSignal(SignalKind.StepProduct) && n.Name == "n");
    }

    [Fact]
    public void Minimal_Lstm_keeps_its_gate_and_the_sums_of_all_three()
    {
        var cell = MinLstmCell.Build(new MinLstmSpec("E", "public", s_input, 8, 1, false, 0, true, true, ActivationKind.Linear));
        var saved = Gradient.Of(cell).Saved;
        Assert.Equal(["f"], saved.Where(cell.Names.ContainsKey).Select(n => cell.Names[n].Name));
        Assert.Equal(["f", "g", "i"], saved.Where(n => n.IsSignal(SignalKind.InputProduct)).Select(n => n.Name).Order());
    }

    [Fact]
    public void Stages_run_in_reverse_order()
    {
        var cell = GruCell.Build(Gru(resetAfter: false));
        var stages = Gradient.Of(cell).Stages;
        Assert.Equal(cell.Stages.Count, stages.Count);
        Assert.Equal(["V", "U"], stages.OfType<BackwardProduct>().Select(p => p.Forward.Name));
        Assert.IsType<BackwardPointwise>(stages[0]);
        Assert.IsType<BackwardProduct>(stages[^1]);
    }

    [Fact]
    public void A_state_read_by_two_stages_gets_both_adjoints()
    {
        var pointwise = Gradient.Of(GruCell.Build(Gru(resetAfter: false))).Stages.OfType<BackwardPointwise>().ToArray();
        Assert.False(pointwise[0].Outputs.Single(o => o.Target == AdjointTarget.State).Accumulates);
        Assert.True(pointwise[1].Outputs.Single(o => o.Target == AdjointTarget.State).Accumulates);
    }

    [Fact]
    public void A_gate_that_is_one_sum_has_one_adjoint()
    {
        var outputs = Gradient.Of(LstmCell.Build(Lstm())).Stages.OfType<BackwardPointwise>().Single().Outputs;
        foreach (var gate in new[] { "i", "f", "g", "o" })
        {
            Assert.Same(
                outputs.Single(o => o.Target == AdjointTarget.InputProduct && o.Name == gate).Value,
                outputs.Single(o => o.Target == AdjointTarget.StepProduct && o.Name == gate).Value);
        }
    }

    [Fact]
    public void Equal_expressions_are_one_node()
    {
        var g = new ExprGraph();
        var (a, b) = (g.Signal(SignalKind.InputProduct, "a"), g.Signal(SignalKind.InputProduct, "b"));
        Assert.Same(a + b, a + b);
        Assert.Same(a, a * g.Constant(1));
        Assert.Same(a, a + g.Constant(0));
        Assert.Equal(0, (0 * a).Value);
        Assert.Same(a - b, a + -b);
    }

    [Fact]
    public void Verifier_refuses_a_state_read_after_it_was_written()
    {
        var cell = new CellBuilder(["a"], 4);
        var h = cell.State("h", 4);
        cell.Pointwise(4, new StageOutput("h", cell.Input("a").Activate(ActivationKind.Tanh), true));
        cell.Pointwise(4, new StageOutput("q", h * cell.Input("a"), false));
        var error = Assert.Throws<InvalidOperationException>(() => CellVerifier.Verify(cell.Build()));
        Assert.Contains("overwritten", error.Message, StringComparison.Ordinal);
    }

    private static LstmSpec Lstm() =>
        new("E", "public", s_input, 8, 1, false, 0, true, true, 0, false, false, ActivationKind.Sigmoid, ActivationKind.Tanh);

    private static GruSpec Gru(bool resetAfter) =>
        new("E", "public", s_input, 8, 1, false, 0, true, true, resetAfter, ActivationKind.Sigmoid, ActivationKind.Tanh);
}
