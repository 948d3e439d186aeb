using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnCodegen.Runtime;

/// <summary>
/// Lays weights out as the product kernels read them. A product is out[rows, N] = bias + A[rows, K] * B; B is kept as panels of
/// columns one after the other, each panel K rows of its width. Maps say which of a parameter's rows goes where; -1 stands for zeros.
/// </summary>
public static unsafe class PanelPacker
{
    // Floats of k done for all columns of a panel before the next: what is written between two visits stays in the first-level cache.
    private const int BlockK = 64;

    /// <summary>B's columns are rows of the parameter: panel[k, j] = source[columnMap[column of j], k].</summary>
    /// <param name="source">The parameter, [R, <paramref name="sourceColumns"/>].</param>
    /// <param name="sourceColumns">K.</param>
    /// <param name="columnMap">[N]: the row of the parameter that each column of B is, or -1.</param>
    /// <param name="panels">The widths of the panels, N in all.</param>
    /// <param name="target">K * N floats.</param>
    /// <exception cref="ArgumentException">The panels' widths do not sum to N.</exception>
    public static void PackRows(
        float* source, nint sourceColumns, ReadOnlySpan<int> columnMap, ReadOnlySpan<int> panels, float* target)
    {
        if (TensorPrimitives.Sum(panels) != columnMap.Length)
        {
            throw new ArgumentException(
                $"The panels hold {TensorPrimitives.Sum(panels)} columns, but the column map has {columnMap.Length}.", nameof(panels));
        }

        float* zeros = stackalloc float[BlockK];
        new Span<float>(zeros, BlockK).Clear();
        int first = 0;
        foreach (int width in panels)
        {
            var map = columnMap.Slice(first, width);
            for (nint k = 0; k < sourceColumns; k += BlockK)
            {
                TransposeBlock(source + k, sourceColumns, map, Math.Min(BlockK, sourceColumns - k), zeros, target + k * width);
            }

            first += width;
            target += sourceColumns * width;
        }
    }

    /// <summary>B's rows are rows of the parameter, the transposed product: panel[k, j] = source[rowMap[k], column of j].</summary>
    /// <param name="source">The parameter, [R, <paramref name="sourceColumns"/>].</param>
    /// <param name="sourceColumns">Columns of the parameter; B's columns past them are zero.</param>
    /// <param name="rowMap">[K]: the row of the parameter that each row of B is, or -1.</param>
    /// <param name="panels">The widths of the panels, N in all, at least <paramref name="sourceColumns"/>.</param>
    /// <param name="target">K * N floats.</param>
    /// <exception cref="ArgumentException">The panels hold fewer columns than the parameter has.</exception>
    public static void PackColumns(
        float* source, nint sourceColumns, ReadOnlySpan<int> rowMap, ReadOnlySpan<int> panels, float* target)
    {
        if (TensorPrimitives.Sum(panels) < sourceColumns)
        {
            throw new ArgumentException(
                $"The panels hold {TensorPrimitives.Sum(panels)} columns, but the parameter has {sourceColumns}.", nameof(panels));
        }

        nint first = 0;
        foreach (int width in panels)
        {
            int present = (int)Math.Clamp(sourceColumns - first, 0, width);
            foreach (int row in rowMap)
            {
                int copied = row < 0 ? 0 : present;
                Copy(source + row * sourceColumns + first, target, copied);
                new Span<float>(target + copied, width - copied).Clear();
                target += width;
            }

            first += width;
        }
    }

    /// <summary>target[j] = source[map[j]], or 0 where the map says -1; or adds that.</summary>
    /// <param name="source">The parameter.</param>
    /// <param name="map">The element of the parameter that each element of target is, or -1.</param>
    /// <param name="target">As many floats as the map has entries.</param>
    /// <param name="accumulate">Whether target is added to rather than overwritten.</param>
    public static void PackVector(float* source, ReadOnlySpan<int> map, float* target, bool accumulate)
    {
        for (int j = 0; j < map.Length; j++)
        {
            float value = map[j] < 0 ? 0f : source[map[j]];
            target[j] = accumulate ? target[j] + value : value;
        }
    }

    /// <summary>Row rowMap[i] of target += row i of source, where the map does not say -1.</summary>
    /// <param name="source">A gradient in the packed order, one row every <paramref name="sourceStride"/> floats.</param>
    /// <param name="sourceStride">Floats from one row of source to the next.</param>
    /// <param name="rowMap">The row of the parameter that each row of source is, or -1.</param>
    /// <param name="width">Floats a row.</param>
    /// <param name="target">The parameter's gradient, [R, <paramref name="width"/>].</param>
    /// <param name="share">Which of equal shares of the map to do.</param>
    /// <param name="shares">Number of shares.</param>
    public static void UnpackRowsAdd(
        float* source, nint sourceStride, ReadOnlySpan<int> rowMap, nint width, float* target, int share = 0, int shares = 1)
    {
        var (first, end) = Shares.Of(rowMap.Length, share, shares);
        source += first * sourceStride;
        foreach (int row in rowMap[first..end])
        {
            if (row >= 0)
            {
                Add(source, target + (row * width), width);
            }

            source += sourceStride;
        }
    }

    /// <summary>Row columnMap[j] of target += column j of source, where the map does not say -1.</summary>
    /// <param name="source">The transpose of a gradient in the packed order, [<paramref name="rows"/>, map], one row every
    /// <paramref name="sourceStride"/> floats.</param>
    /// <param name="sourceStride">Floats from one row of source to the next.</param>
    /// <param name="columnMap">The row of the parameter that each column of source is, or -1.</param>
    /// <param name="rows">Rows of source: floats of a row of target.</param>
    /// <param name="target">The parameter's gradient, [R, <paramref name="rows"/>].</param>
    /// <param name="share">Which of equal shares of the map to do.</param>
    /// <param name="shares">Number of shares.</param>
    public static void UnpackColumnsAdd(
        float* source, nint sourceStride, ReadOnlySpan<int> columnMap, nint rows, float* target, int share = 0, int shares = 1)
    {
        // Sixteen columns at a time: a cache line of each row of source, read once.
        var (first, end) = Shares.Of(columnMap.Length, share, shares);
        for (; first < end; first += 16)
        {
            var map = columnMap.Slice(first, Math.Min(16, end - first));
            nint k = 0;
            for (; k + 4 <= rows; k += 4)
            {
                float* row = source + (k * sourceStride) + first;
                int j = 0;
                for (; j + 4 <= map.Length; j += 4)
                {
                    AddSquare(row + j, sourceStride, map.Slice(j, 4), target + k, rows);
                }

                for (; j < map.Length; j++)
                {
                    AddColumn(row + j, sourceStride, map[j], target + k, rows, 4);
                }
            }

            for (int j = 0; j < map.Length; j++)
            {
                AddColumn(source + (k * sourceStride) + first + j, sourceStride, map[j], target + k, rows, rows - k);
            }
        }
    }

    /// <summary>target[map[j]] += source[j], where the map does not say -1.</summary>
    /// <param name="source">As many floats as the map has entries, in the packed order.</param>
    /// <param name="map">The element of the parameter that each element of source is, or -1.</param>
    /// <param name="target">The parameter's gradient.</param>
    /// <param name="share">Which of equal shares of the map to do.</param>
    /// <param name="shares">Number of shares.</param>
    public static void UnpackVectorAdd(float* source, ReadOnlySpan<int> map, float* target, int share = 0, int shares = 1)
    {
        var (first, end) = Shares.Of(map.Length, share, shares);
        for (int j = first; j < end; j++)
        {
            if (map[j] >= 0)
            {
                target[map[j]] += source[j];
            }
        }
    }

    /// <summary>target += source, whose order is the parameter's.</summary>
    /// <param name="source">As many floats as the parameter has.</param>
    /// <param name="length">Number of floats.</param>
    /// <param name="target">The parameter's gradient.</param>
    /// <param name="share">Which of equal shares of the floats to do.</param>
    /// <param name="shares">Number of shares.</param>
    public static void AddVector(float* source, int length, float* target, int share = 0, int shares = 1)
    {
        var (first, end) = Shares.Of(length, share, shares);
        RowOps.Add(source + first, length, target + first, length, 1, end - first);
    }

    // Short rows: what a call of the framework's checks first would take as long as the row.
    private static void Copy(float* source, float* target, nint count)
    {
        nint i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
        {
            Vector.Load(source + i).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] = source[i];
        }
    }

    private static void Add(float* source, float* target, nint count)
    {
        nint i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
        {
            (Vector.Load(target + i) + Vector.Load(source + i)).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] += source[i];
        }
    }

    // Four columns of four rows, each added to its row of the target.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSquare(float* source, nint sourceStride, ReadOnlySpan<int> map, float* target, nint targetStride)
    {
        var a = Vector128.Load(source);
        var b = Vector128.Load(source + sourceStride);
        var c = Vector128.Load(source + (2 * sourceStride));
        var d = Vector128.Load(source + (3 * sourceStride));
        FourRows.Transpose(ref a, ref b, ref c, ref d);
        AddTo(target, map[0], targetStride, a);
        AddTo(target, map[1], targetStride, b);
        AddTo(target, map[2], targetStride, c);
        AddTo(target, map[3], targetStride, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(float* target, int row, nint stride, Vector128<float> addend)
    {
        if (row >= 0)
        {
            (Vector128.Load(target + (row * stride)) + addend).Store(target + (row * stride));
        }
    }

    private static void AddColumn(float* source, nint sourceStride, int row, float* target, nint targetStride, nint count)
    {
        if (row >= 0)
        {
            for (nint k = 0; k < count; k++)
            {
                target[(row * targetStride) + k] += source[k * sourceStride];
            }
        }
    }

    // One panel's rows k .. k + count: four source rows at a time, so that each of their cache lines is read once and used whole.
    private static void TransposeBlock(float* source, nint sourceColumns, ReadOnlySpan<int> map, nint count, float* zeros, float* target)
    {
        int width = map.Length;
        int j = 0;
        for (; j + 4 <= width; j += 4)
        {
            float* a = Row(source, sourceColumns, map[j], zeros);
            float* b = Row(source, sourceColumns, map[j + 1], zeros);
            float* c = Row(source, sourceColumns, map[j + 2], zeros);
            float* d = Row(source, sourceColumns, map[j + 3], zeros);
            float* t = target + j;
            nint k = 0;
            for (; k + 4 <= count; k += 4, t += 4 * width)
            {
                var (v0, v1, v2, v3) = (Vector128.Load(a + k), Vector128.Load(b + k), Vector128.Load(c + k), Vector128.Load(d + k));
                FourRows.Transpose(ref v0, ref v1, ref v2, ref v3);
                v0.Store(t);
                v1.Store(t + width);
                v2.Store(t + (2 * width));
                v3.Store(t + (3 * width));
            }

            for (; k < count; k++, t += width)
            {
                t[0] = a[k];
                t[1] = b[k];
                t[2] = c[k];
                t[3] = d[k];
            }
        }

        for (; j < width; j++)
        {
            float* a = Row(source, sourceColumns, map[j], zeros);
            float* t = target + j;
            for (nint k = 0; k < count; k++, t += width)
            {
                *t = a[k];
            }
        }
    }

    private static float* Row(float* source, nint sourceColumns, int row, float* zeros) =>
        row < 0 ? zeros : source + row * sourceColumns;
}
