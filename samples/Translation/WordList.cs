namespace Translation;

/// <summary>The words of one language in the pairs to learn from, the most frequent first.</summary>
sealed class WordList
{
    /// <summary>Id of every word that is not in the list.</summary>
    public const int Unknown = 0;

    /// <summary>Id of a sentence's end.</summary>
    public const int End = 1;

    private const string UnknownWord = "<unknown>";

    private readonly string[] _words;
    private readonly Dictionary<string, int> _ids;

    /// <summary>The words of sentences.</summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="size">Ids at most, those of the unknown word and of the end included.</param>
    /// <param name="least">How often a word occurs at least; others are unknown, so that it is learned what to make of such.</param>
    public WordList(IEnumerable<string[]> sentences, int size, int least)
    {
        _words =
        [
            UnknownWord, "", .. sentences.SelectMany(words => words).CountBy(word => word).Where(pair => pair.Value >= least)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(size - 2)
                .Select(pair => pair.Key),
        ];
        _ids = Enumerable.Range(2, _words.Length - 2).ToDictionary(id => _words[id]);
    }

    /// <summary>Ids of words.</summary>
    public int[] Encode(IEnumerable<string> words) => [.. words.Select(word => _ids.GetValueOrDefault(word, Unknown))];

    /// <summary>Words of ids.</summary>
    public string[] Decode(IEnumerable<int> ids) => [.. ids.Select(id => id < _words.Length ? _words[id] : UnknownWord)];
}
