using RnnCodegen;

namespace LstmVsGru;

/// <summary>
/// The task: the first step shows one of four symbols; after it come distracting ones, marked as such, and the answer is the first.
/// </summary>
public static class Recall
{
    public const int Symbols = 4;

    /// <summary>Samples of 6 to 12 steps.</summary>
    public static TrainingSet Create(int samples, int seed)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(Symbols + 1);
        for (var n = 0; n < samples; n++)
        {
            var steps = random.Next(6, 13);
            var rows = new float[steps * (Symbols + 1)];
            var first = random.Next(Symbols);
            for (var t = 0; t < steps; t++)
            {
                rows[(t * (Symbols + 1)) + (t == 0 ? first : random.Next(Symbols))] = 1;
                rows[(t * (Symbols + 1)) + Symbols] = t == 0 ? 1 : 0;
            }

            set.Add(rows, new[] { first });
        }

        return set;
    }
}
