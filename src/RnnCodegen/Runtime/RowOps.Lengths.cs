namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    /// <summary>
    /// Of rows [steps, batch], of which the first belong to time <paramref name="firstStep"/>, clears those at or past their
    /// sample's length (<paramref name="lengths"/>, [batch]; null when no step is padding).
    /// </summary>
    public static void ClearPastLengths(float* rows, nint stride, int steps, int firstStep, int batch, nint width, int* lengths)
    {
        if (lengths == null)
        {
            return;
        }

        for (int t = firstStep; t < firstStep + steps; t++)
        {
            for (int b = 0; b < batch; b++, rows += stride)
            {
                if (t >= lengths[b])
                {
                    new Span<float>(rows, (int)width).Clear();
                }
            }
        }
    }
    /// <summary>
    /// Turns each sample's valid steps around, of rows [steps, batch]: row t of target = row length - 1 - t of source, and zeros at or past
    /// the length (<paramref name="lengths"/>, [batch]; null where all steps are valid). The two do not overlap.
    /// </summary>
    public static void ReverseSteps(
        float* source, nint sourceStride, float* target, nint targetStride, int steps, int batch, nint width, int* lengths)
    {
        for (int t = 0; t < steps; t++)
        {
            for (int b = 0; b < batch; b++, target += targetStride)
            {
                if (MirroredRow(t, b, steps, batch, lengths) is >= 0 and var row)
                {
                    Copy(source + row * sourceStride, sourceStride, target, targetStride, 1, width);
                }
                else
                {
                    new Span<float>(target, (int)width).Clear();
                }
            }
        }
    }

    /// <summary>Row t of target += row length - 1 - t of source, for each sample's valid steps as in <see cref="ReverseSteps"/>.</summary>
    public static void AddReversedSteps(
        float* source, nint sourceStride, float* target, nint targetStride, int steps, int batch, nint width, int* lengths)
    {
        for (int t = 0; t < steps; t++)
        {
            for (int b = 0; b < batch; b++, target += targetStride)
            {
                if (MirroredRow(t, b, steps, batch, lengths) is >= 0 and var row)
                {
                    Add(source + row * sourceStride, sourceStride, target, targetStride, 1, width);
                }
            }
        }
    }

    // The row of [steps, batch] that stands where this one does when counted from the sample's end; negative past the end.
    private static nint MirroredRow(int step, int sample, int steps, nint batch, int* lengths)
    {
        int mirrored = (lengths == null ? steps : lengths[sample]) - 1 - step;
        return mirrored < 0 ? -1 : mirrored * batch + sample;
    }
}
