namespace BrowserVoice;

/// <summary>
/// Synthetic sound for training and for the page's demonstration: phrases of voiced syllables (harmonics under moving formants) among
/// noise, hum and beeps. The same seed gives the same sound.
/// </summary>
static class Sounds
{
    /// <summary>A clip, and for each of its samples whether somebody speaks.</summary>
    public static (float[] Samples, bool[] Speaks) Create(double seconds, int seed)
    {
        var random = new Random(seed);
        var samples = new float[(int)(seconds * Ear.Rate)];
        var speaks = new bool[samples.Length];
        AddBackground(samples, random);
        var at = (int)(Ear.Rate * (0.3 + 0.7 * random.NextDouble()));
        while (at < samples.Length)
        {
            var length = Math.Min((int)(Ear.Rate * (0.6 + 1.2 * random.NextDouble())), samples.Length - at);
            if (random.Next(3) > 0)
            {
                AddPhrase(samples.AsSpan(at, length), random);
                speaks.AsSpan(at, length).Fill(true);
            }
            else
            {
                AddBeep(samples.AsSpan(at, length), random);
            }

            at += length + (int)(Ear.Rate * (0.5 + random.NextDouble()));
        }

        return (samples, speaks);
    }

    private static void AddPhrase(Span<float> samples, Random random)
    {
        var level = 0.05 + 0.25 * random.NextDouble();
        double pitch = 90 + 140 * random.NextDouble(), rate = 3 + 3 * random.NextDouble(), phase = 0;
        double first = 500, second = 1500;
        for (var n = 0; n < samples.Length; n++)
        {
            var t = (double)n / Ear.Rate;
            if (n % (int)(Ear.Rate / rate) == 0)
            {
                (first, second) = (300 + 500 * random.NextDouble(), 900 + 1400 * random.NextDouble());
            }

            var f = pitch * (1 + 0.1 * Math.Sin(2 * Math.PI * 0.7 * t) - 0.1 * n / samples.Length);
            phase += f / Ear.Rate;
            var sum = 0.0;
            for (var h = 1; h * f < 3800; h++)
            {
                var envelope = 1 / (1 + Math.Pow((h * f - first) / 120, 2)) + 0.5 / (1 + Math.Pow((h * f - second) / 180, 2));
                sum += envelope * Math.Sin(2 * Math.PI * h * phase);
            }

            var syllable = Math.Pow(Math.Sin(Math.PI * rate * t), 2);
            samples[n] += (float)(level * (0.15 + syllable) * sum);
        }
    }

    private static void AddBeep(Span<float> samples, Random random)
    {
        double level = 0.02 + 0.1 * random.NextDouble(), frequency = 300 + 2500 * random.NextDouble();
        for (var n = 0; n < samples.Length; n++)
        {
            samples[n] += (float)(level * Math.Sin(2 * Math.PI * frequency * n / Ear.Rate));
        }
    }

    private static void AddBackground(Span<float> samples, Random random)
    {
        double noise = 0.002 + 0.02 * random.NextDouble(), hum = 0.02 * random.NextDouble(), color = 0.9 * random.NextDouble(), last = 0;
        for (var n = 0; n < samples.Length; n++)
        {
            last = color * last + (random.NextDouble() - 0.5);
            samples[n] = (float)(noise * last + hum * Math.Sin(2 * Math.PI * 50 * n / Ear.Rate));
        }
    }
}
