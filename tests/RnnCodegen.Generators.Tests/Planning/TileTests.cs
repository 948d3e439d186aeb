using Xunit.Abstractions;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Tests.Planning;

/// <summary>The decisions about registers, as tables of numbers with their reasons.</summary>
public class TileTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 16, 0, 4)] // one unit still costs a 128-bit vector
    [InlineData(3, 16, 0, 4)]
    [InlineData(15, 16, 0, 16)]
    [InlineData(16, 16, 16, 0)]
    [InlineData(17, 16, 16, 4)] // not a whole 512-bit vector for one unit
    [InlineData(20, 16, 16, 4)]
    [InlineData(33, 16, 32, 4)]
    [InlineData(40, 16, 32, 8)]
    [InlineData(28, 16, 16, 16)] // 12 left: no vector of 12, so a full one
    [InlineData(33, 8, 32, 4)]
    [InlineData(17, 4, 16, 4)]
    [InlineData(17, 1, 17, 0)]
    public void Rows_are_cut_into_vectors(int size, int lanes, int full, int tail) =>
        Assert.Equal(new Blocks(lanes, full, tail), Blocks.Of(size, Machine.All.Single(t => t.Lanes == lanes)));

    [Theory]
    [InlineData(16, 4, 6)] // 24 sums + 4 weights + 1 broadcast = 29 of 32 registers
    [InlineData(16, 3, 8)] // 24 + 3 + 1 = 28
    [InlineData(16, 2, 8)]
    [InlineData(8, 2, 6)] // 12 + 2 + 1 = 15 of 16
    [InlineData(8, 3, 4)] // 12 + 3, the broadcast is a memory operand
    [InlineData(4, 4, 6)] // 32 registers on ARM
    [InlineData(4, 3, 8)]
    public void Tiles_fit_the_registers(int lanes, int vectors, int rows)
    {
        var target = Machine.All.Single(t => t.Lanes == lanes);
        Assert.Equal(rows, TileShape.Rows(vectors, target));
        Assert.True((rows * vectors) + vectors <= target.Registers - 1);
    }

    [Theory]
    [InlineData(8, 6, 2, 4)] // 6 cycles a term: 16 of them are three terms, so four
    [InlineData(8, 8, 1, 4)]
    [InlineData(8, 4, 3, 1)] // all registers are taken
    [InlineData(16, 6, 4, 2)] // 12 cycles a term
    [InlineData(1, 4, 2, 1)] // plain C#
    public void Terms_of_a_turn_of_a_tiles_loop(int lanes, int rows, int vectors, int terms) =>
        Assert.Equal(terms, TileShape.TermsPerTurn(rows, vectors, Machine.All.Single(t => t.Lanes == lanes)));

    [Theory]
    [InlineData(8, 2, 8)] // 8 rows of 2 vectors: 4 + 4 take 8 cycles a term, 6 + 2 ten
    [InlineData(16, 4, 0)] // 4 + 4 take 16, 6 + 2 no more
    [InlineData(8, 3, 0)] // tiles are of four rows already
    public void Rows_that_are_left_go_in_fours(int lanes, int vectors, int rows)
    {
        var target = Machine.All.Single(t => t.Lanes == lanes);
        Assert.Equal(rows, TileShape.RowsInFours(TileShape.Rows(vectors, target), vectors, target));
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(100, 112)]
    [InlineData(120, 144)] // 128 floats are eight lines
    [InlineData(128, 144)]
    [InlineData(512, 528)]
    [InlineData(513, 528)]
    public void Rows_are_whole_lines_and_not_eight_of_them(int width, int stride)
    {
        Assert.Equal(stride, Machine.Stride(width));
        Assert.NotEqual(0, stride % 128);
    }

    [Theory]
    [InlineData(128, 512, false)] // 256 KB, half of AVX2's second-level cache
    [InlineData(512, 2048, true)] // 4 MB
    public void Weights_beyond_half_of_the_second_level_cache_are_far(int k, int columns, bool isFar)
    {
        Assert.Equal(isFar, ProductPlan.Create("M", k, columns, 1, k, columns, 0, Machine.Vector256).IsFar);
        Assert.False(ProductPlan.Create("M", k, columns, 1, k, columns, 0, Machine.Scalar).IsFar);
    }

    [Theory]
    [InlineData(4096, 4096)]
    [InlineData(33, 7)]
    public void Weight_gradients_go_in_blocks_of_whole_tiles(int columns, int k)
    {
        foreach (var target in Machine.All)
        {
            var plan = OuterPlan.Create("O", columns, k, Machine.Stride(columns), Machine.Stride(k), target);
            Assert.All([8, 6, 4, 2], rows => Assert.Equal(0, plan.BlockM % rows));
            Assert.InRange(plan.BlockM * OuterPlan.RowsPerPass * sizeof(float), 1, target.SecondCache / 4);
        }
    }

    /// <summary>The model's times of each machine's tiles, and how near each comes to the machine's multiply-adds.</summary>
    [Fact]
    public void Tiles_are_bound_by_their_multiply_adds()
    {
        foreach (var target in Machine.All)
        {
            foreach (var vectors in Enumerable.Range(1, target.Registers == 32 ? 4 : 3))
            {
                var rows = TileShape.Rows(vectors, target);
                var (cycles, bound) = (TileShape.Cycles(rows, vectors, target), (double)rows * vectors / target.MultiplyAdds);
                output.WriteLine(
                    $"{target.Name}: {rows} x {vectors} vectors, {cycles} cycles a term, {bound / cycles:P0} of the multiply-adds");
                Assert.True(bound / cycles >= (vectors == 1 ? 0.85 : 1), $"{target.Name}, {vectors}");
            }
        }
    }

    [Theory]
    // 16 sums + 4 weights + 1 broadcast + the mask = 22 of 32 registers; 6 rows would take 30 and the halves between them
    [InlineData(16, 4, 4)]
    [InlineData(16, 3, 8)] // 24 + 3 + 1 + 1 = 29
    [InlineData(8, 2, 4)] // 8 + 2 + 1 + 1 = 12 of 16
    [InlineData(8, 3, 2)] // 6 + 3 + 1 + 1 = 11
    [InlineData(8, 1, 8)]
    public void Tiles_of_BFloat16_weights_fit_the_registers(int lanes, int vectors, int rows)
    {
        var target = Machine.All.Single(t => t.Lanes == lanes);
        Assert.Equal(rows, TileShape.BFloat16Rows(vectors, target));
        Assert.Equal(0, rows % 2);
        Assert.True((rows * vectors) + vectors + 2 <= target.Registers);
    }

    [Theory]
    [InlineData(32, 4)] // LSTM 128: eight panels of 4
    [InlineData(24, 4)] // GRU 128
    [InlineData(3, 3)] // GRU 16: one panel of 3 rather than 2 + 1
    [InlineData(6, 3)] // two of 3 rather than 4 + 2
    [InlineData(5, 3)] // 3 + 2 rather than 4 + 1
    [InlineData(1, 1)]
    public void Panels_leave_little_over(int vectors, int panel) =>
        Assert.Equal(panel, TileShape.PanelVectors(vectors, 1, Machine.Vector512));

    [Theory]
    [InlineData(12, 3, 512, 3)] // GRU 64: each panel a block of units
    [InlineData(12, 4, 512, 4)] // LSTM 48
    [InlineData(12, 1, 512, 4)] // Elman 192
    [InlineData(8, 3, 512, 4)] // 3 + 3 + 2 would cost more
    [InlineData(24, 3, 256, 2)] // with 16 registers the sums of a block go through memory
    public void Panels_hold_whole_blocks_of_gates_where_that_costs_nothing(int vectors, int gates, int bits, int panel) =>
        Assert.Equal(panel, TileShape.PanelVectors(vectors, gates, Machine.All.Single(t => 32 * t.Lanes == bits)));

    [Theory]
    [InlineData(1, 4)] // a head of one vector: four sums of it
    [InlineData(2, 4)] // the gradient that goes back through 32 units
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    public void A_single_row_has_sums_enough_to_hide_the_latency(int vectors, int chains) =>
        Assert.Equal(chains, TileShape.RowChains(vectors, Machine.Vector512));

    [Theory]
    [InlineData(128, 1, true)] // one input: 8 vectors of gates rather than 128 rows of one narrow vector
    [InlineData(128, 32, true)] // 32 rows of 8 vectors in panels of 4 rather than 128 of 2
    [InlineData(512, 128, false)] // the same either way
    [InlineData(12, 64, false)] // a dense head: 12 rows of 4 vectors
    public void Weight_gradients_take_the_cheaper_side(int columns, int k, bool transposed)
    {
        var plan = OuterPlan.Create("O", columns, k, Machine.Stride(columns), Machine.Stride(k), Machine.Vector512);
        Assert.Equal(transposed, plan.IsTransposed);
        Assert.Equal(transposed ? (k, columns) : (columns, k), (plan.M, (plan.FullPanels * plan.PanelColumns) + plan.LastColumns));
    }

    [Fact]
    public void All_vectors_of_a_product_are_in_panels()
    {
        foreach (var target in Machine.All)
        {
            for (var columns = 1; columns <= 200; columns++)
            {
                var plan = ProductPlan.Create("P", 7, columns, 1, 16, Machine.Stride(columns), 0, target);
                Assert.Equal(Blocks.Of(columns, target).Padded, plan.Columns);
                Assert.Equal(plan.Columns, (plan.FullPanels * plan.PanelColumns) + plan.LastColumns);
                Assert.InRange(plan.Columns, columns, Machine.Stride(columns));
            }
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(125, 1)]
    [InlineData(126, 2)]
    [InlineData(1000, 8)]
    public void Lists_of_calls_are_cut(int calls, int methods)
    {
        var parts = MethodBudget.Split([.. Enumerable.Range(0, calls).Select(i => $"F{i}();")]);
        Assert.Equal(methods, parts.Count);
        Assert.Equal(calls, parts.Sum(p => p.Count));
        Assert.All(parts, p => Assert.True(p.Count * MethodBudget.IlBytesOfCall <= MethodBudget.IlBytes));
    }
}
