using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

public static unsafe partial class RowOps
{
    // Floats of a row summed in single precision before they join a double.
    private const int ColumnsPerSum = 1024;

    /// <summary>Each row becomes e^row / sum of e^row. A row with NaN, with +infinity, or all -infinity becomes NaN.</summary>
    public static void Softmax(float* rows, nint stride, nint count, nint width)
    {
        for (nint i = 0; i < count; i++, rows += stride)
        {
            var row = new Span<float>(rows, (int)width);
            double sum = SumOfExponentials(rows, width, TensorPrimitives.Max<float>(row), rows);
            TensorPrimitives.Multiply(row, (float)(1 / sum), row);
        }
    }

    /// <summary>Each row becomes row - log(sum of e^row). NaN as in <see cref="Softmax"/>.</summary>
    public static void LogSoftmax(float* rows, nint stride, nint count, nint width)
    {
        for (nint i = 0; i < count; i++, rows += stride)
        {
            var row = new Span<float>(rows, (int)width);
            float maximum = TensorPrimitives.Max<float>(row);
            double sum = SumOfExponentials(rows, width, maximum, null);

            // Two steps: a logarithm next to a large maximum would lose its digits if they were added first.
            TensorPrimitives.Subtract(row, maximum, row);
            TensorPrimitives.Subtract(row, (float)Math.Log(sum), row);
        }
    }

    /// <summary>Each element becomes its logistic sigmoid, as <see cref="VectorMath.Sigmoid(float)"/> gives it.</summary>
    public static void Sigmoid(float* rows, nint stride, nint count, nint width)
    {
        Flatten(stride == width, ref count, ref width);
        for (nint i = 0; i < count; i++, rows += stride)
        {
            var kernel = new SigmoidInPlace(rows);
            ColumnSweep.Run(ref kernel, width);
        }
    }

    // The sum of e^(row - maximum), whose terms go to target where there is one.
    private static double SumOfExponentials(float* row, nint width, float maximum, float* target)
    {
        double sum = 0;
        for (nint column = 0; column < width; column += ColumnsPerSum)
        {
            var kernel = new Exponentials(row + column, maximum, target == null ? null : target + column);
            ColumnSweep.Run(ref kernel, Math.Min(ColumnsPerSum, width - column));
            sum += kernel.Sum;
        }

        return sum;
    }

    private struct Exponentials(float* row, float maximum, float* target) : IColumnKernel
    {
        public float Sum { get; private set; }

        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            var sum = TOps.Create(0f);
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                var e = VectorMath.ExpOfNegative<TOps, TVector>(TOps.Subtract(TOps.Load(row + column), TOps.Create(maximum)));
                sum = TOps.Add(sum, e);
                if (target != null)
                {
                    TOps.Store(e, target + column);
                }
            }

            Sum += TOps.Sum(sum);
            return column;
        }
    }

    private readonly struct SigmoidInPlace(float* row) : IColumnKernel
    {
        public nint Sweep<TOps, TVector>(nint column, nint width)
            where TOps : struct, IVectorOps<TVector>
            where TVector : struct
        {
            for (; column + TOps.Count <= width; column += TOps.Count)
            {
                TOps.Store(VectorMath.Sigmoid<TOps, TVector>(TOps.Load(row + column)), row + column);
            }

            return column;
        }
    }
}
