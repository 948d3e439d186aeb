using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>
/// Gradients that are sums of so many terms that a float, which loses up to half of its last digit in each addition, would be off by more
/// than 10^-6. All terms of a sum are alike, so that all are rounded the same way.
/// </summary>
public unsafe class LongGradientTests
{
    private const int Many = 200_000;
    private const int Stride = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_token_that_is_met_often_has_the_sum_of_its_rows(int shares)
    {
        // Token 1 everywhere but at every fifth place, where 2 and 0 take turns.
        const int Width = 37;
        int[] tokens = [.. Enumerable.Range(0, Many).Select(i => i % 5 == 0 ? 2 * (i % 2) : 1)];
        var (links, table) = (new int[Many], Matrix.Zeros(4, Width, Width));
        var source = new Matrix(Many, Width, 48, (_, c) => 0.7f + (0.01f * c));
        int[] last = [-1, -1, -1, -1];
        fixed (int* t = tokens, l = links)
        {
            RowOps.LinkTokens(t, Many, l, last);
            for (var share = 0; share < shares; share++)
            {
                RowOps.ScatterAdd(t, l, Many, source.Pointer, source.Stride, table.Pointer, Width, share, shares);
            }
        }

        int[] counts = [Many / 10, Many / 5 * 4, Many / 10, 0];
        table.CheckRelative((r, c) => counts[r] * (double)source[0, c], 1e-6);
        Assert.All(last, place => Assert.Equal(-1, place));
    }

    [Theory]
    [InlineData(AttentionScore.Dot)]
    [InlineData(AttentionScore.General)]
    [InlineData(AttentionScore.Additive)]
    public void Many_queries_add_up_in_the_memory(AttentionScore score)
    {
        var attention = new Attention(score, queries: Many, rows: 2);
        attention.Backward();
        attention.Check();
    }

    [Theory]
    [InlineData(AttentionScore.Dot)]
    [InlineData(AttentionScore.General)]
    [InlineData(AttentionScore.Additive)]
    public void A_long_memory_adds_up_in_the_query_and_the_weights(AttentionScore score)
    {
        var attention = new Attention(score, queries: 1, rows: Many);
        attention.Backward();
        attention.Check();
    }

    [Fact]
    public void The_weights_of_keys_sum_over_a_long_memory()
    {
        const int Keys = 3, Width = 5;
        var (memory, dKeys) = (new Matrix(Many, Width, Stride, (_, c) => 0.3f + (0.1f * c)),
            new Matrix(Many, Keys, Stride, (_, u) => 0.7f - (0.2f * u)));
        var (weight, dRows) = (Matrix.Random(1, Keys, Width, Width), Matrix.Zeros(Many, Width, Stride));
        var (dWeight, sums) = (Matrix.Zeros(Keys, Width, Width), new double[Keys * Width]);
        var call = new ModelCall
        {
            Batch = 1, WholeBatch = 1, MemoryRows = memory.Pointer, MemorySteps = Many, MemoryRowsGradient = dRows.Pointer,
            MemoryKeysGradient = dKeys.Pointer,
        };
        fixed (double* s = sums)
        {
            MemoryAttention.KeysBackward(call, 0, Keys, Width, weight.Pointer, dWeight.Pointer, s);
        }

        dWeight.CheckRelative((u, c) => Many * (double)dKeys[0, u] * memory[0, c], 1e-6);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40_000)]
    public void Rows_of_parts_and_ranks_add_up(int count)
    {
        const int Width = 19;
        var rows = new Matrix(count, Width, 32, (_, c) => 0.7f + (0.01f * c));
        var target = Matrix.Zeros(1, Width, Width);
        LongSums.AddRows(rows.Pointer, rows.Stride, count, Width, target.Pointer);
        target.CheckRelative((_, c) => count * (double)rows[0, c], 1e-6);
    }

    /// <summary>Attention of equal queries to a memory whose even and odd rows differ, and its gradients, in double precision.</summary>
    private sealed class Attention(AttentionScore score, int queries, int rows)
    {
        private const int Width = 3;

        private readonly Matrix _memory = new(rows, Width, Stride, (s, c) => s % 2 == 0 ? 0.7f - (0.3f * c) : 0.2f + (0.11f * c));
        private readonly Matrix _keys = new(rows, Width, Stride, (s, c) => s % 2 == 0 ? 0.31f + (0.1f * c) : 0.57f - (0.2f * c));
        private readonly Matrix _query = new(queries, Width, Stride, (_, c) => 0.41f - (0.17f * c));
        private readonly Matrix _weight = new(1, Width, Stride, (_, c) => 0.9f - (0.37f * c));
        private readonly Matrix _dy = new(queries, Width, Stride, (_, c) => 0.7f + (0.3f * c));
        private readonly Matrix _y = Matrix.Zeros(queries, Width, Stride);
        private readonly Matrix _statistics = Matrix.Zeros(queries, 2, 2);
        private readonly Matrix _dQuery = Matrix.Zeros(queries, Width, Stride);
        private readonly Matrix _dWeight = Matrix.Zeros(1, Width, Stride);
        private readonly float[] _gradients = GC.AllocateArray<float>(2 * rows * Stride, pinned: true);
        private readonly double[] _sums = GC.AllocateArray<double>(2 * rows * Stride, pinned: true);

        private bool HasKeys => score != AttentionScore.Dot;

        private float* Weight => score == AttentionScore.Additive ? _weight.Pointer : null;

        public void Backward()
        {
            fixed (float* gradients = _gradients)
            fixed (double* sums = _sums, two = new double[2 * Width])
            {
                var call = new ModelCall
                {
                    Batch = 1, WholeBatch = 1, MemoryRows = _memory.Pointer, MemorySteps = rows,
                    MemoryKeys = HasKeys ? _keys.Pointer : null,
                    MemoryRowsGradient = gradients, MemoryKeysGradient = gradients + (rows * Stride), MemoryGradientSums = sums,
                };
                var start = HasKeys ? 0 : -1;
                MemoryAttention.Forward(
                    call, score, start, Width, Weight, Width, _query.Pointer, Stride, queries, 1, null, 0, _y.Pointer, Stride,
                    _statistics.Pointer, 0);
                MemoryAttention.Backward(
                    call, score, start, Width, Weight, Width, _query.Pointer, Stride, queries, 1, null, _y.Pointer, _dy.Pointer, Stride,
                    _statistics.Pointer, _dQuery.Pointer, Weight == null ? null : _dWeight.Pointer, two);
            }
        }

        public void Check()
        {
            var keys = HasKeys ? _keys : _memory;
            double[] shares = [Math.Exp(Score(keys, 0)), Math.Exp(Score(keys, 1))];
            shares = [.. shares.Select(a => a / shares.Sum() / (rows / 2))];
            double[] dots = [.. Enumerable.Range(0, 2).Select(s => Sum(c => (double)_dy[0, c] * _memory[s, c]))];
            var centre = (rows / 2) * ((shares[0] * dots[0]) + (shares[1] * dots[1]));
            double[] dScores = [.. Enumerable.Range(0, 2).Select(s => shares[s] * (dots[s] - centre))];

            // A score's gradient is a difference, whose parts are rounded before they cancel.
            double[] parts = [.. Enumerable.Range(0, 2).Select(s => shares[s] * (Math.Abs(dots[s]) + Math.Abs(centre)))];
            for (var c = 0; c < Width; c++)
            {
                Near(rows / 2 * Over(dScores, s => Inner(keys, s, c)), _dQuery[0, c],
                    rows / 2 * Over(parts, s => Math.Abs(Inner(keys, s, c))));
                for (var s = 0; s < 2; s++)
                {
                    var (dRow, dKey) = (queries * shares[s] * _dy[0, c], queries * dScores[s] * InnerOfKey(keys, s, c));
                    var magnitude = queries * parts[s] * Math.Abs(InnerOfKey(keys, s, c));
                    Near(HasKeys ? dRow : dRow + dKey, _gradients[(s * Stride) + c], Math.Abs(dRow) + (HasKeys ? 0 : magnitude));
                    Near(HasKeys ? dKey : 0, _gradients[((rows + s) * Stride) + c], magnitude);
                }

                if (Weight != null)
                {
                    var terms = queries * (rows / 2.0);
                    Near(terms * Over(dScores, s => Tanh(keys, s, c)), _dWeight[0, c],
                        terms * Over(parts, s => Math.Abs(Tanh(keys, s, c))));
                }
            }
        }

        private static double Over(double[] factors, Func<int, double> of) => (factors[0] * of(0)) + (factors[1] * of(1));

        private static void Near(double expected, float actual, double magnitude) => Assert.True(
            Math.Abs(actual - expected) <= 1e-6 * magnitude,
            $"{actual:g9}, expected {expected:g9}, off by {(actual - expected) / magnitude:g3} of the terms");

        private static double Sum(Func<int, double> term) => Enumerable.Range(0, Width).Sum(term);

        private double Score(Matrix keys, int s) => score == AttentionScore.Additive
            ? Sum(c => _weight[0, c] * Tanh(keys, s, c))
            : Sum(c => (double)_query[0, c] * keys[s, c]);

        // The derivatives of a score by a feature of the query and of the key.
        private double Inner(Matrix keys, int s, int c) => score == AttentionScore.Additive ? OfSum(keys, s, c) : keys[s, c];

        private double InnerOfKey(Matrix keys, int s, int c) => score == AttentionScore.Additive ? OfSum(keys, s, c) : _query[0, c];

        private double OfSum(Matrix keys, int s, int c) => _weight[0, c] * (1 - Math.Pow(Tanh(keys, s, c), 2));

        private double Tanh(Matrix keys, int s, int c) => Math.Tanh((double)_query[0, c] + keys[s, c]);
    }
}
