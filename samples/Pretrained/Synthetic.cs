using BrowserVoice;
using RnnCodegen;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using Samples;

namespace Pretrained;

/// <summary>Without data: the voice detector of samples/BrowserVoice on a synthetic clip, and its export to ONNX beside it.</summary>
static class Synthetic
{
    public static void Run(SampleRun run)
    {
        var model = VoiceDetector.Load(Path.Combine(AppContext.BaseDirectory, "voice.safetensors"));
        var file = OnnxExporter.ToBytes(DescriptionReader.Read(typeof(VoiceDetector), model.Parameters), out _);
        var signature = OnnxImporter.Read(file, "voice.onnx").Signature!;
        using var stream = model.CreateStream();
        using var peer = new OnnxPeer(file, signature, 1, VoiceDetector.InputSize, 1);

        var (samples, speaks) = Sounds.Create(run.IsShort ? 10 : 120, seed: 20_000 + run.Seed);
        var rows = Ear.CreateFeatures().Rows(samples);
        var voice = SideBySide.Compare(run, stream.Step, peer, rows, VoiceDetector.InputSize, 1);
        var right = voice.Where((p, t) => p > 0.5 == speaks[(t * Ear.Hop) + Ear.Hop]).Count() / (double)voice.Length;
        run.Score("frames told right", $"{right:P1}", bar: "> 90 %", met: right > 0.9);
        Timeline.Save(run.File("voice.png"), "Synthetic phrases, hum and beeps", samples, voice, Ear.Hop);
        Console.WriteLine($"the picture is {run.File("voice.png")}");
    }
}
