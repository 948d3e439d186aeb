namespace RnnCodegen.Tool.Inspection;

/// <summary>Lays rows of cells out in columns, two spaces apart; the last column is as long as it is.</summary>
internal static class Table
{
    /// <summary>The lines.</summary>
    /// <param name="rows">Rows of equally many cells.</param>
    /// <param name="right">Columns whose cells are aligned to the right.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows, params int[] right)
    {
        var widths = Enumerable.Range(0, rows.Count == 0 ? 0 : rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToList();
        return rows.Select(r => ("  " + string.Join("  ", r.Select((cell, c) => right.Contains(c) ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c])))).TrimEnd());
    }
}
