namespace RnnCodegen.Tests.Training;

/// <summary>Samples that a linear model can learn.</summary>
internal static class LinearData
{
    /// <summary>Random rows of two features and 2 x0 - x1 + 0.5, of the given lengths.</summary>
    public static (float[] X, float[] Y)[] Samples(int[] steps, Random random) => [.. steps.Select(t =>
    {
        float[] x = [.. Enumerable.Range(0, 2 * t).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        return (x, Enumerable.Range(0, t).Select(i => (2 * x[2 * i]) - x[(2 * i) + 1] + 0.5f).ToArray());
    })];

    public static TrainingSet Set((float[] X, float[] Y)[] samples)
    {
        var set = TrainingSet.OfRows(2);
        foreach (var (x, y) in samples)
        {
            set.Add(x, y);
        }

        return set;
    }
}

/// <summary>Progress that is told at once, on the caller's thread.</summary>
internal sealed class Reports(Action<TrainingProgress>? then = null) : List<TrainingProgress>, IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        Add(value);
        then?.Invoke(value);
    }
}
