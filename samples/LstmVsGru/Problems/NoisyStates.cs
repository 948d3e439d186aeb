using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// Short dependencies under noise: a hidden state of four goes to a neighbour now and then; what is seen of it is a point on a circle with
/// much noise. Say the state at each step. The best that can be done is known: the forward algorithm of hidden Markov models.
/// </summary>
internal sealed class NoisyStates(int sequences) : Problem
{
    private const int States = 4, Steps = 60;
    private const double Stay = 0.85, Noise = 1.0;

    public override string Family => "noisy states";

    public override Loss Loss { get; } = new CrossEntropyLoss();

    public override string Score => "states right";

    public override bool HigherIsBetter => true;

    public override string Beside => FormattableString.Invariant($"the best possible, by the forward algorithm: {Best():P1}");

    public override string Format(double score) => score.ToString("P1", System.Globalization.CultureInfo.InvariantCulture);

    public override Metric CreateMetric() => new Accuracy();

    public override ProblemData Create(int seed) => new(Set(sequences, 1000 + seed), Set(256, 2), Set(512, 3));

    private static TrainingSet Set(int count, int seed)
    {
        var set = TrainingSet.OfRows(Width);
        foreach (var (rows, states) in Draw(count, seed))
        {
            set.Add(rows, states);
        }

        return set;
    }

    private static IEnumerable<(float[] Rows, int[] States)> Draw(int count, int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < count; n++)
        {
            var (rows, states) = (new float[Steps * Width], new int[Steps]);
            var state = random.Next(States);
            for (var t = 0; t < Steps; t++)
            {
                state = t == 0 || random.NextDouble() < Stay ? state : (state + (random.Next(2) == 0 ? 1 : States - 1)) % States;
                states[t] = state;
                var (x, y) = Center(state);
                rows[t * Width] = (float)(x + (Noise * Normal(random)));
                rows[(t * Width) + 1] = (float)(y + (Noise * Normal(random)));
            }

            yield return (rows, states);
        }
    }

    /// <summary>The share of states that who knows all probabilities gets right, of the samples to judge by.</summary>
    private static double Best()
    {
        long right = 0, all = 0;
        foreach (var (rows, states) in Draw(512, 3))
        {
            var belief = Enumerable.Repeat(1.0 / States, States).ToArray();
            for (var t = 0; t < Steps; t++)
            {
                var before = belief;
                belief = [.. Enumerable.Range(0, States).Select(s =>
                {
                    var prior = t == 0
                        ? before[s]
                        : (Stay * before[s]) + ((1 - Stay) / 2 * (before[(s + 1) % States] + before[(s + States - 1) % States]));
                    var (x, y) = Center(s);
                    var (dx, dy) = (rows[t * Width] - x, rows[(t * Width) + 1] - y);
                    return prior * Math.Exp(-((dx * dx) + (dy * dy)) / (2 * Noise * Noise));
                })];
                var sum = belief.Sum();
                belief = [.. belief.Select(value => value / sum)];
                right += Array.IndexOf(belief, belief.Max()) == states[t] ? 1 : 0;
                all++;
            }
        }

        return (double)right / all;
    }

    private static (double X, double Y) Center(int state) => (Math.Cos(state * Math.PI / 2), Math.Sin(state * Math.PI / 2));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
