namespace Sentiment;

/// <summary>What both models say of a sentence that neither has learned from: the probability that it praises.</summary>
sealed record Judged(Sentence Sentence, float Gru, float Bag)
{
    /// <summary>How probable the GRU finds what is not so.</summary>
    public float GruError => Sentence.IsPositive ? 1 - Gru : Gru;

    /// <summary>How probable the bag of words finds what is not so.</summary>
    public float BagError => Sentence.IsPositive ? 1 - Bag : Bag;

    /// <summary>The part of the sentences that each model gets right.</summary>
    public static (double Gru, double Bag) Accuracy(IReadOnlyCollection<Judged> judged) => (
        judged.Average(one => one.Gru > 0.5f == one.Sentence.IsPositive ? 1.0 : 0),
        judged.Average(one => one.Bag > 0.5f == one.Sentence.IsPositive ? 1.0 : 0));
}
