namespace SpokenDigits;

/// <summary>
/// Digits said by simulated speakers, for a run without recordings: a buzz of the voice's pitch and a hiss, each through resonances that
/// move from sound to sound as those of a mouth do. Speakers differ in pitch, length of the mouth, tempo, breath and the room's noise, and
/// each take differs a little. The same seed gives the same takes.
/// </summary>
static class Voices
{
    private const int Controls = 6;

    // Length in ms; voice and hiss from 0 to 1; the hiss' centre and the first two resonances, Hz.
    private static readonly double[][][] Digits =
    [
        [[70, 0.3, 0.5, 3500, 300, 1700], [80, 1, 0, 3000, 400, 1900], [60, 0.9, 0, 3000, 330, 1300], [150, 1, 0, 3000, 500, 850]],
        [[70, 0.8, 0, 3000, 300, 620], [130, 1, 0, 3000, 640, 1200], [100, 0.5, 0, 3000, 270, 1500]],
        [[30, 0, 0, 3000, 300, 1700], [30, 0, 0.8, 3300, 300, 1700], [170, 1, 0, 3000, 320, 950]],
        [[90, 0, 0.15, 2800, 300, 1400], [60, 0.8, 0, 3000, 330, 1150], [170, 1, 0, 3000, 290, 2250]],
        [[90, 0, 0.2, 2000, 300, 900], [140, 1, 0, 3000, 560, 850], [80, 0.8, 0, 3000, 420, 1250]],
        [[90, 0, 0.2, 2000, 300, 900], [110, 1, 0, 3000, 720, 1200], [80, 1, 0, 3000, 380, 1950], [60, 0.4, 0.1, 2000, 250, 900]],
        [[100, 0, 0.6, 3600, 300, 1700], [80, 1, 0, 3000, 400, 1950], [50, 0, 0, 3000, 300, 1900], [110, 0, 0.6, 3600, 300, 1700]],
        [[100, 0, 0.6, 3600, 300, 1700], [90, 1, 0, 3000, 550, 1800], [40, 0.5, 0.1, 2000, 250, 1000], [70, 1, 0, 3000, 480, 1500],
            [80, 0.5, 0, 3000, 270, 1500]],
        [[90, 1, 0, 3000, 500, 1850], [90, 1, 0, 3000, 330, 2200], [60, 0, 0, 3000, 300, 1800], [40, 0, 0.7, 3300, 300, 1700]],
        [[70, 0.5, 0, 3000, 270, 1500], [110, 1, 0, 3000, 720, 1250], [80, 1, 0, 3000, 380, 1950], [90, 0.5, 0, 3000, 270, 1500]],
    ];

    /// <summary>Takes of all digits by several speakers.</summary>
    public static Take[] Speak(int speakers, int takes, int seed)
    {
        var random = new Random(seed);
        var all = new List<Take>();
        for (var speaker = 0; speaker < speakers; speaker++)
        {
            var voice = new Voice(
                Pitch: Between(random, 85, 230), Mouth: Between(random, 0.85, 1.2), Tempo: Between(random, 0.8, 1.25),
                Breath: Between(random, 0.02, 0.12), Noise: Between(random, 0.01, 0.08));
            for (var digit = 0; digit < Digits.Length; digit++)
            {
                for (var number = 0; number < takes; number++)
                {
                    all.Add(new(digit, $"voice {speaker}", number, Say(Digits[digit], voice, random)));
                }
            }
        }

        return [.. all];
    }

    private static float[] Say(double[][] sounds, Voice voice, Random random)
    {
        // Each sound of the take: its end, then its other numbers, all a little off.
        var ends = new double[sounds.Length];
        var said = new double[sounds.Length][];
        for (var (s, at) = (0, 0.0); s < sounds.Length; s++)
        {
            ends[s] = at += sounds[s][0] / 1000 / voice.Tempo * Between(random, 0.7, 1.35);
            said[s] = [.. sounds[s].Select((value, kind) => value * Between(random, 0.8, 1.2) * (kind > 2 ? voice.Mouth : 1))];
        }

        var samples = new float[(int)(ends[^1] * Hearing.Rate)];
        var (first, second, third, hiss) = (new Resonance(), new Resonance(), new Resonance(), new Resonance());
        Span<double> now = stackalloc double[Controls];
        said[0].CopyTo(now);
        var (phase, pitch, fall) = (0.0, voice.Pitch * Between(random, 0.9, 1.12), Between(random, -0.1, 0.35));
        for (var n = 0; n < samples.Length; n++)
        {
            var target = said[Array.FindIndex(ends, end => (double)n / Hearing.Rate < end)];
            for (var kind = 1; kind < Controls; kind++)
            {
                now[kind] += (target[kind] - now[kind]) / (0.012 * Hearing.Rate);
            }

            phase += pitch * (1 - (fall * n / samples.Length)) / Hearing.Rate;
            phase -= Math.Floor(phase);
            var noise = random.NextDouble() - 0.5;
            var buzz = now[1] * (Math.Pow(1 - phase, 3) - 0.25 + (voice.Breath * noise));
            var sound = first.Next(buzz, now[4], 90) + (0.6 * second.Next(buzz, now[5], 120))
                + (0.25 * third.Next(buzz, Math.Max(2600 * voice.Mouth, now[5] + 400), 180))
                + (0.6 * hiss.Next(now[2] * noise, now[3], 900));
            samples[n] = (float)((0.2 * sound) + (voice.Noise * (random.NextDouble() - 0.5)));
        }

        return samples;
    }

    private static double Between(Random random, double low, double high) => Variations.Between(random, low, high);

    private sealed record Voice(double Pitch, double Mouth, double Tempo, double Breath, double Noise);

    /// <summary>A resonance of two poles whose gain at its centre is about 1.</summary>
    private sealed class Resonance
    {
        private double _last, _before;

        public double Next(double input, double centre, double width)
        {
            var radius = Math.Exp(-Math.PI * width / Hearing.Rate);
            var turn = 2 * radius * Math.Cos(2 * Math.PI * Math.Min(centre, 0.48 * Hearing.Rate) / Hearing.Rate);
            var next = ((1 - radius) * input * 2) + (turn * _last) - (radius * radius * _before);
            (_before, _last) = (_last, next);
            return next;
        }
    }
}
