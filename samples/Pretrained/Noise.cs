using NWaves.Transforms;
using Pretrained.Models;
using RnnCodegen;
using RnnCodegen.Interchange.Onnx;
using Samples;

namespace Pretrained;

/// <summary>The first stage of DTLN: a mask for each spectrum of a noisy recording, of which less noise is left.</summary>
static class Noise
{
    private const int Frame = 512;
    private const int Hop = 128;
    private const int Bins = (Frame / 2) + 1;

    public static void Run(SampleRun run, string folder)
    {
        var file = Path.Combine(folder, "model_1.onnx");
        var description = OnnxImporter.Read(file);
        description.SaveWeights(run.File("dtln.safetensors"));
        var model = DtlnMask.Load(run.File("dtln.safetensors"));
        using var stream = model.CreateStream();
        using var peer = new OnnxPeer(File.ReadAllBytes(file), description.Signature!, 1, Bins, Bins);

        // The voice detector's recording beside this folder; else synthetic phrases.
        var recording = Path.Combine(folder, "..", "silero-vad-v6", "test.wav");
        var clean = File.Exists(recording) ? Waves.Read(recording, Sound.Rate) : BrowserVoice.Sounds.Create(seconds: 30, run.Seed).Samples;
        var noisy = AddNoise(clean, run.Seed);
        var spectra = new Spectra(noisy);
        var masks = SideBySide.Compare(run, stream.Step, peer, spectra.Magnitudes, Bins, Bins);
        var quiet = spectra.Masked(masks);
        Waves.Write(run.File("noisy.wav"), noisy, Sound.Rate);
        Waves.Write(run.File("quiet.wav"), quiet, Sound.Rate);
        var (before, after) = (Ratio(clean, noisy), Ratio(clean, quiet));
        run.Score("voice over what is not of it, white noise added", $"{after:F1} dB", $"before: {before:F1} dB", "more", after > before);
        Console.WriteLine($"listen to {run.File("noisy.wav")} and {run.File("quiet.wav")}");
    }

    /// <summary>White noise, a third as strong as the sound.</summary>
    private static float[] AddNoise(float[] clean, int seed)
    {
        var random = new Random(seed);
        var level = Math.Sqrt(clean.Average(x => (double)x * x)) / 3 * Math.Sqrt(3);
        return [.. clean.Select(x => (float)(x + (level * ((2 * random.NextDouble()) - 1))))];
    }

    /// <summary>Power of the clean sound, at the scale that fits best, over that of all else, in decibels.</summary>
    private static double Ratio(float[] clean, float[] sound)
    {
        var scale = clean.Zip(sound, (a, b) => (double)a * b).Sum() / clean.Sum(a => (double)a * a);
        var rest = clean.Zip(sound, (a, b) => b - (scale * a)).Sum(e => e * e);
        return 10 * Math.Log10(scale * scale * clean.Sum(a => (double)a * a) / rest);
    }

    /// <summary>The spectra of frames without a window, and the sound that masked ones add up to.</summary>
    private sealed class Spectra
    {
        private readonly RealFft _transform = new(Frame);
        private readonly float[] _real;
        private readonly float[] _imaginary;
        private readonly int _samples;

        public Spectra(float[] samples)
        {
            _samples = samples.Length;
            var frames = ((samples.Length - Frame) / Hop) + 1;
            (_real, _imaginary, Magnitudes) = (new float[frames * Bins], new float[frames * Bins], new float[frames * Bins]);
            var (frame, re, im) = (new float[Frame], new float[Frame], new float[Frame]);
            for (var n = 0; n < frames; n++)
            {
                samples.AsSpan(n * Hop, Frame).CopyTo(frame);
                _transform.Direct(frame, re, im);
                for (var k = 0; k < Bins; k++)
                {
                    (_real[(n * Bins) + k], _imaginary[(n * Bins) + k]) = (re[k], im[k]);
                    Magnitudes[(n * Bins) + k] = MathF.Sqrt((re[k] * re[k]) + (im[k] * im[k]));
                }
            }
        }

        /// <summary>Magnitudes, frame after frame.</summary>
        public float[] Magnitudes { get; }

        public float[] Masked(float[] masks)
        {
            var sound = new float[_samples];
            var (frame, re, im) = (new float[Frame], new float[Frame], new float[Frame]);
            for (var n = 0; n < masks.Length / Bins; n++)
            {
                for (var k = 0; k < Bins; k++)
                {
                    var i = (n * Bins) + k;
                    (re[k], im[k]) = (_real[i] * masks[i], _imaginary[i] * masks[i]);
                }

                _transform.InverseNorm(re, im, frame);
                for (var i = 0; i < Frame; i++)
                {
                    // Four frames overlap.
                    sound[(n * Hop) + i] += frame[i] / (Frame / Hop);
                }
            }

            return sound;
        }
    }
}
