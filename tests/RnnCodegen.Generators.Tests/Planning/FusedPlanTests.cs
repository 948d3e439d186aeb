using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Planning;

/// <summary>What a single row computes in one go: which blocks of units share a kernel, and which sums share a register.</summary>
public class FusedPlanTests
{
    private static readonly EquatableArray<int> s_input = new[] { ModelSpec.Input }.ToEquatableArray();

    [Theory]
    [InlineData("lstm", 16, 16, "0: 16")] // one block: four sums
    [InlineData("lstm", 32, 16, "0: 16 16")] // eight sums hide the latency of an FMA
    [InlineData("lstm", 128, 16, "0: 16 x 8")] // more weights than the first-level cache holds: its last groups are to stay there
    [InlineData("lstm", 256, 16, "0: 16 16 x 8")] // too many for that to matter
    [InlineData("lstm", 20, 16, "0: 16 4")] // the tail goes with what is left of the full blocks
    [InlineData("lstm", 36, 16, "0: 16 16 4")] // nine vectors in panels of three
    [InlineData("lstm", 52, 16, "0: 16 x 3; 3: 4")]
    [InlineData("lstm", 32, 8, "0: 8 8 x 2")]
    [InlineData("lstm", 128, 8, "0: 8 x 16")]
    [InlineData("lstm", 256, 8, "0: 8 8 x 16")]
    [InlineData("gru", 128, 16, "0: 16 x 8")] // panels of three vectors
    [InlineData("gru", 200, 16, "0: 16 16 x 6; 12: 8")] // six sums of products and two more
    [InlineData("gru", 32, 16, "0: 16 16")]
    [InlineData("gru", 128, 8, "0: 8 8 x 8")] // panels of two vectors
    [InlineData("elman", 128, 16, "0: 16 16 16 16 x 2")]
    [InlineData("elman", 80, 16, "0: 16 16 16 16 16")]
    [InlineData("elman", 64, 16, "0: 16 16 16 16")]
    public void Blocks_that_share_a_kernel(string cell, int units, int lanes, string expected)
    {
        var plan = Plan(cell, units, lanes).Fused.Single();
        Assert.Equal(expected, string.Join("; ", plan.Calls.Select(c =>
            $"{c.First}: {string.Join(" ", c.Lanes)}{(c.Repeats > 1 ? $" x {c.Repeats}" : "")}")));
    }

    [Theory]
    [InlineData(8, 32, 1)] // two blocks of an LSTM
    [InlineData(6, 32, 1)] // two blocks of a GRU: three quarters of what two pipes can do
    [InlineData(4, 32, 2)] // one block of an LSTM
    [InlineData(1, 32, 4)] // one block of an Elman network
    [InlineData(4, 4, 1)] // four terms are written out
    public void Few_sums_are_split(int sums, int k, int chains) => Assert.Equal(chains, FusedPlan.Chains(sums, k, Machine.Vector512));

    [Fact]
    public void Gates_that_are_one_sum_take_one_register()
    {
        Assert.Equal(["sI", "sF", "sG", "sO"], Plan("lstm", 32, 16).Fused.Single().Sums.Select(s => s.Name));

        // A bound is on the whole sum, so that it is one all the same.
        Assert.Equal(["sI", "sF", "sG", "sO"], Plan("lstm bounded", 32, 16).Fused.Single().Sums.Select(s => s.Name));

        // n = tanh(W_n x + b_in + r * (U_n h' + b_hn)): its two products are not one sum.
        var gru = Plan("gru", 32, 16).Fused.Single();
        Assert.Equal(["sR", "sZ", "uN", "xN"], gru.Sums.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.True(gru.HasOwnStart);
    }

    [Fact]
    public void A_state_that_is_read_while_it_is_made_has_a_second_place()
    {
        Assert.Null(Plan("lstm", 32, 16).Fused.Single().Replaced); // one kernel reads all of h before it writes any
        Assert.Equal("h", Plan("gru", 128, 16).Fused.Single().Replaced);
        Assert.Null(Plan("lstm", 128, 16).Fused.Single().Replaced); // its cell starts when all of h is read
        Assert.All(Plan("gru before", 128, 16).Fused.Take(1), f => Assert.Null(f.Replaced)); // r and z are not h
    }

    [Theory]
    [InlineData("lstm", 128, 4)] // i, f, g and o; tanh(c) waits for three of them
    [InlineData("gru", 128, 2)] // r and z; n waits for r
    [InlineData("elman", 128, 0)] // one function
    [InlineData("lstm", 8, 0)] // one vector: nothing else is under way
    public void With_16_registers_sums_pass_through_memory(string cell, int units, int first)
    {
        var plan = Plan(cell, units, 8);
        var fused = plan.Fused.Single();
        Assert.True(fused.HasSumsInMemory);
        Assert.Null(fused.Replaced); // the cell starts when all of h is read
        Assert.Contains(plan.Buffers, b => b.Role == BufferRole.RowSums && b.Shape == new RowShape(units, fused.Sums.Count));
        Assert.Equal(first, fused.Stage.FirstFunctions.Count);
    }

    [Theory]
    [InlineData("lstm", 16, true)] // five functions, whose constants would push out the sums
    [InlineData("lstm", 4, false)] // NEON's stack is aligned to its vectors
    [InlineData("gru", 16, false)] // three functions
    [InlineData("gru", 4, false)]
    [InlineData("elman", 16, false)]
    public void With_32_registers_those_of_cells_of_many_functions_do(string cell, int lanes, bool isInMemory) =>
        Assert.All(Plan(cell, 128, lanes).Fused, f => Assert.Equal(isInMemory, f.HasSumsInMemory));

    [Theory]
    [InlineData("lstm", 8, "i f o, g")] // 16 registers hold the constants of one function
    [InlineData("lstm", 16, "i f g o")]
    [InlineData("gru", 8, "r z")]
    public void Functions_that_wait_for_no_others_come_first(string cell, int lanes, string expected)
    {
        var stage = Plan(cell, 128, lanes).Fused.Single().Stage;
        Assert.Equal(expected, string.Join(", ", stage.FirstWalks.Select(w => string.Join(
            " ", w.OrderBy(s => s.Value.Id).Select(s => stage.Names[s.Value].Name)))));
    }

    [Fact]
    public void Reset_before_the_product_takes_two_pairs()
    {
        var fused = Plan("gru before", 128, 16).Fused;
        Assert.Equal(["U", "V"], fused.Select(f => f.Product.Name));
        Assert.All(fused, f => Assert.Null(f.Input)); // no pair has all gates of W x, so they pass through memory
    }

    [Fact]
    public void Sums_fit_the_registers()
    {
        foreach (var target in Machine.All.Where(t => t.Lanes > 1))
        {
            foreach (var cell in new[] { "lstm", "gru", "gru before", "elman" })
            {
                for (var units = 1; units <= 200; units++)
                {
                    var plan = Plan(cell, units, target.Lanes);
                    Assert.NotEmpty(plan.Fused);
                    Assert.All(plan.Fused, f =>
                    {
                        Assert.Equal(Blocks.Of(units, target).Vectors, f.Calls.Sum(c => c.Lanes.Count * c.Repeats));
                        Assert.All(f.Calls, c => Assert.True(
                            c.Lanes.Count * f.Sums.Count
                                * FusedPlan.Chains(c.Lanes.Count * f.Sums.Count(s => s.ProductSlot >= 0), units, target)
                                <= target.Registers - 4));
                    });
                }
            }
        }
    }

    [Fact]
    public void Plain_code_is_not_fused() => Assert.Empty(Plan("lstm", 32, 1).Fused);

    private static RowPlan Plan(string cell, int units, int lanes)
    {
        LayerSpec layer = cell switch
        {
            "lstm" => new LstmSpec("E", "public", s_input, units, 1, false, 0, true, true, 0, false, false, ActivationKind.Sigmoid,
                ActivationKind.Tanh),
            "lstm bounded" => new LstmSpec("E", "public", s_input, units, 1, false, 0, true, true, 0, false, false, ActivationKind.Sigmoid,
                ActivationKind.Tanh)
            {
                Clip = 3,
                CellClip = 10,
            },
            "elman" => new ElmanSpec("E", "public", s_input, units, 1, false, 0, true, true, ActivationKind.Tanh),
            _ => new GruSpec("E", "public", s_input, units, 1, false, 0, true, true, cell == "gru", ActivationKind.Sigmoid,
                ActivationKind.Tanh),
        };
        var spec = new ModelSpec("", default, "M", 16, OutputTransformKind.None, ActivationAccuracyKind.Accurate,
            new[] { layer }.ToEquatableArray());
        var plan = ModelPlan.Create(ModelGraphBuilder.Build(spec), Machine.All.Single(t => t.Lanes == lanes));
        return plan.RowOf(plan.Recurrent.Single());
    }
}
