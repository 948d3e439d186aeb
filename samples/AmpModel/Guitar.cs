namespace AmpModel;

/// <summary>A plucked string (Karplus and Strong, 1983), and what is played on several. The same seed gives the same music.</summary>
static class Guitar
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 44100;

    private const double LowE = 82.41;

    /// <summary>
    /// Notes and chords by chance, loud and soft, among sweeps of a sine and bursts of noise, which hold all frequencies.
    /// </summary>
    public static float[] Improvise(double seconds, int seed)
    {
        var random = new Random(seed);
        var samples = new float[(int)(seconds * Rate)];
        for (var at = 0; at < samples.Length;)
        {
            var length = Math.Min(Rate * random.Next(15, 120) / 100, samples.Length - at);
            var level = Math.Pow(10, -1.4 * random.NextDouble());
            var part = samples.AsSpan(at, length);
            switch (random.Next(10))
            {
                case 0:
                    Sweep(part, level);
                    break;
                case 1:
                    Burst(part, level, random);
                    break;
                case < 7:
                    Pluck(samples.AsSpan(at), random.Next(36), level, random);
                    break;
                default:
                    var root = random.Next(20);
                    foreach (var interval in (ReadOnlySpan<int>)[0, 7, 12, random.Next(15, 17)])
                    {
                        Pluck(samples.AsSpan(at), root + interval, level / 2, random);
                    }

                    break;
            }

            at += length;
        }

        return Bounded(samples);
    }

    /// <summary>Eight seconds of a riff.</summary>
    public static float[] Riff()
    {
        var random = new Random(4);
        var samples = new float[8 * Rate];
        int[] roots = [0, 0, 3, 5, 0, 0, 6, 5, 0, 0, 3, 5, 3, 0, 0, 0];
        for (var beat = 0; beat < roots.Length; beat++)
        {
            var part = samples.AsSpan(beat * Rate / 2);
            Pluck(part, roots[beat], 0.5, random);
            Pluck(part, roots[beat] + 7, 0.4, random);
            Pluck(samples.AsSpan((beat * Rate / 2) + (Rate / 4)), 24 + roots[beat], 0.3, random);
        }

        return Bounded(samples);
    }

    // The first two periods are noise; then each sample is the mean of two a period before, which damps high tones more than low ones.
    private static void Pluck(Span<float> samples, int semitone, double level, Random random)
    {
        var period = (Rate / (LowE * Math.Pow(2, semitone / 12.0))) - 0.5;
        var (whole, part) = ((int)period, period % 1);
        var line = new double[Math.Min(samples.Length, 2 * Rate)];
        for (var n = 0; n < line.Length; n++)
        {
            line[n] = n < whole + 2
                ? 2 * random.NextDouble() - 1
                : 0.4985 * (((1 - part) * (line[n - whole] + line[n - whole - 1])) + (part * (line[n - whole - 1] + line[n - whole - 2])));
            var fade = Math.Min(1, (line.Length - n) / (0.05 * Rate));
            samples[n] += (float)(level * fade * line[n]);
        }
    }

    private static void Sweep(Span<float> samples, double level)
    {
        var phase = 0.0;
        for (var n = 0; n < samples.Length; n++)
        {
            phase += 40 * Math.Pow(250, (double)n / samples.Length) / Rate;
            samples[n] += (float)(level * Math.Sin(2 * Math.PI * phase));
        }
    }

    private static void Burst(Span<float> samples, double level, Random random)
    {
        foreach (ref var sample in samples[..Math.Min(samples.Length, Rate / 5)])
        {
            sample += (float)(level * (2 * random.NextDouble() - 1));
        }
    }

    private static float[] Bounded(float[] samples) => Array.ConvertAll(samples, sample => MathF.Tanh(sample));
}
