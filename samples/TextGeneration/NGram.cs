namespace TextGeneration;

/// <summary>
/// Counts of what followed each run of up to <see cref="Longest"/> characters, interpolated by Witten and Bell's rule:
/// p(c | h) = (n(h c) + kinds(h) p(c | h')) / (n(h) + kinds(h)), where h' is h without its first character, kinds(h) is the number
/// of different characters that have followed h, and below the empty h all characters are alike.
/// </summary>
sealed class NGram
{
    /// <summary>Most characters that are looked back at.</summary>
    public const int Longest = 8;

    private readonly Dictionary<ulong, int>[] _counts = [.. Enumerable.Range(0, Longest + 1).Select(_ => new Dictionary<ulong, int>())];
    private readonly Dictionary<ulong, Context>[] _contexts =
        [.. Enumerable.Range(0, Longest + 1).Select(_ => new Dictionary<ulong, Context>())];

    /// <summary>Counts a text.</summary>
    public NGram(ReadOnlySpan<int> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            for (var length = 0; length <= Math.Min(at, Longest); length++)
            {
                var history = Key(text.Slice(at - length, length));
                var count = _counts[length].GetValueOrDefault((history << 7) | (uint)text[at]);
                var (total, kinds) = _contexts[length].GetValueOrDefault(history);
                _counts[length][(history << 7) | (uint)text[at]] = count + 1;
                _contexts[length][history] = new(total + 1, count == 0 ? kinds + 1 : kinds);
            }
        }
    }

    /// <summary>
    /// The mean of -log p over a text from its second character on, in nats, by the number of characters that are looked back at:
    /// 0 to <see cref="Longest"/>.
    /// </summary>
    public double[] Losses(ReadOnlySpan<int> text)
    {
        var losses = new double[Longest + 1];
        for (var at = 1; at < text.Length; at++)
        {
            var p = 1.0 / Alphabet.Size;
            for (var length = 0; length <= Longest; length++)
            {
                if (length <= at)
                {
                    var history = Key(text.Slice(at - length, length));
                    var (total, kinds) = _contexts[length].GetValueOrDefault(history);
                    var count = _counts[length].GetValueOrDefault((history << 7) | (uint)text[at]);
                    p = total == 0 ? p : (count + (kinds * p)) / (total + kinds);
                }

                losses[length] -= Math.Log(p) / (text.Length - 1);
            }
        }

        return losses;
    }

    // Seven bits hold an id, and 64 the longest history and the character after it.
    private static ulong Key(ReadOnlySpan<int> history)
    {
        var key = 0UL;
        foreach (var id in history)
        {
            key = (key << 7) | (uint)id;
        }

        return key;
    }

    private readonly record struct Context(int Total, int Kinds);
}
