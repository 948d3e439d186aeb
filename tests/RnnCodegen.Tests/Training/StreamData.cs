namespace RnnCodegen.Tests.Training;

/// <summary>Sequences for <see cref="LeakyModel"/>.</summary>
internal static class StreamData
{
    /// <summary>Random inputs of the given lengths; targets of a model with other parameters.</summary>
    public static TrainingSet Set(int seed, params ReadOnlySpan<int> lengths)
    {
        var random = new Random(seed);
        var set = TrainingSet.OfRows(1);
        foreach (var length in lengths)
        {
            var (x, y) = Sequence(random, length);
            set.Add(x, y);
        }

        return set;
    }

    public static (float[] X, float[] Y) Sequence(Random random, int length)
    {
        var (x, y, h) = (new float[length], new float[length], 0.0);
        for (var t = 0; t < length; t++)
        {
            x[t] = (float)((random.NextDouble() * 2) - 1);
            h = (0.8 * h) + (0.6 * x[t]);
            y[t] = (float)(0.9 * h);
        }

        return (x, y);
    }
}
