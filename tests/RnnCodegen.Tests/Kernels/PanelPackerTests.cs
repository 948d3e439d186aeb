using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class PanelPackerTests
{
    // K, and the panels' widths.
    public static TheoryData<int, int[]> Layouts => new()
    {
        { 1, [1] }, { 3, [4] }, { 17, [16, 16, 7] }, { 64, [64, 32, 3] }, { 65, [5, 4] }, { 200, [48, 1] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void PackRows_transposes_mapped_rows_into_panels(int k, int[] panels)
    {
        int n = panels.Sum();
        var source = Matrix.Random(1, n + 2, k, k);
        int[] map = CreateMap(n, n + 2);
        var target = Matrix.Random(2, 1, k * n, k * n + 16);
        PanelPacker.PackRows(source.Pointer, k, map, panels, target.Pointer);
        target.CheckEach(
            (_, at) =>
            {
                var (row, column) = Locate(at, k, panels);
                return map[column] < 0 ? 0 : source[map[column], row];
            },
            0);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void PackColumns_copies_mapped_rows_into_panels_and_pads(int k, int[] panels)
    {
        int n = panels.Sum();
        foreach (int columns in new[] { n, Math.Max(1, n - 3), 1 })
        {
            var source = Matrix.Random(1, k + 2, columns, columns);
            int[] map = CreateMap(k, k + 2);
            var target = Matrix.Random(2, 1, k * n, k * n + 16);
            PanelPacker.PackColumns(source.Pointer, columns, map, panels, target.Pointer);
            target.CheckEach(
                (_, at) =>
                {
                    var (row, column) = Locate(at, k, panels);
                    return map[row] < 0 || column >= columns ? 0 : source[map[row], column];
                },
                0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PackVector_takes_mapped_elements(bool accumulate)
    {
        var source = Matrix.Random(1, 1, 9, 9);
        int[] map = [8, -1, 0, 3, -1];
        var target = Matrix.Random(2, 1, 5, 8);
        var before = target.Clone();
        PanelPacker.PackVector(source.Pointer, map, target.Pointer, accumulate);
        target.CheckEach((_, j) => (accumulate ? before[0, j] : 0f) + (map[j] < 0 ? 0f : source[0, map[j]]), 0);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(19, 3)]
    public void UnpackRowsAdd_adds_to_mapped_rows(int width, int gap)
    {
        int[] map = [3, -1, 0, 4];
        var source = Matrix.Random(1, map.Length, width, width + gap);
        var target = Matrix.Random(2, 5, width, width);
        var before = target.Clone();
        PanelPacker.UnpackRowsAdd(source.Pointer, source.Stride, map, width, target.Pointer);
        target.CheckEach(
            (r, c) => before[r, c] + (Array.IndexOf(map, r) is int i and >= 0 ? source[i, c] : 0f), 0);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 0)]
    [InlineData(33, 16)]
    public void UnpackColumnsAdd_adds_the_transpose(int rows, int gap)
    {
        int[] map = [3, -1, 0, .. Enumerable.Range(4, 17), -1];
        var source = Matrix.Random(1, rows, map.Length, map.Length + gap);
        var target = Matrix.Random(2, 21, rows, rows);
        var before = target.Clone();
        PanelPacker.UnpackColumnsAdd(source.Pointer, source.Stride, map, rows, target.Pointer);
        target.CheckEach(
            (r, c) => before[r, c] + (Array.IndexOf(map, r) is int i and >= 0 ? source[c, i] : 0f), 0);
    }

    [Fact]
    public void UnpackVectorAdd_adds_to_mapped_elements()
    {
        int[] map = [8, -1, 0, 3, -1];
        var source = Matrix.Random(1, 1, 5, 5);
        var target = Matrix.Random(2, 1, 9, 9);
        var before = target.Clone();
        PanelPacker.UnpackVectorAdd(source.Pointer, map, target.Pointer);
        target.CheckEach((_, j) => before[0, j] + (Array.IndexOf(map, j) is int i and >= 0 ? source[0, i] : 0f), 0);
    }

    /// <summary>Each share writes to places of its own, and all of them together do the work once.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Shares_together_are_the_whole(int shares)
    {
        const int Rows = 70;
        const int Width = 37;
        int[] map = [.. Enumerable.Range(0, 53).Select(i => i % 7 == 3 ? -1 : (i * 11) % Rows)];
        int[] tokens = [4, 0, 4, 1];
        int[] links = [2, 4, ~4, 4];
        var source = Matrix.Random(1, 53, 53, 64);
        foreach (var add in new Action<Matrix, int, int>[]
        {
            (target, share, count) => PanelPacker.UnpackRowsAdd(source.Pointer, source.Stride, map, Width, target.Pointer, share, count),
            (target, share, count) => PanelPacker.UnpackColumnsAdd(source.Pointer, source.Stride, map, Width, target.Pointer, share, count),
            (target, share, count) => PanelPacker.UnpackVectorAdd(source.Pointer, map, target.Pointer, share, count),
            (target, share, count) => PanelPacker.AddVector(source.Pointer, 53, target.Pointer, share, count),
            (target, share, count) =>
            {
                fixed (int* p = tokens, l = links)
                {
                    RowOps.ScatterAdd(p, l, tokens.Length, source.Pointer, source.Stride, target.Pointer, Width, share, count);
                }
            },
        })
        {
            var (whole, target, written) = (Matrix.Zeros(Rows, Width, Width), Matrix.Zeros(Rows, Width, Width), new int[Rows * Width]);
            add(whole, 0, 1);
            for (int share = 0; share < shares; share++)
            {
                add(target, share, shares);
                var alone = Matrix.Zeros(Rows, Width, Width);
                add(alone, share, shares);
                for (int i = 0; i < written.Length; i++)
                {
                    written[i] += alone.Pointer[i] != 0 ? 1 : 0;
                }
            }

            target.CheckEach((r, c) => whole[r, c], 0);
            Assert.All(written, count => Assert.InRange(count, 0, 1));
            Assert.Contains(1, written);
        }
    }

    [Fact]
    public void Refuses_panels_that_do_not_fit()
    {
        var source = Matrix.Random(1, 4, 4, 4);
        var target = Matrix.Zeros(1, 64, 64);
        var rows = Assert.Throws<ArgumentException>(() => PanelPacker.PackRows(source.Pointer, 4, [0, 1, 2], [2, 2], target.Pointer));
        Assert.Contains("4 columns, but the column map has 3", rows.Message, StringComparison.Ordinal);
        var columns = Assert.Throws<ArgumentException>(() => PanelPacker.PackColumns(source.Pointer, 4, [0, 1], [2, 1], target.Pointer));
        Assert.Contains("3 columns, but the parameter has 4", columns.Message, StringComparison.Ordinal);
        target.CheckEach((_, _) => 0, 0);
    }

    // Every third entry is padding; the rest are distinct rows in no order.
    private static int[] CreateMap(int length, int rows) =>
        [.. Enumerable.Range(0, length).Select(i => i % 3 == 2 ? -1 : (rows - 1 - i) % rows)];

    private static (int Row, int Column) Locate(int at, int k, int[] panels)
    {
        int first = 0;
        foreach (int width in panels)
        {
            if (at < k * width)
            {
                return (at / width, first + at % width);
            }

            at -= k * width;
            first += width;
        }

        throw new ArgumentOutOfRangeException(nameof(at));
    }
}
