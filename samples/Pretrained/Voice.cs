using Pretrained.Models;
using RnnCodegen;
using RnnCodegen.Interchange.Onnx;
using Samples;

namespace Pretrained;

/// <summary>Silero's voice detector: every 32 ms of a recording, the probability that somebody speaks.</summary>
static class Voice
{
    private const int Chunk = 512;
    private const int Context = 64;

    public static void Run(SampleRun run, string folder)
    {
        var file = Path.Combine(folder, "silero_vad_16k_op15.onnx");
        var description = OnnxImporter.Read(
            file, new OnnxImportOptions { Sizes = new Dictionary<string, int> { ["sequence"] = Context + Chunk } });
        description.SaveWeights(run.File("silero.safetensors"));
        var model = SileroVoice.Load(run.File("silero.safetensors"));
        using var stream = model.CreateStream();
        using var peer = new OnnxPeer(File.ReadAllBytes(file), description.Signature!, 1, Context + Chunk, 1);

        var samples = Waves.Read(Path.Combine(folder, "test.wav"), Sound.Rate);
        var voice = SideBySide.Compare(run, stream.Step, peer, Frames(samples), Context + Chunk, 1);
        Timeline.Save(run.File("voice.png"), "Silero's voice detector", samples, voice, Chunk);
        run.Score("of the recording somebody speaks", $"{voice.Count(p => p > 0.5) / (double)voice.Length:P1}");
        var seconds = samples.Length / (double)Sound.Rate;
        Console.WriteLine($"{seconds:F0} s of sound, {voice.Length} chunks; the picture is {run.File("voice.png")}");
    }

    /// <summary>Each chunk behind the last samples of the one before.</summary>
    private static float[] Frames(float[] samples)
    {
        var frames = new float[samples.Length / Chunk * (Context + Chunk)];
        for (var n = 0; n < samples.Length / Chunk; n++)
        {
            var before = n == 0 ? 0 : Context;
            samples.AsSpan((n * Chunk) - before, before + Chunk).CopyTo(frames.AsSpan((n * (Context + Chunk)) + Context - before));
        }

        return frames;
    }
}
