namespace RnnCodegen.Kernels;

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
}
