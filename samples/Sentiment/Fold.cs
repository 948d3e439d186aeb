namespace Sentiment;

/// <summary>One division of the sentences: a fifth to test with, an eighth of the others to choose by, the rest to learn from.</summary>
/// <param name="Seed">Of the models' weights and the order of training.</param>
/// <param name="Training">Learned from.</param>
/// <param name="Validation">Chosen by.</param>
/// <param name="Test">Measured on.</param>
sealed record Fold(int Seed, Sentence[] Training, Sentence[] Validation, Sentence[] Test)
{
    /// <summary>How many parts a cross-validation has.</summary>
    public const int Count = 5;

    /// <summary>The words of the training sentences.</summary>
    public WordList Words { get; } = new(Training);

    /// <summary>The folds of a cross-validation: each sentence is tested with once.</summary>
    public static IEnumerable<Fold> Of(Sentence[] sentences, int seed)
    {
        var shuffled = sentences.ToArray();
        new Random(seed).Shuffle(shuffled);
        for (var part = 0; part < Count; part++)
        {
            var rest = shuffled.Where((_, index) => index % Count != part).ToArray();
            yield return new(
                (seed * Count) + part, rest[(rest.Length / 8)..], rest[..(rest.Length / 8)],
                [.. shuffled.Where((_, index) => index % Count == part)]);
        }
    }
}
