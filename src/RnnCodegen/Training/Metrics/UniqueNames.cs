namespace RnnCodegen;

/// <summary>Names that differ, for columns and displays.</summary>
internal static class UniqueNames
{
    /// <summary>The names, with a number behind those that came before or are taken: <c>accuracy</c>, <c>accuracy (2)</c>.</summary>
    /// <param name="names">The names, of which some may be equal.</param>
    /// <param name="taken">Names of others.</param>
    public static string[] Of(ReadOnlySpan<string> names, params ReadOnlySpan<string> taken)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in taken)
        {
            used.Add(name);
        }

        // A name that is one's own goes before one that is made.
        var own = new HashSet<string>(names.ToArray(), StringComparer.Ordinal);
        var unique = new string[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            unique[i] = names[i];
            for (var n = 2; (n > 2 && own.Contains(unique[i])) || !used.Add(unique[i]); n++)
            {
                unique[i] = $"{names[i]} ({n})";
            }
        }

        return unique;
    }
}
