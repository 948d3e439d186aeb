using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    /// <summary>y = scale * x + shift, feature by feature, for each row; scale and shift are [width], and y may be x.</summary>
    public static void Affine(float* x, nint xStride, float* scale, float* shift, float* y, nint yStride, nint rows, nint width)
    {
        var scales = new ReadOnlySpan<float>(scale, (int)width);
        var shifts = new ReadOnlySpan<float>(shift, (int)width);
        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            TensorPrimitives.MultiplyAddEstimate(new ReadOnlySpan<float>(x, (int)width), scales, shifts, new Span<float>(y, (int)width));
        }
    }

    /// <summary>The gradients of <see cref="Affine"/>.</summary>
    /// <param name="dy">Gradient of y.</param>
    /// <param name="dyStride">Floats from one row of dy to the next.</param>
    /// <param name="x">Forward's input.</param>
    /// <param name="xStride">Floats from one row of x to the next.</param>
    /// <param name="scale">[width].</param>
    /// <param name="dx">Gradient of x; may be dy.</param>
    /// <param name="dxStride">Floats from one row of dx to the next.</param>
    /// <param name="accumulate">Whether dx is added to rather than overwritten.</param>
    /// <param name="dScale">Gradient of scale, [width]; added to.</param>
    /// <param name="dShift">Gradient of shift, [width]; added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="low">Floats from a sum over rows to its low part, as in
    /// <see cref="VectorMath.AddTo(float, float*, nint)"/>; 0 for none.</param>
    public static void AffineBackward(
        float* dy,
        nint dyStride,
        float* x,
        nint xStride,
        float* scale,
        float* dx,
        nint dxStride,
        bool accumulate,
        float* dScale,
        float* dShift,
        nint rows,
        nint width,
        nint low = 0)
    {
        for (nint row = 0; row < rows; row += RowsPerSum)
        {
            var kernel = new AffineGradients(
                dy + row * dyStride,
                dyStride,
                x + row * xStride,
                xStride,
                scale,
                dx + row * dxStride,
                dxStride,
                accumulate,
                dScale,
                dShift,
                low,
                Math.Min(RowsPerSum, rows - row));
            ColumnSweep.Run(ref kernel, width);
        }
    }

    // dScale += sum of dy * x, dShift += sum of dy, dx (+)= dy * scale, over a few rows.
    private readonly struct AffineGradients(
        float* dy,
        nint dyStride,
        float* x,
        nint xStride,
        float* scale,
        float* dx,
        nint dxStride,
        bool accumulate,
        float* dScale,
        float* dShift,
        nint low,
        nint rows) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var (scaleSum, shiftSum) = (TOps.Create(0f), TOps.Create(0f));
                var factor = TOps.Load(scale + column);
                float* gradient = dy + column;
                float* input = x + column;
                float* target = dx + column;
                for (nint row = 0; row < rows; row++, gradient += dyStride, input += xStride, target += dxStride)
                {
                    var d = TOps.Load(gradient);
                    scaleSum = TOps.MultiplyAdd(d, TOps.Load(input), scaleSum);
                    shiftSum = TOps.Add(shiftSum, d);
                    TOps.Store(accumulate ? TOps.MultiplyAdd(d, factor, TOps.Load(target)) : TOps.Multiply(d, factor), target);
                }

                VectorMath.AddTo<TOps, TVector>(scaleSum, dScale + column, low);
                VectorMath.AddTo<TOps, TVector>(shiftSum, dShift + column, low);
            }

            return column;
        }
    }
}
