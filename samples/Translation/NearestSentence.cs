namespace Translation;

/// <summary>Says the translation of the known sentence that differs in the fewest words: a translation memory, nothing learned.</summary>
sealed class NearestSentence(IReadOnlyList<Pair> known)
{
    /// <summary>The French of the nearest English, of equals the first.</summary>
    public string[] Translate(string[] english) => known.MinBy(pair => Edits(english, pair.English))!.French;

    // Words to insert, delete or replace (Levenshtein).
    private static int Edits(string[] from, string[] to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j - 1], row[j]) + 1);
            }
        }

        return row[^1];
    }
}
