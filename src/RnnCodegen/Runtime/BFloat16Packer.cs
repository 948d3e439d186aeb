using System.Numerics.Tensors;

namespace RnnCodegen.Runtime;

/// <summary>
/// Rounds weights to bfloat16 and lays them out as the product kernels read them: the panels of <see cref="PanelPacker.PackRows"/>, with
/// two rows of k in one. Column j of row pair p is <c>w[2p, j] | w[2p + 1, j] &lt;&lt; 16</c>, so that a shift and a mask turn one load
/// into two vectors of floats; where K is odd, the last pair's second weight is 0.
/// </summary>
public static unsafe class BFloat16Packer
{
    /// <summary>The upper 16 bits of the float, rounded to nearest, ties to even; NaN stays NaN.</summary>
    /// <param name="value">A weight.</param>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>B's columns are rows of the parameter.</summary>
    /// <param name="source">The parameter, [R, <paramref name="sourceColumns"/>].</param>
    /// <param name="sourceColumns">K.</param>
    /// <param name="columnMap">[N]: the row of the parameter that each column of B is, or -1 for zeros.</param>
    /// <param name="panels">The widths of the panels, N in all.</param>
    /// <param name="target">(K + 1) / 2 * N pairs.</param>
    /// <exception cref="ArgumentException">The panels' widths do not sum to N.</exception>
    public static void PackRows(float* source, nint sourceColumns, ReadOnlySpan<int> columnMap, ReadOnlySpan<int> panels, uint* target)
    {
        if (TensorPrimitives.Sum(panels) != columnMap.Length)
        {
            throw new ArgumentException(
                $"The panels hold {TensorPrimitives.Sum(panels)} columns, but the column map has {columnMap.Length}.", nameof(panels));
        }

        var pairs = (sourceColumns + 1) / 2;
        int first = 0;
        foreach (int width in panels)
        {
            for (int j = 0; j < width; j++)
            {
                PackColumn(source, sourceColumns, columnMap[first + j], width, target + j);
            }

            first += width;
            target += pairs * width;
        }
    }

    private static void PackColumn(float* source, nint count, int row, nint width, uint* target)
    {
        float* w = source + (row * count);
        for (nint k = 0; k < count; k += 2, target += width)
        {
            *target = row < 0 ? 0 : Round(w[k]) | (k + 1 < count ? (uint)Round(w[k + 1]) << 16 : 0);
        }
    }
}
