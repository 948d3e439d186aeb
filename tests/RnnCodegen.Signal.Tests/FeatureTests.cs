using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Signal.Tests;

/// <summary>Each kind of features is what its library defines.</summary>
public class FeatureTests
{
    private const double Tolerance = 2e-5;

    [Fact]
    public void Librosa_mfcc_is_as_defined() =>
        RequireNear(Definitions.LibrosaMfcc(Clip(5000), 22050, 13, 512, 160, 40),
            new AudioFeatures(FeatureKinds.LibrosaMfcc(22050, 13, 512, 160, 40)).Rows(Clip(5000)));

    [Fact]
    public void Kaldi_mfcc_is_as_defined() =>
        RequireNear(Definitions.KaldiMfcc(Clip(3000), 23, 13), new AudioFeatures(FeatureKinds.KaldiMfcc()).Rows(Clip(3000)));

    [Fact]
    public void TensorFlow_mfcc_is_as_defined() =>
        RequireNear(Definitions.TensorFlowMfcc(Clip(3000), 16000, 1024, 256, 80, 80, 7600, 13),
            new AudioFeatures(FeatureKinds.TensorFlowMfcc()).Rows(Clip(3000)));

    [Fact]
    public void The_spectrum_is_a_sum_over_all_samples()
    {
        var settings = new FeatureSettings
        {
            Frames = new FrameLayout(512, 128), TransformLength = 512, Window = WindowShape.Rectangular,
            UsesMagnitude = true,
        };
        var rows = new AudioFeatures(settings).Rows(Clip(700));
        var expected = Enumerable.Range(0, 2).SelectMany(t => Definitions.Power(
            [.. Clip(700).Skip(128 * t).Take(512).Select(v => (double)v)], 512).Select(Math.Sqrt)).ToArray();
        RequireNear(expected, rows);
    }

    [Fact]
    public void A_window_shorter_than_the_frame_stands_in_its_middle()
    {
        var settings = FeatureKinds.LibrosaLogMel(16000, 512, 256, 20, windowLength: 400);
        var clip = Clip(512);
        var expected = new AudioFeatures(settings with { WindowLength = 0, Window = WindowShape.Rectangular, Frames = new(512, 512) });
        float[] windowed = [.. clip.Select((v, n) => n is >= 56 and < 456
            ? (float)(v * (0.5 - (0.5 * Math.Cos(2 * Math.PI * (n - 56) / 400)))) : 0)];
        RequireNear([.. expected.Rows(windowed).Select(v => (double)v)],
            new AudioFeatures(settings with { Frames = new(512, 512) }).Rows(clip), 1e-3);
    }

    [DataTheory("arm-kws-gru-s/golden.safetensors")]
    [InlineData("yes_1000ms")]
    [InlineData("no_1000ms")]
    [InlineData("noise_1000ms")]
    [InlineData("silence_1000ms")]
    public void A_keyword_spotter_gets_the_features_it_was_trained_with(string clip)
    {
        var features = new AudioFeatures(FeatureKinds.TensorFlowOpMfcc(frame: 640, hop: 640, coefficients: 10));
        var samples = Wav.Read(SharedData.Find($"arm-kws-gru-s/{clip}.wav")!).ToList();
        samples.AddRange(new float[Math.Max(0, 16000 - samples.Count)]);
        using var golden = SafeTensorsFile.Read(SharedData.Find("arm-kws-gru-s/golden.safetensors")!);
        RequireNear([.. golden[$"{clip}.mfcc"].Floats.ToArray().Select(v => (double)v)],
            features.Rows([.. samples.Take(16000)]), 2e-3);
    }

    [DataTheory("precise-hey-mycroft/golden.safetensors")]
    [InlineData(1, 20)]
    [InlineData(0, 24)]
    [InlineData(1, 24)]
    [InlineData(2, 24)]
    [InlineData(3, 24)]
    public void A_wake_word_gets_the_features_it_was_trained_with(int window, int frame)
    {
        // Windows of 29 frames every 1,600 samples, of the clip with a second before it and noise of 0.001 on all of it.
        const int Width = 13, Frames = 29;
        var features = new AudioFeatures(FeatureKinds.PreciseMfcc());
        var clip = Wav.Read(SharedData.Find("precise-hey-mycroft/hey_mycroft_test.wav")!);
        var row = new float[Width];
        features.Row(clip.AsSpan((1600 * window) + (800 * frame) - 16000, 1600), row);
        using var golden = SafeTensorsFile.Read(SharedData.Find("precise-hey-mycroft/golden.safetensors")!);
        var expected = golden["hey_mycroft_test.mfcc"].Floats.Slice(((window * Frames) + frame) * Width, Width).ToArray();
        Assert.InRange(expected.Zip(row, (e, r) => Math.Abs(e - r)).Max(), 0, 0.06);
    }

    [Fact]
    public void Rows_of_a_stream_are_those_of_the_clip_and_allocate_nothing()
    {
        var features = new AudioFeatures(FeatureKinds.KaldiMfcc());
        var clip = Clip(4000);
        var (stream, rows) = (features.CreateStream(), new float[features.Rows(clip).Length]);
        Stream();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Stream();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(features.Rows(clip), rows);

        void Stream()
        {
            stream.Reset();
            var first = 0;
            for (var at = 0; at < clip.Length; at += 97)
            {
                ReadOnlySpan<float> samples = clip.AsSpan(at, Math.Min(97, clip.Length - at));
                while (stream.Next(ref samples, out var frame))
                {
                    features.Row(frame, rows.AsSpan(first, features.Width));
                    first += features.Width;
                }
            }

        }
    }

    [Fact]
    public void A_spectrum_is_restored()
    {
        var spectrum = new Spectrum(512, 512, WindowShape.Rectangular);
        var clip = Clip(512);
        var (factors, restored) = (new float[257], new float[512]);
        Array.Fill(factors, 0.5f);
        spectrum.Power([.. clip.Select(v => (double)v)], new double[257]);
        spectrum.Restore(factors, restored);
        RequireNear([.. clip.Select(v => v / 2.0)], restored, 1e-6);
    }

    [Fact]
    public void Settings_that_do_not_fit_are_refused()
    {
        var settings = FeatureKinds.KaldiFilterBank();
        Assert.Contains("a power of two", Assert.Throws<ArgumentOutOfRangeException>(
            () => new AudioFeatures(settings with { TransformLength = 400 })).Message);
        Assert.Contains("bins", Refused(settings with { TransformLength = 1024 }));
        Assert.Contains("coefficients", Refused(settings with { Coefficients = 24 }));
        Assert.Contains("window", Refused(settings with { WindowLength = 401 }));
        Assert.Contains("half the sample rate", Assert.Throws<ArgumentOutOfRangeException>(
            () => MelFilters.Kaldi(8000, 256, 20, highest: 8000)).Message);
        var features = new AudioFeatures(settings);
        Assert.Contains("400", Assert.Throws<ArgumentException>(() => features.Row(new float[399], new float[23])).Message);
    }

    private static string Refused(FeatureSettings settings) =>
        Assert.Throws<ArgumentException>(() => new AudioFeatures(settings)).Message;

    private static float[] Clip(int samples)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, samples).Select(n =>
            (float)((0.4 * Math.Sin(0.11 * n)) + (0.2 * Math.Sin(0.9 * n)) + (0.1 * random.NextDouble()) - 0.03))];
    }

    private static void RequireNear(double[] expected, float[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i]));
            Assert.True(difference <= tolerance, $"{actual[i]} at {i}; expected {expected[i]}.");
        }
    }
}
