using RnnCodegen.Numerics.Tests.Models;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>Names, shapes and order of parameters and states: what files and other frameworks rely on.</summary>
public class ParameterNameTests
{
    /// <summary>As torch.nn.LSTM(4, 33, num_layers=2, bidirectional=True, proj_size=17).state_dict() lists them.</summary>
    [Fact]
    public void Projected_bidirectional_stack_has_PyTorchs_tensors() => Require<LstmProjectionStackedBidirectional>(
        "weight_ih_l0 [132, 4]", "weight_hh_l0 [132, 17]", "bias_ih_l0 [132]", "bias_hh_l0 [132]", "weight_hr_l0 [17, 33]",
        "weight_ih_l0_reverse [132, 4]", "weight_hh_l0_reverse [132, 17]", "bias_ih_l0_reverse [132]", "bias_hh_l0_reverse [132]",
        "weight_hr_l0_reverse [17, 33]",
        "weight_ih_l1 [132, 34]", "weight_hh_l1 [132, 17]", "bias_ih_l1 [132]", "bias_hh_l1 [132]", "weight_hr_l1 [17, 33]",
        "weight_ih_l1_reverse [132, 34]", "weight_hh_l1_reverse [132, 17]", "bias_ih_l1_reverse [132]", "bias_hh_l1_reverse [132]",
        "weight_hr_l1_reverse [17, 33]");

    /// <summary>As torch.nn.GRU(9, 33, num_layers=2).state_dict() lists them.</summary>
    [Fact]
    public void Gru_stack_has_PyTorchs_tensors() => Require<GruStacked>(
        "weight_ih_l0 [99, 9]", "weight_hh_l0 [99, 33]", "bias_ih_l0 [99]", "bias_hh_l0 [99]",
        "weight_ih_l1 [99, 33]", "weight_hh_l1 [99, 33]", "bias_ih_l1 [99]", "bias_hh_l1 [99]");

    /// <summary>As torch.nn.RNN(4, 20, bias=False).state_dict() lists them.</summary>
    [Fact]
    public void Elman_without_bias_has_PyTorchs_tensors() => Require<ElmanNoBias>("weight_ih_l0 [20, 4]", "weight_hh_l0 [20, 20]");

    [Fact]
    public void Peepholes_are_vectors_of_each_gate() => Require<LstmPeepholes>(
        "weight_ih_l0 [68, 6]", "weight_hh_l0 [68, 17]", "bias_ih_l0 [68]", "bias_hh_l0 [68]",
        "weight_ci_l0 [17]", "weight_cf_l0 [17]", "weight_co_l0 [17]");

    [Fact]
    public void Coupled_gates_have_three_blocks() => Require<LstmCoupled>(
        "weight_ih_l0 [48, 6]", "weight_hh_l0 [48, 16]", "bias_ih_l0 [48]", "bias_hh_l0 [48]");

    [Fact]
    public void Layers_name_their_tensors() => Assert.Equal(
        [
            "Letters.weight [29, 12]", "Cell.weight_ih_l0 [96, 12]", "Cell.weight_hh_l0 [96, 24]", "Cell.bias_ih_l0 [96]",
            "Cell.bias_hh_l0 [96]", "Head.weight [29, 24]", "Head.bias [29]",
        ],
        new LanguageModel().Parameters.Tensors.Select(t => t.ToString()));

    [Fact]
    public void States_are_named_in_PyTorchs_order() => Assert.Equal(
        [
            "Cell.h_l0 17", "Cell.c_l0 33", "Cell.h_l0_reverse 17", "Cell.c_l0_reverse 33",
            "Cell.h_l1 17", "Cell.c_l1 33", "Cell.h_l1_reverse 17", "Cell.c_l1_reverse 33",
        ],
        new LstmProjectionStackedBidirectional().CreateState().Slots.Select(s => $"{s.Name} {s.Size}"));

    [Fact]
    public void Initial_values_are_PyTorchs_and_seeded()
    {
        var (a, b, other) = (new GruI40H33(5), new GruI40H33(5), new GruI40H33(6));
        Assert.Equal(a.Parameters.Values.ToArray(), b.Parameters.Values.ToArray());
        Assert.NotEqual(a.Parameters.Values.ToArray(), other.Parameters.Values.ToArray());
        var bound = 1 / MathF.Sqrt(33);
        Assert.All(a.Parameters.Values.ToArray(), v => Assert.InRange(v, -bound, bound));
        Assert.InRange(a.Parameters.Values.ToArray().Max(), 0.99f * bound, bound);
    }

    private static void Require<TModel>(params string[] tensors)
        where TModel : class, IRnnModel<TModel> =>
        Assert.Equal(tensors.Select(t => $"Cell.{t}"), new ParameterSet(TModel.Definition.Parameters).Tensors.Select(t => t.ToString()));
}
