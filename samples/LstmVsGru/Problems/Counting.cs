using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// Counting (Weiss, Goldberg and Yahav, 2018): a^n b^n with an end sign, one symbol a step; after each, say which symbols may follow.
/// Trained with n up to 50, and judged by the share of longer ones that are right at all their steps.
/// </summary>
internal sealed class Counting(int sequences, int longest) : Problem
{
    private const int A = 0, B = 1, End = 2, TrainedTo = 50;

    /// <summary>Name of the share of sequences that are right and as long as those that trained.</summary>
    public const string WithinTraining = "right within training's n";

    public override string Family => "counting a^n b^n";

    public override Loss Loss { get; } = new BinaryCrossEntropyLoss { IgnoreNaN = true };

    public override string Score => $"sequences right, n from {TrainedTo + 1} to {longest}";

    public override bool HigherIsBetter => true;

    public override string Beside => $"trained with n up to {TrainedTo}";

    public override string Format(double score) => score.ToString("P1", System.Globalization.CultureInfo.InvariantCulture);

    public override ProblemData Create(int seed)
    {
        var random = new Random(1000 + seed);
        return new(
            Words(Enumerable.Range(0, sequences).Select(_ => random.Next(1, TrainedTo + 1))),
            Words(Enumerable.Range(1, TrainedTo)), Words(Enumerable.Range(1, longest)));
    }

    public override (double Score, IReadOnlyList<MetricValue> More) Judge(Judged judged)
    {
        var said = judged.Predict();
        bool[] right =
            [.. Enumerable.Range(1, longest).Select(n => Enumerable.Range(0, 2 * n).All(t => IsRight(said.Row(n - 1, t), n, t)))];
        return (right.Skip(TrainedTo).Average(r => r ? 1.0 : 0), [new(WithinTraining, right.Take(TrainedTo).Average(r => r ? 1.0 : 0))]);
    }

    private static bool IsRight(ReadOnlySpan<float> scores, int n, int t) =>
        MayFollow(n, t) == (scores[A] > 0, scores[B] > 0, scores[End] > 0);

    // Step t has shown a (t < n) or b.
    private static (bool A, bool B, bool End) MayFollow(int n, int t) =>
        t < n ? (true, true, false) : (false, t < (2 * n) - 1, t == (2 * n) - 1);

    private static TrainingSet Words(IEnumerable<int> counts)
    {
        var set = TrainingSet.OfRows(Width);
        foreach (var n in counts)
        {
            var (rows, target) = (new float[2 * n * Width], new float[2 * n * Width]);
            Array.Fill(target, float.NaN);
            for (var t = 0; t < 2 * n; t++)
            {
                var (a, b, end) = MayFollow(n, t);
                rows[(t * Width) + (t < n ? A : B)] = 1;
                (target[(t * Width) + A], target[(t * Width) + B], target[(t * Width) + End]) = (a ? 1 : 0, b ? 1 : 0, end ? 1 : 0);
            }

            set.Add(rows, target);
        }

        return set;
    }
}
