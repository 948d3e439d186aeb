namespace SpokenDigits;

/// <summary>Dynamic time warping: how far two clips are from each other where one may be said faster than the other.</summary>
static class TimeWarp
{
    private const int Step = 2;

    /// <summary>The mean distance of rows that belong together, every second row of each clip.</summary>
    /// <param name="first">Rows of one clip [T, Bands].</param>
    /// <param name="second">Rows of the other.</param>
    public static double Distance(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var (height, width) = (Count(first), Count(second));
        Span<double> costs = new double[width + 1];
        costs[1..].Fill(double.PositiveInfinity);
        for (var i = 0; i < height; i++)
        {
            // The cost above and left of the one in work.
            var diagonal = costs[0];
            costs[0] = double.PositiveInfinity;
            for (var j = 1; j <= width; j++)
            {
                var best = Math.Min(diagonal, Math.Min(costs[j], costs[j - 1]));
                diagonal = costs[j];
                costs[j] = best + Apart(Row(first, i), Row(second, j - 1));
            }
        }

        return costs[width] / (height + width);
    }

    private static int Count(ReadOnlySpan<float> rows) => ((rows.Length / Hearing.Bands) + Step - 1) / Step;

    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> rows, int index) =>
        rows.Slice(index * Step * Hearing.Bands, Hearing.Bands);

    private static float Apart(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var sum = 0f;
        for (var k = 0; k < first.Length; k++)
        {
            sum += (first[k] - second[k]) * (first[k] - second[k]);
        }

        return MathF.Sqrt(sum);
    }
}
