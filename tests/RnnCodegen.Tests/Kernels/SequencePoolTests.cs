using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Means of streams that do not end, beside sums in double precision.</summary>
public unsafe class SequencePoolTests
{
    private const int Width = 7;
    private const int High = Width;
    private const int Low = (2 * Width) + 2;

    [Theory]
    [InlineData(0.4999f, 0.4999f)]
    [InlineData(0.1f, 0.3f)]
    [InlineData(1.7f, -0.9f)]
    public void A_mean_holds_over_millions_of_steps(float even, float odd)
    {
        // 2^24 steps are where a count in float stands still.
        const int Block = 1 << 12, Blocks = 5000;
        var rows = new Matrix(Block, 1, 1, (r, _) => r % 2 == 0 ? even : odd);
        var state = Matrix.Zeros(1, 5, 16);
        var y = Matrix.Zeros(1, 1, 1);
        for (var block = 0; block < Blocks; block++)
        {
            SequencePool.Add(SequencePooling.Average, null, rows.Pointer, 1, Block, 1, 1, null, 0, state.Pointer, 16);
        }

        SequencePool.Finish(SequencePooling.Average, state.Pointer, 16, y.Pointer, 1, 1, 1);
        Assert.Equal((double)Block * Blocks, (double)state[0, 1] + state[0, 4]);
        y.CheckEach((_, _) => ((double)even + odd) / 2, 1e-6 * Math.Max(Math.Abs(even), Math.Abs(odd)));
    }

    [Theory]
    [InlineData(SequencePooling.Average)]
    [InlineData(SequencePooling.Attention)]
    public void A_mean_still_moves_after_a_billion_steps(SequencePooling pooling)
    {
        // A stream that has seen 10^9 steps of 0.25 meets 2 * 10^5 steps of -0.7: a single float would not notice.
        const double Before = 1e9;
        const int Steps = 200_000;
        var state = Matrix.Zeros(1, (2 * Width) + 3, 32);
        for (var i = 0; i < Width; i++)
        {
            Set(state, i, i + Width + 2, 0.25 * Before);
        }

        Set(state, High, Low, Before);
        var weights = Matrix.Zeros(1, Width, Width);
        var row = new Matrix(1, Width, Width, (_, _) => -0.7f);
        for (var t = 0; t < Steps; t++)
        {
            SequencePool.Add(pooling, weights.Pointer, row.Pointer, Width, 1, 1, Width, null, 0, state.Pointer, 32);
        }

        var y = Matrix.Zeros(1, Width, Width);
        SequencePool.Finish(pooling, state.Pointer, 32, y.Pointer, Width, 1, Width);
        var mean = ((0.25 * Before) + (Steps * (double)-0.7f)) / (Before + Steps);
        y.CheckEach((_, _) => mean, 3e-8);
        Assert.Equal(Before + Steps, (double)state[0, High] + state[0, Low]);
    }

    [Fact]
    public void Attention_holds_while_its_scores_rise()
    {
        // Every step's score is the largest so far, by so little that its scale is 1 in a float.
        const int Steps = 1_000_000;
        var rows = new Matrix(Steps, 2, 2, (t, c) => c == 0 ? t * 1e-6f : (t & 1) == 0 ? 0.9f : 0.1f + (t * 1e-6f));
        var weights = new Matrix(1, 2, 2, (_, c) => c == 0 ? 1f : 0f);
        var state = Matrix.Zeros(1, 7, 16);
        SequencePool.Add(SequencePooling.Attention, weights.Pointer, rows.Pointer, 2, Steps, 1, 2, null, 0, state.Pointer, 16);
        var y = Matrix.Zeros(1, 2, 2);
        SequencePool.Finish(SequencePooling.Attention, state.Pointer, 16, y.Pointer, 2, 1, 2);
        double[] sums = [0, 0];
        var weight = 0.0;
        for (var t = 0; t < Steps; t++)
        {
            var share = Math.Exp(rows[t, 0]);
            (sums[0], sums[1], weight) = (sums[0] + (share * rows[t, 0]), sums[1] + (share * rows[t, 1]), weight + share);
        }

        y.CheckEach((_, c) => sums[c] / weight, 2e-7);
    }

    [Theory]
    [InlineData(SequencePooling.Average)]
    [InlineData(SequencePooling.Max)]
    [InlineData(SequencePooling.Attention)]
    public void Steps_one_by_one_are_the_whole_bit_by_bit(SequencePooling pooling)
    {
        const int Steps = 50;
        var rows = Matrix.Random(3, Steps, Width, Width + 1);
        var weights = Matrix.Random(4, 1, Width, Width);
        var (whole, single) = (Matrix.Zeros(1, (2 * Width) + 3, 32), Matrix.Zeros(1, (2 * Width) + 3, 32));
        SequencePool.Add(pooling, weights.Pointer, rows.Pointer, rows.Stride, Steps, 1, Width, null, 0, whole.Pointer, 32);
        for (var t = 0; t < Steps; t++)
        {
            SequencePool.Add(pooling, weights.Pointer, rows.Pointer + (t * rows.Stride), rows.Stride, 1, 1, Width, null, 0, single.Pointer,
                32);
        }

        single.CheckEach((_, c) => whole[0, c], 0);
    }

    [Fact]
    public void Infinity_stays_and_its_low_part_is_no_NaN()
    {
        var row = new Matrix(1, Width, Width, (_, c) => c < 5 ? float.PositiveInfinity : 1f);
        var state = Matrix.Zeros(1, (2 * Width) + 3, 32);
        for (var t = 0; t < 2; t++)
        {
            SequencePool.Add(SequencePooling.Average, null, row.Pointer, Width, 1, 1, Width, null, 0, state.Pointer, 32);
        }

        for (var c = Width + 2; c < Low + 1; c++)
        {
            Assert.Equal(0, state[0, c]);
        }

        Assert.Equal((float.PositiveInfinity, 2f), (state[0, 0], state[0, 6]));
    }

    private static void Set(Matrix state, int high, int low, double value) =>
        (state[0, high], state[0, low]) = ((float)value, (float)(value - (float)value));
}
