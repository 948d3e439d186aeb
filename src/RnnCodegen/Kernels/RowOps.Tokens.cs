using System.Numerics.Tensors;

namespace RnnCodegen.Kernels;

public static unsafe partial class RowOps
{
    /// <summary>Row i of target = row <c>tokens[i]</c> of the table [vocabulary, width].</summary>
    public static void Gather(int* tokens, nint rows, float* table, nint width, float* target, nint targetStride)
    {
        for (nint i = 0; i < rows; i++)
        {
            Buffer.MemoryCopy(table + tokens[i] * width, target + i * targetStride, width * sizeof(float), width * sizeof(float));
        }
    }

    /// <summary>Row <c>tokens[i]</c> of the table [vocabulary, width] += row i of source, in the order of i.</summary>
    public static void ScatterAdd(int* tokens, nint rows, float* source, nint sourceStride, float* table, nint width)
    {
        for (nint i = 0; i < rows; i++)
        {
            var sum = new Span<float>(table + tokens[i] * width, (int)width);
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(source + i * sourceStride, (int)width), sum);
        }
    }
}
