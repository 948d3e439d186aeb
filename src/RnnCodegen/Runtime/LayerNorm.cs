using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

/// <summary>Layer normalization of rows: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with the biased variance.</summary>
public static unsafe class LayerNorm
{
    /// <summary>Normalizes each row; y may be x.</summary>
    /// <param name="x">Rows of <paramref name="width"/> floats, one every <paramref name="xStride"/>.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="scale">[width].</param>
    /// <param name="shift">[width].</param>
    /// <param name="y">The result, one row every <paramref name="yStride"/> floats.</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    /// <param name="statistics">[rows, 2]: mean and 1 / sqrt(variance + epsilon) of each row, for Backward; null when not wanted.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Forward(
        float* x, nint xStride, float* scale, float* shift, float* y, nint yStride, float* statistics, nint rows, nint width, float epsilon)
    {
        var scales = new ReadOnlySpan<float>(scale, (int)width);
        var shifts = new ReadOnlySpan<float>(shift, (int)width);
        for (nint i = 0; i < rows; i++, x += xStride, y += yStride)
        {
            var row = new ReadOnlySpan<float>(x, (int)width);
            var result = new Span<float>(y, (int)width);

            // Squares of the centred row: the mean of squares less the squared mean would cancel.
            float mean = TensorPrimitives.Sum(row) / width;
            TensorPrimitives.Subtract(row, mean, result);
            float inverse = 1f / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(result) / width + epsilon);
            TensorPrimitives.Multiply(result, inverse, result);
            TensorPrimitives.MultiplyAddEstimate(result, scales, shifts, result);
            if (statistics != null)
            {
                statistics[2 * i] = mean;
                statistics[2 * i + 1] = inverse;
            }
        }
    }

    /// <summary>The gradients of <see cref="Forward"/>.</summary>
    /// <param name="dy">Gradient of y, one row every <paramref name="dyStride"/> floats.</param>
    /// <param name="dyStride">Floats from one row of dy to the next.</param>
    /// <param name="x">Forward's input.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="scale">[width].</param>
    /// <param name="statistics">The values that Forward kept.</param>
    /// <param name="dx">Gradient of x, one row every <paramref name="dxStride"/> floats; null when not wanted; may be dy.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="accumulate">Whether dx is added to rather than overwritten.</param>
    /// <param name="dScale">Gradient of scale, [width]; added to.</param>
    /// <param name="dShift">Gradient of shift, [width]; added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="low">Floats from a sum over rows to its low part, as in
    /// <see cref="VectorMath.AddTo(float, float*, nint)"/>; 0 for none.</param>
    public static void Backward(
        float* dy,
        nint dyStride,
        float* x,
        nint xStride,
        float* scale,
        float* statistics,
        float* dx,
        nint dxStride,
        bool accumulate,
        float* dScale,
        float* dShift,
        nint rows,
        nint width,
        nint low = 0)
    {
        for (nint row = 0; row < rows; row += RowOps.RowsPerSum)
        {
            var columns = new ParameterGradients(
                dy + row * dyStride,
                dyStride,
                x + row * xStride,
                xStride,
                statistics + 2 * row,
                Math.Min(RowOps.RowsPerSum, rows - row),
                dScale,
                dShift,
                low);
            ColumnSweep.Run(ref columns, width);
        }

        for (nint row = 0; dx != null && row < rows; row++)
        {
            var (mean, inverse) = (statistics[2 * row], statistics[2 * row + 1]);
            var sums = new RowSums(dy + row * dyStride, x + row * xStride, scale, mean, inverse);
            ColumnSweep.Run(ref sums, width);
            var gradient = new RowGradient(sums, sums.Plain / width, sums.Weighted / width, dx + row * dxStride, accumulate);
            ColumnSweep.Run(ref gradient, width);
        }
    }

    // dScale += sum of dy * n and dShift += sum of dy, with n = (x - mean) / deviation, over a few rows.
    private readonly struct ParameterGradients(
        float* dy, nint dyStride, float* x, nint xStride, float* statistics, nint rows, float* dScale, float* dShift,
        nint low) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var scaleSum = TOps.Create(0f);
                var shiftSum = TOps.Create(0f);
                for (nint row = 0; row < rows; row++)
                {
                    var d = TOps.Load(dy + row * dyStride + column);
                    var centred = TOps.Subtract(TOps.Load(x + row * xStride + column), TOps.Create(statistics[2 * row]));
                    var n = TOps.Multiply(centred, TOps.Create(statistics[2 * row + 1]));
                    scaleSum = TOps.MultiplyAdd(d, n, scaleSum);
                    shiftSum = TOps.Add(shiftSum, d);
                }

                VectorMath.AddTo<TOps, TVector>(scaleSum, dScale + column, low);
                VectorMath.AddTo<TOps, TVector>(shiftSum, dShift + column, low);
            }

            return column;
        }
    }

    // The sums over a row of g = dy * scale and of g * n.
    private struct RowSums(float* dy, float* x, float* scale, float mean, float inverse) : IColumnKernel
    {
        public float Plain { get; private set; }

        public float Weighted { get; private set; }

        public readonly float Inverse => inverse;

        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            var plain = TOps.Create(0f);
            var weighted = TOps.Create(0f);
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var (g, n) = Terms<TOps, TVector>(column);
                plain = TOps.Add(plain, g);
                weighted = TOps.MultiplyAdd(g, n, weighted);
            }

            Plain += TOps.Sum(plain);
            Weighted += TOps.Sum(weighted);
            return column;
        }

        public readonly (TVector G, TVector N) Terms<TOps, TVector>(nint column)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            var centred = TOps.Subtract(TOps.Load(x + column), TOps.Create(mean));
            return (TOps.Multiply(TOps.Load(dy + column), TOps.Load(scale + column)), TOps.Multiply(centred, TOps.Create(inverse)));
        }
    }

    // dx = (g - mean of g - n * mean of (g * n)) / deviation.
    private readonly struct RowGradient(RowSums row, float meanG, float meanGN, float* dx, bool accumulate) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var (g, n) = row.Terms<TOps, TVector>(column);
                var d = TOps.MultiplyAdd(n, TOps.Create(-meanGN), TOps.Subtract(g, TOps.Create(meanG)));
                d = TOps.Multiply(d, TOps.Create(row.Inverse));
                TOps.Store(accumulate ? TOps.Add(TOps.Load(dx + column), d) : d, dx + column);
            }

            return column;
        }
    }
}
