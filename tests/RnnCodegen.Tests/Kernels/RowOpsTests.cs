using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class RowOpsTests
{
    // rows, width, gap between rows: every vector tail, dense and strided, none at all.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 0, 5, 0 }, { 1, 1, 0 }, { 3, 3, 0 }, { 3, 3, 2 }, { 5, 17, 0 }, { 5, 17, 3 }, { 7, 33, 1 }, { 2, 64, 0 }, { 130, 79, 5 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Copy_copies(int rows, int width, int gap)
    {
        var source = Matrix.Random(1, rows, width, width + gap);
        foreach (int stride in new[] { width, width + 7 })
        {
            var target = Matrix.Zeros(rows, width, stride);
            RowOps.Copy(source.Pointer, source.Stride, target.Pointer, stride, rows, width);
            target.CheckEach((r, c) => source[r, c], 0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(33)]
    [InlineData(64)]
    public void CopyRow_copies_one_row_and_no_more(int width)
    {
        var (source, target) = (Matrix.Random(1, 2, width, width + 9), Matrix.Random(2, 2, width, width + 9));
        var before = target.Clone();
        RowOps.CopyRow(source.Pointer, target.Pointer, width);
        target.CheckEach((r, c) => r == 0 ? source[r, c] : before[r, c], 0);
    }

    // steps, batch, width, further rows between two steps of source and of target
    [Theory]
    [InlineData(3, 4, 5, 0, 0)]
    [InlineData(3, 4, 5, 2, 0)]
    [InlineData(3, 4, 17, 0, 3)]
    [InlineData(4, 1, 1, 7, 1)]
    [InlineData(1, 6, 33, 2, 2)]
    public void CopySteps_copies_each_steps_first_rows(int steps, int batch, int width, int moreInSource, int moreInTarget)
    {
        var (sourceRows, targetRows) = (batch + moreInSource, batch + moreInTarget);
        var source = Matrix.Random(1, steps * sourceRows, width, width + 3);
        var target = Matrix.Random(2, steps * targetRows, width, width + 1);
        var before = target.Clone();
        RowOps.CopySteps(source.Pointer, source.Stride, sourceRows, target.Pointer, target.Stride, targetRows, steps, batch, width);
        target.CheckEach((r, c) => r % targetRows < batch ? source[(r / targetRows * sourceRows) + (r % targetRows), c] : before[r, c], 0);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Clear_clears(int rows, int width, int gap)
    {
        var target = Matrix.Random(1, rows, width, width + gap);
        RowOps.Clear(target.Pointer, target.Stride, rows, width);
        target.CheckEach((_, _) => 0, 0);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Add_adds(int rows, int width, int gap)
    {
        var source = Matrix.Random(1, rows, width, width + gap);
        var target = Matrix.Random(2, rows, width, width + 2 * gap);
        var before = target.Clone();
        RowOps.Add(source.Pointer, source.Stride, target.Pointer, target.Stride, rows, width);
        target.CheckEach((r, c) => before[r, c] + source[r, c], 0);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 3)]
    [InlineData(33, 1)]
    public void Gather_takes_rows_of_the_table(int width, int gap)
    {
        int[] tokens = [4, 0, 4, 1];
        var table = Matrix.Random(1, 5, width, width);
        var target = Matrix.Zeros(tokens.Length, width, width + gap);
        fixed (int* p = tokens)
        {
            RowOps.Gather(p, tokens.Length, table.Pointer, width, target.Pointer, target.Stride);
        }

        target.CheckEach((r, c) => table[tokens[r], c], 0);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 3)]
    [InlineData(33, 1)]
    public void ScatterAdd_adds_each_row_to_its_token_also_twice(int width, int gap)
    {
        int[] tokens = [4, 0, 4, 1];
        var source = Matrix.Random(1, tokens.Length, width, width + gap);
        var table = Matrix.Random(2, 5, width, width);
        var before = table.Clone();
        var links = new int[tokens.Length];
        fixed (int* p = tokens, l = links)
        {
            RowOps.LinkTokens(p, tokens.Length, l, [-1, -1, -1, -1, -1]);
            RowOps.ScatterAdd(p, l, tokens.Length, source.Pointer, source.Stride, table.Pointer, width);
        }

        table.CheckEach(
            (r, c) => before[r, c] + tokens.Select((token, i) => token == r ? (double)source[i, c] : 0).Sum(), 3e-7);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AddColumnSums_adds_to_what_is_there(int rows, int width, int gap)
    {
        var source = Matrix.Random(1, rows, width, width + gap);
        var target = Matrix.Random(2, 1, width, width + 3);
        var before = target.Clone();
        RowOps.AddColumnSums(source.Pointer, source.Stride, rows, width, target.Pointer);
        target.CheckEach((_, c) => before[0, c] + Enumerable.Range(0, rows).Sum(r => (double)source[r, c]), 5e-6);
    }

    [Fact]
    public void AddColumnSums_keeps_its_digits_over_many_rows()
    {
        // 100,000 times 0.1, added one by one in float, is off by 1e-4 of the result.
        const int Rows = 100_000;
        var source = new Matrix(Rows, 5, 5, (_, _) => 0.1f);
        var target = Matrix.Zeros(1, 5, 5);
        RowOps.AddColumnSums(source.Pointer, 5, Rows, 5, target.Pointer);
        target.CheckEach((_, _) => Rows * (double)0.1f, 3e-6 * Rows * 0.1);
    }

    [Theory]
    [InlineData(0.1f, 0.1f)]
    [InlineData(1f, -0.4f)]
    public void AddColumnSums_holds_over_millions_of_rows_where_sums_have_low_parts(float even, float odd)
    {
        // Single sums of so many partial sums are off by 2e-4.
        const int Rows = 2_000_000, Width = 23, ToLow = 32;
        var source = new Matrix(64, Width, Width, (r, _) => r % 2 == 0 ? even : odd);
        var target = Matrix.Zeros(2, Width, ToLow);
        for (var done = 0; done < Rows; done += 64)
        {
            RowOps.AddColumnSums(source.Pointer, Width, 64, Width, target.Pointer, ToLow);
        }

        var exact = Rows / 2 * ((double)even + odd);
        for (var c = 0; c < Width; c++)
        {
            Assert.InRange(((double)target[0, c] + target[1, c]) / exact, 1 - 1.5e-6, 1 + 1.5e-6);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ClearPastLengths_clears_the_padding_only(int firstStep)
    {
        const int Steps = 4;
        int[] lengths = [0, 3, 6, 1];
        var rows = Matrix.Random(1, Steps * lengths.Length, 5, 8);
        var before = rows.Clone();
        fixed (int* p = lengths)
        {
            RowOps.ClearPastLengths(rows.Pointer, rows.Stride, Steps, firstStep, lengths.Length, 5, p);
        }

        rows.CheckEach((r, c) => firstStep + r / lengths.Length < lengths[r % lengths.Length] ? before[r, c] : 0, 0);
    }

    [Fact]
    public void ClearPastLengths_clears_nothing_without_lengths()
    {
        var rows = Matrix.Random(1, 6, 5, 8);
        var before = rows.Clone();
        RowOps.ClearPastLengths(rows.Pointer, rows.Stride, 3, 0, 2, 5, null);
        rows.CheckEach((r, c) => before[r, c], 0);
    }
}
