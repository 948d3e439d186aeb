namespace SpokenDigits;

/// <summary>What might as well have been recorded: takes for training said faster or slower, later, in more noise.</summary>
static class Variations
{
    /// <summary>A sound in another tempo, after a pause, and in noise.</summary>
    public static float[] Of(ReadOnlySpan<float> samples, Random random)
    {
        var speed = Between(random, 0.8, 1.25);
        var before = random.Next(Hearing.Rate / 20);
        var after = random.Next(Hearing.Rate / 20);
        var varied = new float[before + (int)((samples.Length - 1) / speed) + after];
        for (var n = 0; n < varied.Length - before - after; n++)
        {
            var (whole, part) = ((int)(n * speed), (float)(n * speed % 1));
            varied[before + n] = samples[whole] + (part * (samples[whole + 1] - samples[whole]));
        }

        AddNoise(varied, Hearing.Root(samples) * (float)Math.Pow(10, -Between(random, 15, 45) / 20), random);
        return varied;
    }

    /// <summary>Adds white noise.</summary>
    public static void AddNoise(Span<float> samples, float root, Random random)
    {
        foreach (ref var sample in samples)
        {
            sample += root * MathF.Sqrt(12) * (random.NextSingle() - 0.5f);
        }
    }

    /// <summary>A number by chance.</summary>
    public static double Between(Random random, double low, double high) => low + ((high - low) * random.NextDouble());
}
