using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

public unsafe class LayerNormTests
{
    private const double Epsilon = 1e-5;

    public static TheoryData<int, int, int> Shapes => new() { { 1, 1, 0 }, { 3, 2, 1 }, { 5, 17, 0 }, { 4, 40, 3 }, { 150, 67, 2 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_matches_its_definition(int rows, int width, int gap)
    {
        var x = Matrix.Random(1, rows, width, width + gap, 3f);
        var (scale, shift) = (Matrix.Random(2, 1, width, width), Matrix.Random(3, 1, width, width));
        var y = Matrix.Zeros(rows, width, width + 2 * gap);
        var statistics = Matrix.Zeros(rows, 2, 2);
        LayerNorm.Forward(
            x.Pointer, x.Stride, scale.Pointer, shift.Pointer, y.Pointer, y.Stride, statistics.Pointer, rows, width, (float)Epsilon);
        y.CheckEach((r, c) => Normalized(x, r, c, width) * scale[0, c] + shift[0, c], 2e-6);
        statistics.CheckEach((r, c) => c == 0 ? Statistics(x, r, width).Mean : statistics[r, c], 1e-6);
        for (int r = 0; r < rows; r++)
        {
            double inverse = Statistics(x, r, width).Inverse;
            Assert.InRange(statistics[r, 1], inverse * (1 - 1e-6), inverse * (1 + 1e-6));
        }
    }

    [Fact]
    public void Forward_needs_no_statistics_and_may_run_in_place()
    {
        var x = Matrix.Random(1, 3, 19, 21);
        var (scale, shift) = (Matrix.Random(2, 1, 19, 19), Matrix.Random(3, 1, 19, 19));
        var y = x.Clone();
        LayerNorm.Forward(y.Pointer, 21, scale.Pointer, shift.Pointer, y.Pointer, 21, null, 3, 19, (float)Epsilon);
        y.CheckEach((r, c) => Normalized(x, r, c, 19) * scale[0, c] + shift[0, c], 2e-6);
    }

    [Fact]
    public void A_large_mean_does_not_spoil_the_variance()
    {
        // In float, the mean of squares here is 1e6 and its last digit 0.06.
        var x = new Matrix(1, 64, 64, (_, c) => 1000f + (c % 2 == 0 ? 0.25f : -0.25f));
        var (scale, shift) = (new Matrix(1, 64, 64, (_, _) => 1f), Matrix.Zeros(1, 64, 64));
        LayerNorm.Forward(x.Pointer, 64, scale.Pointer, shift.Pointer, x.Pointer, 64, null, 1, 64, (float)Epsilon);
        x.CheckEach((_, c) => (c % 2 == 0 ? 0.25 : -0.25) / Math.Sqrt(0.0625 + Epsilon), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_matches_finite_differences_in_double(int rows, int width, int gap)
    {
        const double Step = 1e-5;
        var x = Matrix.Random(1, rows, width, width + gap, 3f);
        var scale = Matrix.Random(2, 1, width, width);
        var dy = Matrix.Random(4, rows, width, width + gap);
        var (dScale, dShift) = (Matrix.Random(5, 1, width, width), Matrix.Random(6, 1, width, width));
        var (dScaleBefore, dShiftBefore) = (dScale.Clone(), dShift.Clone());
        var dx = Matrix.Random(7, rows, width, width + gap);
        var statistics = Statistics(x, rows, width, scale);
        LayerNorm.Backward(
            dy.Pointer, dy.Stride, x.Pointer, x.Stride, scale.Pointer, statistics.Pointer, dx.Pointer, dx.Stride, false,
            dScale.Pointer, dShift.Pointer, rows, width);

        // Only rows' own inputs matter to a row's loss, sum of dy * y.
        double Loss(int r, int moved, double by)
        {
            double[] row = [.. Enumerable.Range(0, width).Select(c => x[r, c] + (c == moved ? by : 0))];
            double mean = row.Average();
            double inverse = 1 / Math.Sqrt(row.Sum(v => (v - mean) * (v - mean)) / width + Epsilon);
            return Enumerable.Range(0, width).Sum(c => dy[r, c] * (row[c] - mean) * inverse * scale[0, c]);
        }

        double largest = Enumerable.Range(0, rows).Max(r => Statistics(x, r, width).Inverse);
        dx.CheckEach((r, c) => (Loss(r, c, Step) - Loss(r, c, -Step)) / (2 * Step), 2e-6 * Math.Max(1, largest));
        double scaleTolerance = 3e-6 * Math.Sqrt(rows);
        dScale.CheckEach(
            (_, c) => dScaleBefore[0, c] + Enumerable.Range(0, rows).Sum(r => dy[r, c] * Normalized(x, r, c, width)), scaleTolerance);
        dShift.CheckEach((_, c) => dShiftBefore[0, c] + Enumerable.Range(0, rows).Sum(r => (double)dy[r, c]), scaleTolerance);
    }

    [Fact]
    public void Backward_accumulates_overwrites_or_leaves_dx_out()
    {
        var x = Matrix.Random(1, 6, 21, 23);
        var scale = Matrix.Random(2, 1, 21, 21);
        var dy = Matrix.Random(3, 6, 21, 21);
        var statistics = Statistics(x, 6, 21, scale);

        void Run(float* dx, bool accumulate, out Matrix dScale)
        {
            dScale = Matrix.Zeros(1, 21, 21);
            var dShift = Matrix.Zeros(1, 21, 21);
            LayerNorm.Backward(
                dy.Pointer, 21, x.Pointer, 23, scale.Pointer, statistics.Pointer, dx, 21, accumulate,
                dScale.Pointer, dShift.Pointer, 6, 21);
        }

        var (overwritten, added) = (Matrix.Random(4, 6, 21, 21), Matrix.Random(5, 6, 21, 21));
        var before = added.Clone();
        Run(overwritten.Pointer, false, out var with);
        Run(added.Pointer, true, out _);
        Run(null, false, out var without);
        added.CheckEach((r, c) => before[r, c] + overwritten[r, c], 0);
        without.CheckEach((r, c) => with[r, c], 0);
    }

    private static (double Mean, double Inverse) Statistics(Matrix x, int row, int width)
    {
        double[] values = [.. Enumerable.Range(0, width).Select(c => (double)x[row, c])];
        double mean = values.Average();
        return (mean, 1 / Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / width + Epsilon));
    }

    private static double Normalized(Matrix x, int row, int column, int width)
    {
        var (mean, inverse) = Statistics(x, row, width);
        return (x[row, column] - mean) * inverse;
    }

    // The statistics as Forward keeps them.
    private static Matrix Statistics(Matrix x, int rows, int width, Matrix scale)
    {
        var statistics = Matrix.Zeros(rows, 2, 2);
        var y = Matrix.Zeros(rows, width, width);
        LayerNorm.Forward(
            x.Pointer, x.Stride, scale.Pointer, scale.Pointer, y.Pointer, width, statistics.Pointer, rows, width, (float)Epsilon);
        return statistics;
    }
}
