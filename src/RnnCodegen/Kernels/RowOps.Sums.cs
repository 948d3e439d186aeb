namespace RnnCodegen.Kernels;

public static unsafe partial class RowOps
{
    // Rows summed before they join the total: a short sum of short sums loses far fewer digits than one long sum.
    internal const int RowsPerSum = 64;

    /// <summary>target[j] += the sum of column j over all rows, always in the same order.</summary>
    public static void AddColumnSums(float* source, nint stride, nint rows, nint width, float* target)
    {
        for (nint row = 0; row < rows; row += RowsPerSum)
        {
            var kernel = new ColumnSums(source + row * stride, stride, Math.Min(RowsPerSum, rows - row), target);
            ColumnSweep.Run(ref kernel, width);
        }
    }

    private readonly struct ColumnSums(float* source, nint stride, nint rows, float* target) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            // Four vectors at a time, so that four sums are under way at once.
            for (; column + 4 * TOps.Count <= width; column += 4 * TOps.Count)
            {
                float* p = source + column;
                var (a, b, c, d) = (TOps.Create(0f), TOps.Create(0f), TOps.Create(0f), TOps.Create(0f));
                for (nint row = 0; row < rows; row++, p += stride)
                {
                    a = TOps.Add(a, TOps.Load(p));
                    b = TOps.Add(b, TOps.Load(p + TOps.Count));
                    c = TOps.Add(c, TOps.Load(p + 2 * TOps.Count));
                    d = TOps.Add(d, TOps.Load(p + 3 * TOps.Count));
                }

                AddTo<TOps, TVector>(target + column, a);
                AddTo<TOps, TVector>(target + column + TOps.Count, b);
                AddTo<TOps, TVector>(target + column + 2 * TOps.Count, c);
                AddTo<TOps, TVector>(target + column + 3 * TOps.Count, d);
            }

            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                float* p = source + column;
                var sum = TOps.Create(0f);
                for (nint row = 0; row < rows; row++, p += stride)
                {
                    sum = TOps.Add(sum, TOps.Load(p));
                }

                AddTo<TOps, TVector>(target + column, sum);
            }

            return column;
        }
    }

    internal static void AddTo<TOps, TVector>(float* target, TVector value)
        where TOps : struct, IVectorOps<TVector>
        where TVector : struct
        => TOps.Store(TOps.Add(TOps.Load(target), value), target);
}
