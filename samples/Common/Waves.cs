using NWaves.Audio;
using NWaves.Signals;

namespace Samples;

/// <summary>WAV files of one channel.</summary>
public static class Waves
{
    /// <summary>Reads a file's samples, within [-1, 1], and how many there are a second.</summary>
    /// <exception cref="InvalidDataException">It is no WAV file, or has several channels; the message says which file.</exception>
    public static (float[] Samples, int Rate) Read(string path)
    {
        WaveFile wave;
        try
        {
            using var stream = File.OpenRead(path);
            wave = new WaveFile(stream);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' is no WAV file that can be read: {exception.Message}", exception);
        }

        return wave.Signals.Count == 1
            ? (wave.Signals[0].Samples, wave.WaveFmt.SamplingRate)
            : throw new InvalidDataException($"'{path}' has {wave.Signals.Count} channels; make it one.");
    }

    /// <summary>The same of a file that must have so many samples a second.</summary>
    /// <exception cref="InvalidDataException">It has another rate, or cannot be read.</exception>
    public static float[] Read(string path, int rate)
    {
        var (samples, own) = Read(path);
        return own == rate ? samples : throw new InvalidDataException($"'{path}' has {own} samples a second; expected {rate}.");
    }

    /// <summary>Writes a file of 16 bits; what is louder than it can hold is cut.</summary>
    public static void Write(string path, ReadOnlySpan<float> samples, int rate)
    {
        var cut = samples.ToArray();
        for (var i = 0; i < cut.Length; i++)
        {
            cut[i] = Math.Clamp(cut[i], -1, 0.9999f);
        }

        using var stream = File.Create(path);
        new WaveFile(new DiscreteSignal(rate, cut)).SaveTo(stream);
    }
}
