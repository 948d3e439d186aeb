using RnnCodegen;
using Sentiment;

namespace LstmVsGru;

/// <summary>Words as numbers without a list of them: by a hash, so that two words may share one.</summary>
internal static class WordHash
{
    /// <summary>Numbers of words.</summary>
    public const int Buckets = 4096;

    /// <summary>The words of a sentence.</summary>
    public static int[] Encode(Sentence sentence) => [.. sentence.Words.Select(word => (int)(Hash(word) % Buckets))];

    // FNV-1a: string.GetHashCode differs from process to process.
    private static uint Hash(string word) => word.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
}

/// <summary>
/// Text classification: whether a sentence is positive. Sentences are few, so each seed divides them anew: 80 % train, 10 % choose the
/// epoch, 10 % judge.
/// </summary>
internal sealed class SentenceSentiment(IReadOnlyList<Sentence> sentences, string name) : Problem
{
    public override string Family => $"sentiment of {name}";

    public override Shape Shape => Shape.Words;

    public override Loss Loss { get; } = new BinaryCrossEntropyLoss();

    public override string Score => "sentences right";

    public override bool HigherIsBetter => true;

    public override string Beside =>
        FormattableString.Invariant($"the more frequent class: {Math.Max(Positive(), 1 - Positive()):P1}");

    public override string Format(double score) => score.ToString("P1", System.Globalization.CultureInfo.InvariantCulture);

    public override Metric CreateMetric() => new Accuracy();

    public override ProblemData Create(int seed)
    {
        var random = new Random(seed);
        var all = sentences.Select(s => (Tokens: WordHash.Encode(s), s.IsPositive)).Where(s => s.Tokens.Length > 0).ToArray();
        random.Shuffle(all);
        var (training, validation) = (all.Length * 8 / 10, all.Length * 9 / 10);
        return new(Set(all[..training]), Set(all[training..validation]), Set(all[validation..]));
    }

    private double Positive() => sentences.Average(s => s.IsPositive ? 1.0 : 0);

    private static TrainingSet Set(IEnumerable<(int[] Tokens, bool IsPositive)> sentences)
    {
        var set = TrainingSet.OfTokens();
        foreach (var (tokens, isPositive) in sentences)
        {
            set.Add(tokens, new[] { isPositive ? 1f : 0f });
        }

        return set;
    }
}
