using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Means of many rows that are not a stream's: of a long memory, and of a window.</summary>
public unsafe class LongMeanTests
{
    [Fact]
    public void Attention_to_a_long_memory_is_its_mean_where_all_scores_are_alike()
    {
        // Summed one by one in float, so many rows are off by 1e-3.
        const int Steps = 300_000, Stride = 16;
        var memory = new Matrix(Steps, 3, Stride, (s, c) => c == 2 ? 0.7777777f : s % 2 == 0 ? 0.1f : 0.3f);
        var (query, y, statistics) = (Matrix.Zeros(1, 3, Stride), Matrix.Zeros(1, 3, Stride), Matrix.Zeros(1, 2, 2));
        var call = new ModelCall { Batch = 1, WholeBatch = 1, MemoryRows = memory.Pointer, MemorySteps = Steps };
        MemoryAttention.Forward(
            call, AttentionScore.Dot, -1, 3, null, 3, query.Pointer, Stride, 1, 1, null, 0, y.Pointer, Stride, statistics.Pointer, 0);
        y.CheckEach((_, c) => c == 2 ? 0.7777777f : ((double)0.1f + 0.3f) / 2, 1e-6);
        Assert.Equal((0f, (float)Steps), (statistics[0, 0], statistics[0, 1]));
    }

    [Fact]
    public void A_wide_window_has_its_mean()
    {
        const int Size = 4096;
        var row = new Matrix(1, Size, Size, (_, c) => c % 2 == 0 ? 0.7f : 0.1f);
        var y = Matrix.Zeros(1, 1, 1);
        WindowPool.Forward(Pooling.Average, row.Pointer, Size, Size, y.Pointer, 1, 1, 1);
        y.CheckEach((_, _) => ((double)0.7f + 0.1f) / 2, 3e-8);
    }
}
