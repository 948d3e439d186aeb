namespace RnnCodegen.Tool.Inspection;

/// <summary>Lays rows of cells out in columns, two spaces apart; the last column is as long as it is.</summary>
internal static class Table
{
    /// <summary>The lines.</summary>
    /// <param name="rows">Rows of equally many cells.</param>
    /// <param name="right">Columns whose cells are aligned to the right.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows, params int[] right)
    {
        var cells = rows.Select(r => Array.ConvertAll(r, VisibleText.Of)).ToList();
        var widths = Enumerable.Range(0, cells.Count == 0 ? 0 : cells[0].Length).Select(c => cells.Max(r => r[c].Length)).ToList();
        return cells.Select(
            r => ("  " + string.Join("  ", r.Select((cell, c) => right.Contains(c) ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]))))
                .TrimEnd());
    }
}
