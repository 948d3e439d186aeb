using Samples;

namespace AmpModel;

/// <summary>A recording before and after the amplifier, sample by sample.</summary>
/// <param name="Dry">Before.</param>
/// <param name="Wet">After.</param>
/// <param name="Rate">Samples a second.</param>
sealed record Pair(float[] Dry, float[] Wet, int Rate)
{
    /// <summary>Music through the simulated circuit.</summary>
    public static Pair Simulate(float[] dry) => new(dry, Overdrive.Play(dry, Guitar.Rate), Guitar.Rate);

    /// <summary>Two WAV files of one performance, which begin at the same time.</summary>
    /// <exception cref="InvalidDataException">Their rates differ, or one cannot be read.</exception>
    public static Pair Read(string dryPath, string wetPath)
    {
        var (dry, rate) = Waves.Read(dryPath);
        var (wet, wetRate) = Waves.Read(wetPath);
        var length = Math.Min(dry.Length, wet.Length);
        return rate == wetRate
            ? new(dry[..length], wet[..length], rate)
            : throw new InvalidDataException($"{dryPath} has {rate} samples a second, {wetPath} {wetRate}.");
    }

    /// <summary>The part between two moments, from 0 to 1.</summary>
    public Pair Part(double from, double to)
    {
        var range = (int)(from * Dry.Length)..(int)(to * Dry.Length);
        return new(Dry[range], Wet[range], Rate);
    }
}
