using RnnCodegen.Signal;

namespace SpokenDigits;

/// <summary>What the models hear of a sound: rows of log-mel energies, 100 a second, each band around 0 over the sound.</summary>
static class Hearing
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 8000;

    /// <summary>Numbers a row.</summary>
    public const int Bands = 32;

    // A whisper at the level to which clips are brought is near the offset: differences of silences say nothing.
    private static readonly FeatureSettings Settings =
        FeatureKinds.TensorFlowLogMel(Rate, frame: 256, hop: 80, bands: Bands, lowest: 80, highest: 3800) with { LogOffset = 0.05 };

    /// <summary>The rows of a sound [T, Bands].</summary>
    public static float[] Rows(ReadOnlySpan<float> samples)
    {
        var level = 0.1f / (Root(samples) + 1e-5f);
        var scaled = new float[samples.Length];
        for (var n = 0; n < samples.Length; n++)
        {
            scaled[n] = level * samples[n];
        }

        var rows = new AudioFeatures(Settings).Rows(scaled);
        for (var band = 0; band < Bands; band++)
        {
            var mean = 0f;
            for (var at = band; at < rows.Length; at += Bands)
            {
                mean += rows[at] * Bands / rows.Length;
            }

            for (var at = band; at < rows.Length; at += Bands)
            {
                rows[at] -= mean;
            }
        }

        return rows;
    }

    /// <summary>The root of the mean square of a sound's samples.</summary>
    public static float Root(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples)
        {
            sum += sample * sample;
        }

        return (float)Math.Sqrt(sum / Math.Max(1, samples.Length));
    }
}
