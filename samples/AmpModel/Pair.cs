using NWaves.Audio;
using NWaves.Signals;

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
    /// <exception cref="InvalidDataException">Their rates differ.</exception>
    public static Pair Read(string dryPath, string wetPath)
    {
        var (dry, rate) = ReadWave(dryPath);
        var (wet, wetRate) = ReadWave(wetPath);
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

    /// <summary>A WAV file's samples, those of its first channel, and how many there are a second.</summary>
    public static (float[] Samples, int Rate) ReadWave(string path)
    {
        using var stream = File.OpenRead(path);
        var wave = new WaveFile(stream);
        return (wave.Signals[0].Samples, wave.WaveFmt.SamplingRate);
    }

    /// <summary>Writes a WAV file of 16 bits; what is louder than it can hold is cut.</summary>
    public static void WriteWave(string path, float[] samples, int rate)
    {
        using var stream = File.Create(path);
        new WaveFile(new DiscreteSignal(rate, Array.ConvertAll(samples, sample => Math.Clamp(sample, -1, 0.9999f)))).SaveTo(stream);
    }
}
