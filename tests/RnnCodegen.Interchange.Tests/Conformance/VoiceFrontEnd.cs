using System.Buffers.Binary;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>What comes before the voice detector's convolutions: chunks of 512 samples become 4 spectra of 129 magnitudes.</summary>
internal static class VoiceFrontEnd
{
    public const int Spectra = 4;
    public const int Magnitudes = 129;

    /// <summary>The samples that the network reads at once: a chunk, behind the last ones of the chunk before.</summary>
    public const int FrameSize = Context + Chunk;

    private const int Chunk = 512;
    private const int Context = 64;
    private const int Window = 256;
    private const int Hop = 128;

    /// <summary>Magnitudes [4 steps, chunks, 129] of the first chunks of the recording.</summary>
    public static float[] Read(int chunks)
    {
        var samples = Samples();
        var filters = Golden.Open("silero-vad-v6/weights_from_onnx.safetensors")["stft_conv.weight"];
        var result = new float[Spectra * chunks * Magnitudes];
        for (var n = 0; n < chunks; n++)
        {
            var padded = Padded(samples, n);
            for (var t = 0; t < Spectra; t++)
            {
                var window = padded.AsSpan(t * Hop, Window);
                for (var k = 0; k < Magnitudes; k++)
                {
                    var real = Dot(window, filters.AsSpan(k * Window, Window));
                    var imaginary = Dot(window, filters.AsSpan((Magnitudes + k) * Window, Window));
                    result[(((t * chunks) + n) * Magnitudes) + k] = (float)Math.Sqrt((real * real) + (imaginary * imaginary));
                }
            }
        }

        return result;
    }

    /// <summary>Frames [chunks, 576] of the first chunks of the recording.</summary>
    public static float[] Frames(int chunks)
    {
        var samples = Samples();
        return [.. Enumerable.Range(0, chunks).SelectMany(n => Padded(samples, n)[..FrameSize])];
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++)
        {
            sum += (double)a[k] * b[k];
        }

        return sum;
    }

    /// <summary>The last samples of the chunk before, the chunk, and its mirrored end.</summary>
    private static float[] Padded(float[] samples, int chunk)
    {
        var padded = new float[Context + Chunk + Context];
        for (var k = 0; k < Context + Chunk; k++)
        {
            var index = (chunk * Chunk) - Context + k;
            padded[k] = index < 0 ? 0 : samples[index];
        }

        for (var k = 0; k < Context; k++)
        {
            padded[Context + Chunk + k] = padded[Context + Chunk - 2 - k];
        }

        return padded;
    }

    /// <summary>16-bit samples of one channel, behind a header of 44 bytes, as numbers within [-1, 1].</summary>
    private static float[] Samples()
    {
        var bytes = File.ReadAllBytes(Golden.Path("silero-vad-v6/test.wav")).AsSpan(44);
        var samples = new float[bytes.Length / 2];
        for (var k = 0; k < samples.Length; k++)
        {
            samples[k] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * k)..]) / 32768f;
        }

        return samples;
    }
}
