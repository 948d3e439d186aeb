using RnnCodegen;

namespace Sentiment;

/// <summary>The words that occur at least twice in the sentences to learn from, the most frequent first; all others are unknown.</summary>
sealed class WordList
{
    /// <summary>Words at most, the unknown one included.</summary>
    public const int Size = 1500;

    /// <summary>Id of every word that is not in the list.</summary>
    public const int Unknown = 0;

    private readonly Dictionary<string, int> _ids;

    /// <summary>The words of some sentences.</summary>
    public WordList(IEnumerable<Sentence> sentences) => _ids = sentences.SelectMany(sentence => sentence.Words)
        .CountBy(word => word).Where(pair => pair.Value > 1)
        .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(Size - 1)
        .Select((pair, index) => (pair.Key, Id: index + 1)).ToDictionary(pair => pair.Key, pair => pair.Id);

    /// <summary>Ids of words, at least one.</summary>
    public int[] Encode(ReadOnlySpan<string> words)
    {
        var ids = new int[Math.Max(1, words.Length)];
        for (var at = 0; at < words.Length; at++)
        {
            ids[at] = _ids.GetValueOrDefault(words[at], Unknown);
        }

        return ids;
    }

    /// <summary>Which words occur, 1 or 0 each: all that a bag of words knows of a sentence.</summary>
    public float[] Bag(ReadOnlySpan<string> words)
    {
        var row = new float[Size];
        foreach (var id in Encode(words))
        {
            row[id] = 1;
        }

        return row;
    }

    /// <summary>Sentences as bags, with 1 as the target of those that praise.</summary>
    public TrainingSet Bags(IEnumerable<Sentence> sentences)
    {
        var set = TrainingSet.OfRows(Size);
        foreach (var sentence in sentences)
        {
            set.Add(Bag(sentence.Words), Target(sentence));
        }

        return set;
    }

    /// <summary>Sentences as ids in order, with 1 as the target of those that praise.</summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="wordDropout">Keeps the ids, and can hide some of them; nothing where null.</param>
    public TrainingSet Sequences(IEnumerable<Sentence> sentences, WordDropout? wordDropout = null)
    {
        var set = TrainingSet.OfTokens();
        foreach (var sentence in sentences)
        {
            var ids = Encode(sentence.Words);
            wordDropout?.Add(ids);
            set.Add(ids, Target(sentence));
        }

        return set;
    }

    private static float[] Target(Sentence sentence) => [sentence.IsPositive ? 1 : 0];
}
