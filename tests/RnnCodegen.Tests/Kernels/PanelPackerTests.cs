using RnnCodegen.Kernels;
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
