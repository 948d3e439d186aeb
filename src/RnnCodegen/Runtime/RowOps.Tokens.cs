using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

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

    /// <summary>
    /// Row <c>tokens[i]</c> of the table [vocabulary, width] += row i of source, in the order of i; of all rows the columns of one of equal shares.
    /// </summary>
    public static void ScatterAdd(
        int* tokens, nint rows, float* source, nint sourceStride, float* table, nint width, int share = 0, int shares = 1)
    {
        var (first, end) = Shares.Of((int)width, share, shares);
        for (nint i = 0; i < rows; i++)
        {
            var sum = new Span<float>(table + tokens[i] * width + first, end - first);
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(source + i * sourceStride + first, end - first), sum);
        }
    }
}
