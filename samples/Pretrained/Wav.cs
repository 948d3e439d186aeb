using System.Buffers.Binary;

namespace Pretrained;

/// <summary>Sound of 16 kHz, one channel and 16 bits behind a header of 44 bytes, as numbers within [-1, 1].</summary>
static class Wav
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 16000;

    private const int Header = 44;

    public static float[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < Header || BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(22)) != 1
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)) != Rate)
        {
            throw new InvalidDataException($"'{path}' is no sound of one channel and {Rate} Hz.");
        }

        var samples = new float[(bytes.Length - Header) / 2];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(Header + (2 * i))) / 32768f;
        }

        return samples;
    }

    public static void Write(string path, ReadOnlySpan<float> samples)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("RIFF"u8);
        writer.Write((2 * samples.Length) + Header - 8);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(Rate);
        writer.Write(2 * Rate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples.Length);
        foreach (var sample in samples)
        {
            writer.Write((short)Math.Clamp(MathF.Round(sample * 32768), short.MinValue, short.MaxValue));
        }
    }
}
