using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// The copying problem: five symbols of six, then blanks, then a sign to repeat the symbols in their order. Guessing is right once in six.
/// </summary>
internal sealed class Recall(int lag, int sequences) : Problem
{
    private const int Symbols = 6, Length = 5, Blank = 6, Go = 7;

    public override string Family => "copying, lag";

    public override int? Size => lag;

    public override Loss Loss { get; } = new CrossEntropyLoss { Window = LossWindow.Last(Length) };

    public override string Score => "symbols right";

    public override bool HigherIsBetter => true;

    public override string Beside => "guessing: 16.7 %";

    public override float? Learned => 0.02f;

    public override string Format(double score) => score.ToString("P1", System.Globalization.CultureInfo.InvariantCulture);

    public override Metric CreateMetric() => new Accuracy();

    public override ProblemData Create(int seed) =>
        new(Sequences(sequences, 1000 + seed), Sequences(256, 2), Sequences(512, 3));

    private TrainingSet Sequences(int count, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(Width);
        var steps = Length + lag + Length;
        for (var n = 0; n < count; n++)
        {
            var (rows, target) = (new float[steps * Width], new int[steps]);
            for (var t = 0; t < steps; t++)
            {
                var symbol = t < Length ? random.Next(Symbols) : t == steps - Length ? Go : Blank;
                rows[(t * Width) + symbol] = 1;
                target[t] = t < steps - Length ? Blank : rows.AsSpan((t - steps + Length) * Width, Symbols).IndexOf(1f);
            }

            set.Add(rows, target);
        }

        return set;
    }
}
