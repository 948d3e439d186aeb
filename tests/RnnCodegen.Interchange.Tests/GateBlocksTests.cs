using RnnCodegen.Interchange;
using Xunit;

namespace RnnCodegen.Interchange.Tests;

public class GateBlocksTests
{
    [Fact]
    public void Orders_are_those_of_the_frameworks()
    {
        // A block a gate, named by its letter.
        Assert.Equal("ifgo", Reorder("iofg", GateBlocks.LstmFromOnnx));
        Assert.Equal("ifgo", Reorder("igfo", GateBlocks.LstmFromTensorFlow));
        Assert.Equal("ifgo", Reorder("ifgo", GateBlocks.LstmFromKeras));
        Assert.Equal("rzn", Reorder("zrn", GateBlocks.GruFromUpdateFirst));
    }

    [Fact]
    public void The_inverse_undoes_an_order()
    {
        int[] order = [2, 0, 3, 1];
        float[] values = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.Equal(values, GateBlocks.Reorder(GateBlocks.Reorder(values, order), GateBlocks.Inverse(order)));
    }

    [Fact]
    public void A_transpose_has_columns_for_rows() => Assert.Equal([1f, 4, 2, 5, 3, 6], GateBlocks.Transpose([1, 2, 3, 4, 5, 6], 2, 3));

    [Fact]
    public void Blocks_that_do_not_divide_are_refused()
    {
        Assert.Contains("5 values are not 4 blocks",
            Assert.Throws<ArgumentException>(() => GateBlocks.Reorder([1, 2, 3, 4, 5], GateBlocks.LstmFromOnnx)).Message);
        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => GateBlocks.Transpose([1, 2, 3], 2, 2)).Message);
    }

    private static string Reorder(string gates, ReadOnlySpan<int> order) =>
        string.Concat(GateBlocks.Reorder([.. gates.Select(c => (float)c)], order).Select(f => (char)f));
}
