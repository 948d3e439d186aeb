using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber, 1997): numbers from 0 to 1 of which two are marked, one in each half of the sequence;
/// the answer at the end is their sum. Who always says 1 has a mean squared error of 1/6.
/// </summary>
internal sealed class Adding(int steps, int sequences) : Problem
{
    public override string Family => "adding, steps";

    public override int? Size => steps;

    public override Loss Loss { get; } = new MeanSquaredErrorLoss { Window = LossWindow.Last(), IgnoreNaN = true };

    public override string Score => "mean squared error";

    public override bool HigherIsBetter => false;

    public override string Beside => "always saying 1: 0.167";

    public override float? Learned => 0.005f;

    public override string Format(double score) => score.ToString("F4", System.Globalization.CultureInfo.InvariantCulture);

    public override ProblemData Create(int seed) =>
        new(Sequences(sequences, 1000 + seed), Sequences(256, 2), Sequences(512, 3));

    /// <summary>Sequences [T, F] with their sums.</summary>
    public IEnumerable<(float[] Rows, float Sum)> Draw(int count, int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < count; n++)
        {
            var rows = new float[steps * Width];
            for (var t = 0; t < steps; t++)
            {
                rows[t * Width] = random.NextSingle();
            }

            var (first, second) = (random.Next(steps / 2), random.Next(steps / 2, steps));
            rows[(first * Width) + 1] = 1;
            rows[(second * Width) + 1] = 1;
            yield return (rows, rows[first * Width] + rows[second * Width]);
        }
    }

    private TrainingSet Sequences(int count, int seed)
    {
        var set = TrainingSet.OfRows(Width);
        foreach (var (rows, sum) in Draw(count, seed))
        {
            var target = new float[steps * Width];
            Array.Fill(target, float.NaN);
            target[(steps - 1) * Width] = sum;
            set.Add(rows, target);
        }

        return set;
    }
}
