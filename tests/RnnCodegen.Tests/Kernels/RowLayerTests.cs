using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Affine layers, PReLU and reversals of time against their definitions in double precision.</summary>
public unsafe class RowLayerTests
{
    // rows, width, gap: every vector tail, dense and strided, more rows than a sum takes at a time, none at all.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 0, 5, 0 }, { 1, 1, 0 }, { 3, 3, 2 }, { 5, 15, 1 }, { 4, 16, 0 }, { 5, 17, 3 }, { 7, 33, 15 }, { 2, 64, 0 }, { 150, 79, 5 },
    };

    // -1 and 0 too, where the sides of PReLU meet.
    private static Matrix Inputs(int rows, int width, int stride)
    {
        var x = Matrix.Random(1, rows, width, stride, 3f);
        return new Matrix(rows, width, stride, (r, c) => ((r + c) % 7) switch { 0 => 0f, 3 => -0f, _ => x[r, c] });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Affine_scales_and_shifts_each_feature(int rows, int width, int gap)
    {
        var x = Inputs(rows, width, width + gap);
        var (scale, shift) = (Matrix.Random(2, 1, width, width), Matrix.Random(3, 1, width, width));
        var y = Matrix.Zeros(rows, width, width + 2 * gap);
        RowOps.Affine(x.Pointer, x.Stride, scale.Pointer, shift.Pointer, y.Pointer, y.Stride, rows, width);
        y.CheckEach((r, c) => (double)x[r, c] * scale[0, c] + shift[0, c], 4e-7);

        var before = x.Clone();
        RowOps.Affine(x.Pointer, x.Stride, scale.Pointer, shift.Pointer, x.Pointer, x.Stride, rows, width);
        x.CheckEach((r, c) => (double)before[r, c] * scale[0, c] + shift[0, c], 4e-7);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Affines_gradients_are_those_of_its_definition(int rows, int width, int gap)
    {
        var (x, dy) = (Inputs(rows, width, width + gap), Matrix.Random(4, rows, width, width + 2 * gap));
        var scale = Matrix.Random(2, 1, width, width);
        foreach (bool accumulate in new[] { false, true })
        {
            var (dx, dScale, dShift) = (Matrix.Random(5, rows, width, width + gap), Matrix.Random(6, 1, width, width),
                Matrix.Random(7, 1, width, width));
            var (dxBefore, dScaleBefore, dShiftBefore) = (dx.Clone(), dScale.Clone(), dShift.Clone());
            RowOps.AffineBackward(
                dy.Pointer, dy.Stride, x.Pointer, x.Stride, scale.Pointer, dx.Pointer, dx.Stride, accumulate, dScale.Pointer,
                dShift.Pointer, rows, width);
            dx.CheckEach((r, c) => (accumulate ? dxBefore[r, c] : 0) + (double)dy[r, c] * scale[0, c], 3e-7);
            dScale.CheckEach((_, c) => dScaleBefore[0, c] + Enumerable.Range(0, rows).Sum(r => (double)dy[r, c] * x[r, c]),
                2e-6 * Math.Sqrt(rows + 1));
            dShift.CheckEach((_, c) => dShiftBefore[0, c] + Enumerable.Range(0, rows).Sum(r => (double)dy[r, c]),
                1e-6 * Math.Sqrt(rows + 1));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PRelu_bends_each_feature_by_its_slope(int rows, int width, int gap)
    {
        var x = Inputs(rows, width, width + gap);
        var slope = Matrix.Random(2, 1, width, width);
        var y = Matrix.Zeros(rows, width, width + 2 * gap);
        RowOps.PRelu(x.Pointer, x.Stride, slope.Pointer, y.Pointer, y.Stride, rows, width);
        y.CheckEach((r, c) => x[r, c] > 0 ? x[r, c] : x[r, c] * slope[0, c], 0);

        RowOps.PRelu(x.Pointer, x.Stride, slope.Pointer, x.Pointer, x.Stride, rows, width);
        x.CheckEach((r, c) => y[r, c], 0);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PRelus_gradients_come_from_the_input_as_slopes_may_be_negative(int rows, int width, int gap)
    {
        var (x, dy) = (Inputs(rows, width, width + gap), Matrix.Random(4, rows, width, width + 2 * gap));
        var slope = Matrix.Random(2, 1, width, width);
        foreach (bool accumulate in new[] { false, true })
        {
            var (dx, dSlope) = (Matrix.Random(5, rows, width, width + gap), Matrix.Random(6, 1, width, width));
            var (dxBefore, dSlopeBefore) = (dx.Clone(), dSlope.Clone());
            RowOps.PReluBackward(
                dy.Pointer, dy.Stride, x.Pointer, x.Stride, slope.Pointer, dx.Pointer, dx.Stride, accumulate, dSlope.Pointer, rows, width);
            dx.CheckEach((r, c) => (accumulate ? dxBefore[r, c] : 0) + (double)dy[r, c] * (x[r, c] > 0 ? 1 : slope[0, c]), 3e-7);
            dSlope.CheckEach(
                (_, c) => dSlopeBefore[0, c] + Enumerable.Range(0, rows).Sum(r => x[r, c] > 0 ? 0 : (double)dy[r, c] * x[r, c]),
                2e-6 * Math.Sqrt(rows + 1));
        }
    }

    [Fact]
    public void Gradients_may_take_the_place_of_the_outputs()
    {
        var (x, dy, scale) = (Inputs(9, 21, 23), Matrix.Random(4, 9, 21, 24), Matrix.Random(2, 1, 21, 21));
        var (affine, bent, sums) = (dy.Clone(), dy.Clone(), Matrix.Zeros(1, 21, 21));
        RowOps.AffineBackward(
            affine.Pointer, 24, x.Pointer, 23, scale.Pointer, affine.Pointer, 24, false, sums.Pointer, Matrix.Zeros(1, 21, 21).Pointer, 9,
            21);
        RowOps.PReluBackward(bent.Pointer, 24, x.Pointer, 23, scale.Pointer, bent.Pointer, 24, false, sums.Pointer, 9, 21);
        affine.CheckEach((r, c) => dy[r, c] * scale[0, c], 0);
        bent.CheckEach((r, c) => x[r, c] > 0 ? dy[r, c] : dy[r, c] * scale[0, c], 0);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(17, 3)]
    [InlineData(33, 0)]
    public void ReverseSteps_turns_valid_steps_around_and_clears_the_others(int width, int gap)
    {
        const int Steps = 5;
        int[] lengths = [5, 0, 3, 1];
        var source = Matrix.Random(1, Steps * 4, width, width + gap);
        var target = Matrix.Random(2, Steps * 4, width, width + 2 * gap);
        var added = target.Clone();
        var before = target.Clone();
        fixed (int* p = lengths)
        {
            RowOps.ReverseSteps(source.Pointer, source.Stride, target.Pointer, target.Stride, Steps, 4, width, p);
            RowOps.AddReversedSteps(source.Pointer, source.Stride, added.Pointer, added.Stride, Steps, 4, width, p);
        }

        target.CheckEach(Mirrored, 0);
        added.CheckEach((r, c) => before[r, c] + (float)Mirrored(r, c), 0);

        double Mirrored(int row, int column)
        {
            var (step, sample) = (row / 4, row % 4);
            return step < lengths[sample] ? source[((lengths[sample] - 1 - step) * 4) + sample, column] : 0;
        }
    }

    [Fact]
    public void ReverseSteps_turns_all_steps_around_without_lengths()
    {
        var (source, target) = (Matrix.Random(1, 6, 5, 8), Matrix.Zeros(6, 5, 8));
        RowOps.ReverseSteps(source.Pointer, 8, target.Pointer, 8, 3, 2, 5, null);
        target.CheckEach((r, c) => source[((2 - (r / 2)) * 2) + (r % 2), c], 0);
    }
}
