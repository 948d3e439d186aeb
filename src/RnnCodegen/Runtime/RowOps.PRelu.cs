namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    /// <summary>
    /// y = x where x is positive, else slope * x, feature by feature, for each row; slope is [width] and may be negative, and y may be x.
    /// </summary>
    public static void PRelu(float* x, nint xStride, float* slope, float* y, nint yStride, nint rows, nint width)
    {
        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            var kernel = new PReluRow(x, slope, y);
            ColumnSweep.Run(ref kernel, width);
        }
    }

    /// <summary>The gradients of <see cref="PRelu"/>; at x = 0 they are those of the slope's side.</summary>
    /// <param name="dy">Gradient of y.</param>
    /// <param name="dyStride">Floats from one row of dy to the next.</param>
    /// <param name="x">Forward's input.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="slope">[width].</param>
    /// <param name="dx">Gradient of x; may be dy.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="accumulate">Whether dx is added to rather than overwritten.</param>
    /// <param name="dSlope">Gradient of slope, [width]; added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="low">Floats from a sum over rows to its low part, as in
    /// <see cref="VectorMath.AddTo(float, float*, nint)"/>; 0 for none.</param>
    public static void PReluBackward(
        float* dy,
        nint dyStride,
        float* x,
        nint xStride,
        float* slope,
        float* dx,
        nint dxStride,
        bool accumulate,
        float* dSlope,
        nint rows,
        nint width,
        nint low = 0)
    {
        for (nint row = 0; row < rows; row += RowsPerSum)
        {
            var kernel = new PReluGradients(
                dy + row * dyStride,
                dyStride,
                x + row * xStride,
                xStride,
                slope,
                dx + row * dxStride,
                dxStride,
                accumulate,
                dSlope,
                low,
                Math.Min(RowsPerSum, rows - row));
            ColumnSweep.Run(ref kernel, width);
        }
    }

    private readonly struct PReluRow(float* x, float* slope, float* y) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var v = TOps.Load(x + column);
                TOps.Store(TOps.SelectBySign(v, TOps.Multiply(TOps.Load(slope + column), v), v), y + column);
            }

            return column;
        }
    }

    // dSlope += sum of dy * x where x <= 0, dx (+)= dy where x > 0, else dy * slope, over a few rows.
    private readonly struct PReluGradients(
        float* dy,
        nint dyStride,
        float* x,
        nint xStride,
        float* slope,
        float* dx,
        nint dxStride,
        bool accumulate,
        float* dSlope,
        nint low,
        nint rows) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            var (zero, one) = (TOps.Create(0f), TOps.Create(1f));
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var sum = zero;
                var a = TOps.Load(slope + column);
                float* gradient = dy + column;
                float* input = x + column;
                float* target = dx + column;
                for (nint row = 0; row < rows; row++, gradient += dyStride, input += xStride, target += dxStride)
                {
                    var (d, v) = (TOps.Load(gradient), TOps.Load(input));
                    var positive = TOps.OneWhereGreater(v, zero);
                    sum = TOps.MultiplyAdd(d, TOps.Min(zero, v), sum);
                    var factor = TOps.MultiplyAdd(TOps.Subtract(one, positive), a, positive);
                    TOps.Store(accumulate ? TOps.MultiplyAdd(d, factor, TOps.Load(target)) : TOps.Multiply(d, factor), target);
                }

                VectorMath.AddTo<TOps, TVector>(sum, dSlope + column, low);
            }

            return column;
        }
    }
}
