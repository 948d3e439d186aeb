using RnnCodegen;

namespace Sentiment;

/// <summary>Both models of a fold, and what they say of sentences that they have not learned from.</summary>
sealed record FoldResult(Fold Fold, GruReader Gru, BagOfWords Bag)
{
    /// <summary>The test sentences.</summary>
    public Judged[] Test { get; } = Judge(Fold, Gru, Bag, Fold.Test);

    /// <summary>The validation sentences.</summary>
    public Judged[] Validation { get; } = Judge(Fold, Gru, Bag, Fold.Validation);

    /// <summary>Fits both models.</summary>
    public static FoldResult Of(Fold fold, int epochs, IProgress<TrainingProgress>? progress = null) =>
        new(fold, Learning.Gru(fold, epochs, progress), Learning.Bag(fold, epochs));

    /// <summary>The GRU's probability after each word of a sentence, as if it ended there.</summary>
    public float[] WordByWord(string[] words)
    {
        var prefixes = TrainingSet.OfTokens();
        for (var length = 1; length <= words.Length; length++)
        {
            prefixes.AddInput(Fold.Words.Encode(words.AsSpan(0, length)));
        }

        return Gru.Predict(prefixes).Values.ToArray();
    }

    private static Judged[] Judge(Fold fold, GruReader gru, BagOfWords bag, Sentence[] sentences)
    {
        var byGru = gru.Predict(fold.Words.Sequences(sentences)).Values.ToArray();
        var byBag = bag.Predict(fold.Words.Bags(sentences)).Values.ToArray();
        return [.. sentences.Select((sentence, index) => new Judged(sentence, byGru[index], byBag[index]))];
    }
}
