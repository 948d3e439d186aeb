using RnnCodegen.Reference;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class SoftmaxTests
{
    public static TheoryData<int, int, float> Cases => new()
    {
        { 1, 0, 1f }, { 2, 3, 5f }, { 10, 0, 30f }, { 17, 1, 3f }, { 33, 0, 1000f }, { 5000, 0, 4f },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Softmax_matches_its_definition(int width, int gap, float scale)
    {
        var x = Matrix.Random(1, 4, width, width + gap, scale);
        var y = x.Clone();
        RowOps.Softmax(y.Pointer, y.Stride, 4, width);
        double[][] exact = [.. Enumerable.Range(0, 4).Select(r => RowFunction.Softmax(Row(x, r, width)))];
        y.CheckEach((r, c) => exact[r][c], 3e-7);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LogSoftmax_matches_its_definition(int width, int gap, float scale)
    {
        var x = Matrix.Random(1, 4, width, width + gap, scale);
        var y = x.Clone();
        RowOps.LogSoftmax(y.Pointer, y.Stride, 4, width);
        double[][] exact = [.. Enumerable.Range(0, 4).Select(r => RowFunction.LogSoftmax(Row(x, r, width)))];
        y.CheckEach((r, c) => exact[r][c], 3e-7 * Math.Max(scale, 4));
    }

    [Fact]
    public void Huge_logits_do_not_overflow()
    {
        var y = new Matrix(1, 3, 3, (_, c) => c == 1 ? 3e38f : -3e38f);
        RowOps.Softmax(y.Pointer, 3, 1, 3);
        y.CheckEach((_, c) => c == 1 ? 1 : 0, 0);
    }

    [Fact]
    public void A_masked_class_gets_probability_zero()
    {
        var y = new Matrix(1, 3, 3, (_, c) => c == 2 ? float.NegativeInfinity : 1f);
        RowOps.Softmax(y.Pointer, 3, 1, 3);
        y.CheckEach((_, c) => c == 2 ? 0 : 0.5, 0);
    }

    [Fact]
    public void Nan_reaches_the_whole_row_and_no_other()
    {
        var y = new Matrix(2, 20, 20, (r, c) => r == 0 && c == 7 ? float.NaN : 1f);
        RowOps.Softmax(y.Pointer, 20, 2, 20);
        for (int c = 0; c < 20; c++)
        {
            Assert.True(float.IsNaN(y[0, c]));
            Assert.Equal(0.05f, y[1, c]);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(31, 0)]
    [InlineData(31, 2)]
    public void Sigmoid_is_that_of_one_float(int width, int gap)
    {
        var x = Matrix.Random(1, 3, width, width + gap, 20f);
        var y = x.Clone();
        RowOps.Sigmoid(y.Pointer, y.Stride, 3, width);
        y.CheckEach((r, c) => VectorMath.Sigmoid(x[r, c]), 0);
    }

    private static double[] Row(Matrix x, int row, int width) => [.. Enumerable.Range(0, width).Select(c => (double)x[row, c])];
}
