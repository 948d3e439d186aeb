using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Tests;

/// <summary>Reversals of time against their definition.</summary>
public unsafe class ReverseStepsTests
{
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
