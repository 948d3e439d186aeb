namespace RnnCodegen;

/// <summary>Says which known names a misspelt one may have meant.</summary>
internal static class NearestNames
{
    private const int Shown = 3;

    /// <summary>A file's names may be many and long; what is looked at of them is what a person could mean.</summary>
    private const int MaxNames = 10_000;
    private const int MaxLength = 200;

    /// <summary>A sentence that lists the nearest of the names that exist.</summary>
    public static string Describe(string name, IEnumerable<string> known)
    {
        var nearest = List(name, known);
        return nearest.Length == 0 ? "There are no names." : $"Nearest: {nearest}.";
    }

    /// <summary>The nearest of the names that exist, in quotes; empty where there are none.</summary>
    public static string List(string name, IEnumerable<string> known)
    {
        var nearest = known.Take(MaxNames).Select(Cut).OrderBy(k => Distance(Cut(name), k)).ThenBy(k => k, StringComparer.Ordinal)
            .Take(Shown);
        return string.Join(", ", nearest.Select(n => $"'{n}'"));
    }

    private static string Cut(string name) => name.Length <= MaxLength ? name : name.Substring(0, MaxLength) + "...";

    /// <summary>Levenshtein's edit distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
