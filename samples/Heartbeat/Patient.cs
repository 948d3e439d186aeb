namespace Heartbeat;

/// <summary>
/// A simulated patient: each wave of a beat is a Gaussian (as in McSharry et al., 2003), whose height, width and place are the patient's
/// own, as are rate, the swing of the rate with the breath, how often beats come too early, and the recording's noise. The same seed gives
/// the same patient.
/// </summary>
sealed class Patient
{
    private readonly Random _random;
    private readonly Wave[] _normal, _ventricular;
    private readonly double _interval, _swing, _jitter, _noise, _wander, _hum, _early;

    /// <summary>A patient.</summary>
    public Patient(int seed)
    {
        _random = new Random(seed);
        var (size, width) = (Between(0.6, 1.6), Between(0.85, 1.25));
        _normal =
        [
            new(Between(0.06, 0.2), -Between(0.14, 0.2), Between(0.018, 0.028)), // P
            new(-Between(0, 0.15) * size, -0.028 * width, 0.009 * width), // Q
            new(size, 0, 0.011 * width), // R
            new(-Between(0.05, 0.4) * size, 0.03 * width, 0.011 * width), // S
            new(Between(0.1, 0.45), Between(0.24, 0.3), Between(0.035, 0.055)), // T
        ];

        // Wide, without a P wave, the T wave the other way round.
        var (tall, sign) = (Between(0.7, 1.6) * size, _random.Next(3) == 0 ? -1 : 1);
        _ventricular =
        [
            new(sign * tall, 0, Between(0.026, 0.042)),
            new(-sign * Between(0.2, 0.6) * tall, Between(0.07, 0.1), Between(0.03, 0.045)),
            new(-sign * Between(0.2, 0.5) * tall, Between(0.27, 0.33), Between(0.05, 0.07)),
        ];
        (_interval, _swing, _jitter) = (Between(0.6, 1.1), Between(0, 0.08), Between(0.005, 0.025));
        (_noise, _wander, _hum, _early) = (Between(0.01, 0.08), Between(0.02, 0.3), Between(0, 0.04), Between(0.04, 0.2));
    }

    /// <summary>Records the patient.</summary>
    public Recording Record(double seconds)
    {
        var samples = new float[(int)(seconds * Recording.Rate)];
        var beats = new List<Beat>();
        var (time, pause, drift, breath) = (0.5, 1.0, 0.0, Between(3, 5));
        while (time < seconds - 0.5)
        {
            // The beat after an early one comes late, and is a normal one.
            var chance = pause > 1 || beats.Count == 0 ? 1 : _random.NextDouble() / _early;
            var kind = chance < 0.5 ? BeatKind.Atrial : chance < 1 ? BeatKind.Ventricular : BeatKind.Normal;
            drift = (0.98 * drift) + (0.01 * Normal());
            var interval = _interval * (1 + drift + (_swing * Math.Sin(2 * Math.PI * time / breath)) + (_jitter * Normal()));
            var early = kind == BeatKind.Normal ? 1 : Between(0.58, 0.8);
            time += interval * early * pause;
            pause = kind switch { BeatKind.Ventricular => 2 - early, BeatKind.Atrial => Between(1, 1.15), _ => 1 };
            if (time < seconds - 0.5)
            {
                Draw(samples, time, kind, Math.Sqrt(interval));
                beats.Add(new((int)Math.Round(time * Recording.Rate), kind));
            }
        }

        AddNoise(samples);
        return new(samples, beats);
    }

    private void Draw(float[] samples, double time, BeatKind kind, double stretch)
    {
        var waves = kind == BeatKind.Ventricular ? _ventricular : _normal;
        var size = 1 + (0.05 * Normal());
        for (var w = 0; w < waves.Length; w++)
        {
            // An atrial beat has another P wave, earlier and flatter; the T wave comes sooner where the heart is fast.
            var isOwnP = w == 0 && kind == BeatKind.Atrial;
            var centre = time + (waves[w].Place * (w == waves.Length - 1 ? stretch : 1) * (isOwnP ? 0.8 : 1));
            var height = waves[w].Height * size * (isOwnP ? Between(-0.5, 0.7) : 1);
            var first = Math.Max(0, (int)((centre - (5 * waves[w].Width)) * Recording.Rate));
            var end = Math.Min(samples.Length, (int)((centre + (5 * waves[w].Width)) * Recording.Rate));
            for (var n = first; n < end; n++)
            {
                var apart = (((double)n / Recording.Rate) - centre) / waves[w].Width;
                samples[n] += (float)(height * Math.Exp(-apart * apart / 2));
            }
        }
    }

    // White noise, now and then a muscle's, the mains' hum, and a base line that wanders with the breath.
    private void AddNoise(float[] samples)
    {
        var (muscle, start) = (0.0, Between(0, 6));
        for (var n = 0; n < samples.Length; n++)
        {
            var time = (double)n / Recording.Rate;
            muscle = n % (3 * Recording.Rate) == 0 ? (_random.Next(6) == 0 ? Between(0.05, 0.25) : 0) : muscle;
            samples[n] += (float)(((_noise + muscle) * Normal()) + (_hum * Math.Sin(2 * Math.PI * 50 * time))
                + (_wander * (Math.Sin((2 * Math.PI * 0.27 * time) + start) + (0.6 * Math.Sin(2 * Math.PI * 0.11 * time)))));
        }
    }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());

    // Close to a normal distribution of variance 1.
    private double Normal() => 2 * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5);

    /// <summary>A wave of a beat.</summary>
    /// <param name="Height">Millivolts.</param>
    /// <param name="Place">Seconds after the R wave.</param>
    /// <param name="Width">Its deviation, seconds.</param>
    private readonly record struct Wave(double Height, double Place, double Width);
}
