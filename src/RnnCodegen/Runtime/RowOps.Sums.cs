namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    // Rows summed before they join the total: a short sum of short sums loses far fewer digits than one long sum.
    internal const int RowsPerSum = 64;

    // And where what the total loses is kept, so that only the short sums lose any.
    private const int RowsPerKeptSum = 32;

    /// <summary>target[j] += the sum of column j over all rows, always in the same order.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="target">The sums, [width].</param>
    /// <param name="low">Floats from a sum to its low part, as in <see cref="VectorMath.AddTo(float, float*, nint)"/>; 0 for none.</param>
    public static void AddColumnSums(float* source, nint stride, nint rows, nint width, float* target, nint low = 0)
    {
        var few = low == 0 ? RowsPerSum : RowsPerKeptSum;
        for (nint row = 0; row < rows; row += few)
        {
            var kernel = new ColumnSums(source + row * stride, stride, Math.Min(few, rows - row), target, low);
            ColumnSweep.Run(ref kernel, width);
        }
    }

    private readonly struct ColumnSums(float* source, nint stride, nint rows, float* target, nint low) : IColumnKernel
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

                VectorMath.AddTo<TOps, TVector>(a, target + column, low);
                VectorMath.AddTo<TOps, TVector>(b, target + column + TOps.Count, low);
                VectorMath.AddTo<TOps, TVector>(c, target + column + 2 * TOps.Count, low);
                VectorMath.AddTo<TOps, TVector>(d, target + column + 3 * TOps.Count, low);
            }

            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                float* p = source + column;
                var sum = TOps.Create(0f);
                for (nint row = 0; row < rows; row++, p += stride)
                {
                    sum = TOps.Add(sum, TOps.Load(p));
                }

                VectorMath.AddTo<TOps, TVector>(sum, target + column, low);
            }

            return column;
        }
    }
}
