using System.Runtime.CompilerServices;

namespace RnnCodegen.Runtime;

/// <summary>
/// Rounds weights to 8 bits and lays them out for <see cref="Int8Product"/>: panels of columns one after the other, 64 wide as long as they
/// last, then one of 32, then of 8. A panel is one row for every 4 k, in which each column has its 4 weights side by side. The columns'
/// scales (floats) follow at the next 64 bytes, and after them, at the next, 128 times each column's sum of weights (32-bit integers): what
/// the zero point of the activations adds to a sum.
/// </summary>
public static unsafe class Int8Packer
{
    /// <summary>Columns come in multiples of this.</summary>
    public const int Lanes = 8;

    /// <summary>Columns of the widest panels.</summary>
    internal const int WidestPanel = 64;

    /// <summary>Columns of a panel that follows where so many are left.</summary>
    internal const int HalfPanel = 32;

    /// <summary>
    /// Rows whose largest magnitude is below this, 2^-100, count as zero: their scale's inverse would leave the range of a float.
    /// </summary>
    internal const float Smallest = VectorMath.FlushFloor;

    /// <summary>Size of a packed product in floats.</summary>
    /// <param name="k">K.</param>
    /// <param name="columns">N, a multiple of <see cref="Lanes"/>.</param>
    public static nint Length(nint k, nint columns) => OffsetsAt(k, columns) + Padded(columns);

    /// <summary>B's columns are rows of the parameter.</summary>
    /// <param name="source">The parameter, [R, <paramref name="sourceColumns"/>].</param>
    /// <param name="sourceColumns">K.</param>
    /// <param name="columnMap">[N]: the row of the parameter that each column of B is, or -1 for zeros.</param>
    /// <param name="target">As many floats as <see cref="Length"/> says.</param>
    /// <exception cref="ArgumentException">N is not a multiple of <see cref="Lanes"/>.</exception>
    public static void PackRows(float* source, nint sourceColumns, ReadOnlySpan<int> columnMap, float* target)
    {
        if (columnMap.Length % Lanes != 0)
        {
            throw new ArgumentException(
                $"The column map has {columnMap.Length} entries, which is not a multiple of {Lanes}.", nameof(columnMap));
        }

        var scales = target + ScalesAt(sourceColumns, columnMap.Length);
        var offsets = (int*)(target + OffsetsAt(sourceColumns, columnMap.Length));
        for (var j = 0; j < columnMap.Length; j++)
        {
            var (first, width) = Panel(j, columnMap.Length);
            var weights = (sbyte*)target + (4 * ((first * Groups(sourceColumns)) + j - first));
            var row = columnMap[j];
            (scales[j], offsets[j]) = row < 0
                ? PackColumn(null, 0, sourceColumns, width, weights)
                : PackColumn(source + (row * sourceColumns), sourceColumns, sourceColumns, width, weights);
        }
    }

    /// <summary>Groups of 4 k.</summary>
    internal static nint Groups(nint k) => (k + 3) / 4;

    /// <summary>First float of the scales.</summary>
    internal static nint ScalesAt(nint k, nint columns) => Padded(Groups(k) * columns);

    /// <summary>First float, or integer, of the offsets.</summary>
    internal static nint OffsetsAt(nint k, nint columns) => ScalesAt(k, columns) + Padded(columns);

    /// <summary>The panel a column is in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (nint First, nint Width) Panel(nint column, nint columns)
    {
        var first = column & -WidestPanel;
        return columns - first >= WidestPanel ? (first, WidestPanel)
            : columns - first >= HalfPanel && column < first + HalfPanel ? (first, HalfPanel)
            : (column & -Lanes, Lanes);
    }

    private static nint Padded(nint floats) => (floats + 15) / 16 * 16;

    private static (float Scale, int Offset) PackColumn(float* source, nint count, nint k, nint width, sbyte* target)
    {
        var largest = 0f;
        for (nint i = 0; i < count; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(source[i])); // NaN stays
        }

        var isUsable = float.IsFinite(largest) && largest >= Smallest;
        var inverse = isUsable ? 127.0 / largest : 0;
        var sum = 0;
        for (nint i = 0; i < Groups(k) * 4; i++)
        {
            var weight = isUsable && i < count ? (sbyte)Math.Round(source[i] * inverse, MidpointRounding.ToEven) : (sbyte)0;
            target[(i / 4 * width * 4) + (i % 4)] = weight;
            sum += weight;
        }

        return (isUsable ? largest / 127f : float.IsFinite(largest) ? 0 : float.NaN, 128 * sum);
    }
}
