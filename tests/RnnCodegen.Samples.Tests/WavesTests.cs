using AmpModel;
using NWaves.Audio;
using NWaves.Signals;
using Samples;
using Xunit;

namespace RnnCodegen.Samples.Tests;

/// <summary>WAV files as the samples of sound read and write them.</summary>
public sealed class WavesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("waves").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Samples_are_kept_to_sixteen_bits()
    {
        Waves.Write(PathOf("a.wav"), [0, 0.5f, -0.25f, 1.5f, -2], 16000);
        Assert.Equal([0, 0.5f, -0.25f, 1, -1], Waves.Read(PathOf("a.wav"), 16000), (a, b) => MathF.Abs(a - b) < 2e-4f);
    }

    [Fact]
    public void Files_of_another_rate_of_two_channels_and_of_something_else_are_refused_by_name()
    {
        Waves.Write(PathOf("a.wav"), [0, 0.5f], 16000);
        Refused("a.wav", "16000", () => Waves.Read(PathOf("a.wav"), 8000));
        using (var stream = File.Create(PathOf("two.wav")))
        {
            new WaveFile([new DiscreteSignal(8000, new float[4]), new DiscreteSignal(8000, new float[4])]).SaveTo(stream);
        }

        Refused("two.wav", "2 channels", () => Waves.Read(PathOf("two.wav"), 8000));
        File.WriteAllBytes(PathOf("zeros.wav"), new byte[10]);
        Refused("zeros.wav", "no WAV file", () => Waves.Read(PathOf("zeros.wav")));
        File.WriteAllBytes(PathOf("half.wav"), File.ReadAllBytes(PathOf("a.wav"))[..30]);
        Refused("half.wav", "no WAV file", () => Waves.Read(PathOf("half.wav")));
    }

    [Fact]
    public void Pairs_of_two_rates_are_refused()
    {
        Waves.Write(PathOf("dry.wav"), [0, 0.5f], 44100);
        Waves.Write(PathOf("wet.wav"), [0, 0.5f], 48000);
        Refused("wet.wav", "48000", () => Pair.Read(PathOf("dry.wav"), PathOf("wet.wav")));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static void Refused(string file, string why, Func<object> read)
    {
        var message = Assert.Throws<InvalidDataException>(read).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }
}
