using Pretrained.Models;
using RnnCodegen;
using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Signal;
using Samples;

namespace Pretrained;

/// <summary>Mycroft Precise's wake word: every 50 ms the probability that the last 1.5 s were "hey mycroft".</summary>
static class WakeWord
{
    private const int Steps = 29;

    public static void Run(SampleRun run, string folder)
    {
        var description = KerasImporter.Import(Path.Combine(folder, "hey-mycroft.net"));
        description.SaveWeights(run.File("hey-mycroft.safetensors"));
        var model = HeyMycroft.Load(run.File("hey-mycroft.safetensors"));

        // The published file is Keras'; ONNX Runtime gets what the exporter makes of it.
        var file = OnnxExporter.ToBytes(description, out _, new OnnxExportOptions { States = false });
        var signature = OnnxImporter.Read(file, "hey-mycroft.onnx").Signature!;
        using var peer = new OnnxPeer(file, signature, Steps, HeyMycroft.InputSize, 1);

        var (said, other) = (Windows(folder, "hey_mycroft_test.wav"), Windows(folder, "hey_jane.wav"));
        var heard = SideBySide.Compare(
            run, (rows, y) => model.Run(rows, y, Steps), peer, [.. said, .. other], Steps * HeyMycroft.InputSize, 1);
        var places = said.Length / Steps / HeyMycroft.InputSize;
        var (ofWord, ofOther) = (heard.Take(places).Max(), heard.Skip(places).Max());
        run.Score("\"hey mycroft\" is heard with", $"{ofWord:P1}", bar: "> 50 %", met: ofWord > 0.5f);
        run.Score("\"hey jane\" is heard with at most", $"{ofOther:P1}", bar: "< 50 %", met: ofOther < 0.5f);
    }

    /// <summary>The windows of a clip behind and before a second of faint noise.</summary>
    private static float[] Windows(string folder, string clip)
    {
        var random = new Random(1);
        float[] silence = [.. Enumerable.Range(0, Sound.Rate).Select(_ => (float)((random.NextDouble() - 0.5) * 0.002))];
        float[] samples = [.. silence, .. Waves.Read(Path.Combine(folder, clip), Sound.Rate), .. silence];
        var rows = new AudioFeatures(FeatureKinds.PreciseMfcc()).Rows(samples);
        var (width, length) = (HeyMycroft.InputSize, Steps * HeyMycroft.InputSize);
        return [.. Enumerable.Range(0, (rows.Length / width) - Steps + 1).SelectMany(i => rows[(i * width)..][..length])];
    }
}
