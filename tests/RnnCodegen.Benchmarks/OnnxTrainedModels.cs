using RnnCodegen.Interchange;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.TensorFlow.Graphs;
using RnnCodegen.Runtime;
using RnnCodegen.Tool.Compilation;

namespace RnnCodegen.Benchmarks;

/// <summary>
/// A model that others trained: read from their file, compiled as a user's class would be, and the ONNX file for the peer.
/// </summary>
/// <param name="Name">As it stands in the report.</param>
/// <param name="Model">The model.</param>
/// <param name="Onnx">The peer's file: the original, or what the model's export wrote.</param>
/// <param name="Signature">How the peer's file is called.</param>
/// <param name="Steps">Steps of a call; 1 where both go on from a state.</param>
internal sealed record TrainedModel(string Name, ModelDescription Model, byte[] Onnx, ModelSignature Signature, int Steps)
{
    /// <summary>What the voice detector's file takes for its sample rate; other files have no such input.</summary>
    public static readonly (string Name, long Value) Constant = ("sr", 16000);

    // Of the files without states for inputs.
    private const int SequenceSteps = 100;

    private static readonly (string Name, string File, Func<string, ModelDescription> Read)[] Files =
    [
        ("noise suppression (DTLN, stage 1): 2 LSTM (128)", "dtln-model-1/model_1.onnx", p => OnnxImporter.Read(p)),
        ("voice detector (silero, whole): convolutions and LSTM (128)", "silero-vad-v6/silero_vad_16k_op15.onnx", p =>
            OnnxImporter.Read(p, new OnnxImportOptions { Sizes = new Dictionary<string, int> { ["sequence"] = 576 } })),
        ("keyword spotter (ARM): GRU (154)", "arm-kws-gru-s/GRU_S.pb", p => GraphImporter.Import(p)),
        ("wake word (Precise): GRU (20)", "precise-hey-mycroft/hey-mycroft.net", p => KerasImporter.Import(p)),
        ("guitar amplifier (NAM): LSTM (16)", "nam-lstm-dev/BossLSTM-1x16.nam", p => NamFile.Import(p)),
    ];

    /// <summary>All whose files are here, and the paths of those that are not.</summary>
    public static (IReadOnlyList<TrainedModel> Models, IReadOnlyList<string> Missing) Find(string? folder)
    {
        var found = Files.Where(f => folder is not null && File.Exists(Path.Combine(folder, f.File))).ToList();
        return ([.. found.Select(f => Open(f.Name, Path.Combine(folder!, f.File), f.Read))], [.. Files.Except(found).Select(f => f.File)]);
    }

    /// <summary>The generated code for this machine, over the model's weights.</summary>
    public ModelCore Compile()
    {
        var compiled = ModelCompiler.Compile((Model, "Trained.Model"))[0];
        return compiled.Create(Widest(), Model.Weights);
    }

    private static TrainedModel Open(string name, string path, Func<string, ModelDescription> read)
    {
        var model = read(path);
        if (Path.GetExtension(path) == ".onnx" && model.Signature is { } own)
        {
            return new(name, model, File.ReadAllBytes(path), own, own.States.Count > 0 ? 1 : SequenceSteps);
        }

        var bytes = OnnxExporter.ToBytes(model, out _, new OnnxExportOptions { States = false });
        return new(name, model, bytes, OnnxImporter.Read(bytes, name).Signature!, SequenceSteps);
    }

    private static RnnCodegen.Runtime.SimdWidth Widest() =>
        System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated
        ? RnnCodegen.Runtime.SimdWidth.Vector512
        : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? RnnCodegen.Runtime.SimdWidth.Vector256
        : RnnCodegen.Runtime.SimdWidth.Vector128;
}
