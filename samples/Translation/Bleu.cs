namespace Translation;

/// <summary>
/// BLEU of a corpus (Papineni et al., 2002), without smoothing: the geometric mean of the parts of the candidates' runs of one to four
/// words that occur in a reference, times exp(1 - r / c) where the candidates' c words are fewer than the r of the references.
/// </summary>
static class Bleu
{
    private const int Longest = 4;

    /// <summary>The value, from 0 to 1.</summary>
    /// <param name="candidates">A translation of each sentence.</param>
    /// <param name="references">
    /// The right ones of each sentence, at least one. A run of words counts no more often than it occurs in one of them; the one closest
    /// in length, of equals the shorter, counts for r.
    /// </param>
    public static double OfCorpus(IReadOnlyList<string[]> candidates, IReadOnlyList<IReadOnlyList<string[]>> references)
    {
        var (right, all) = (new long[Longest], new long[Longest]);
        var (length, wanted) = (0L, 0L);
        foreach (var (candidate, those) in candidates.Zip(references))
        {
            length += candidate.Length;
            wanted += those.Select(words => words.Length).OrderBy(n => Math.Abs(n - candidate.Length)).ThenBy(n => n).First();
            for (var n = 1; n <= Longest; n++)
            {
                var counts = those.Select(words => Runs(words, n)).ToArray();
                foreach (var (run, count) in Runs(candidate, n))
                {
                    all[n - 1] += count;
                    right[n - 1] += Math.Min(count, counts.Max(one => one.GetValueOrDefault(run)));
                }
            }
        }

        return right.Contains(0)
            ? 0
            : Math.Exp(Math.Min(0, 1 - ((double)wanted / length)) + right.Zip(all, (r, a) => Math.Log((double)r / a)).Average());
    }

    private static Dictionary<string, int> Runs(string[] words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).Select(at => string.Join(' ', words[at..(at + n)]))
            .CountBy(run => run).ToDictionary();
}
