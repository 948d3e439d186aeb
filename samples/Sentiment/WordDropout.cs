namespace Sentiment;

/// <summary>
/// Makes some words unknown, others in each epoch, so that no sentence is learned by one rare word. A training set keeps the memory that it
/// is given, so the ids are changed in place.
/// </summary>
/// <param name="probability">Of each word to be hidden.</param>
/// <param name="seed">Seed of the draws.</param>
sealed class WordDropout(double probability, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(int[] Ids, int[] Original)> _sentences = [];

    /// <summary>Takes a sentence's ids.</summary>
    public void Add(int[] ids) => _sentences.Add((ids, [.. ids]));

    /// <summary>Draws anew which words are hidden.</summary>
    public void Redraw()
    {
        foreach (var (ids, original) in _sentences)
        {
            for (var at = 0; at < ids.Length; at++)
            {
                ids[at] = _random.NextDouble() < probability ? WordList.Unknown : original[at];
            }
        }
    }
}
