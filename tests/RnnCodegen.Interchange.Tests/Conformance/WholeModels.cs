using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Onnx.Format;
using RnnCodegen.Interchange.Tests.Onnx;
using RnnCodegen.Numerics.Tests.Conformance;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>A trained model that one command reads whole: a row of the page's table of whole models.</summary>
/// <param name="Group">What is run, and against which values.</param>
/// <param name="Command">The command.</param>
internal sealed record WholeModel(ConformanceGroup Group, string Command);

/// <summary>Trained models as their own files have them, from their inputs to their outputs.</summary>
internal static class WholeModels
{
    private const string VoiceFile = "silero-vad-v6/silero_vad_16k_op15.onnx";
    private const string NoiseFile = "dtln-model-1/model_1.onnx";
    private const string WakeWordFile = "precise-hey-mycroft/weights.safetensors";
    private const int VoiceChunks = 1875;
    private const int NoiseFrames = 200;

    /// <summary>The models whose data are here.</summary>
    public static IReadOnlyList<WholeModel> All { get; } =
    [
        .. Of(VoiceFile, Voice), .. Of(NoiseFile, Noise), .. Of(WakeWordFile, WakeWord),
    ];

    private static IEnumerable<WholeModel> Of(string file, Func<WholeModel> model) => SharedData.Find(file) is null ? [] : [model()];

    private static WholeModel Voice() => new(new("silero-vad-v6", "silero_vad_16k_op15.onnx", 2e-5,
        [new("1,875 chunks of audio", VoiceModel, CheckVoice)])
    {
        Covers = "branches that shapes decide, a mirrored frame, the magnitude of its spectra, four convolutions within it, an LSTM in a " +
            "branch, its state as one input and one output",
        Notes = "A frame of 576 samples is one row: 512 new ones behind 64 of the frame before.",
    }, "import silero_vad_16k_op15.onnx --class Voice --size sequence=576");

    private static WholeModel Noise() => new(new("dtln-model-1", "model_1.onnx", 1e-5,
        [new("200 frames", () => OnnxImporter.Read(Golden.Path(NoiseFile)), CheckNoise)])
    {
        Covers = "two LSTM nodes whose four states are parts of one input",
    }, "import model_1.onnx --class Mask");

    private static WholeModel WakeWord() => new(new("precise-hey-mycroft", "its weights in a Loop", 1e-5,
        [
            .. new[] { "hey_mycroft_test", "hey_jane" }.Select(clip => new ConformanceCase($"{clip} in a loop",
                () => OnnxImporter.Read(WakeWordGraph().ToBytes(), "hey-mycroft.onnx"), engine => CheckWakeWord(engine, clip))),
        ])
    {
        Covers = "a loop with counters of its own, a GRU spelled out in products, hard sigmoids by Clip, a linear candidate",
        Notes = "The graph is made by the test, as converters write a Keras GRU with such functions.",
    }, "import hey-mycroft.onnx --class WakeWord");

    private static ModelDescription VoiceModel() => OnnxImporter.Read(Golden.Path(VoiceFile), new OnnxImportOptions
    {
        Sizes = new Dictionary<string, int> { ["sequence"] = VoiceFrontEnd.FrameSize },
    });

    private static IEnumerable<Comparison> CheckVoice(Engine engine)
    {
        var frames = VoiceFrontEnd.Frames(VoiceChunks);
        var expected = Golden.Open(SpeechModels.VoiceFile)["prob_all"];
        foreach (var result in engine.Ways(new SequenceCall(VoiceChunks, 1) { Rows = frames }))
        {
            yield return result.Output(expected);
        }
    }

    private static IEnumerable<Comparison> CheckNoise(Engine engine)
    {
        var golden = Golden.Open("dtln-model-1/golden.safetensors");
        foreach (var result in engine.Ways(new SequenceCall(NoiseFrames, 1) { Rows = golden["magnitude"] }))
        {
            yield return result.Output(golden["mask"]);
        }
    }

    private static IEnumerable<Comparison> CheckWakeWord(Engine engine, string clip)
    {
        var golden = Golden.Open("precise-hey-mycroft/golden.safetensors");
        var windows = golden.Shape($"{clip}.mfcc");
        var rows = SequenceCall.SwapAxes(golden[$"{clip}.mfcc"], windows[0], windows[1]);
        yield return engine.Run(new SequenceCall(windows[1], windows[0]) { Rows = rows }).Output(golden[$"{clip}.prob"]);
    }

    private static TestGraph WakeWordGraph()
    {
        var weights = Golden.Open(WakeWordFile);
        TestGraph Weight(TestGraph graph, string name, string tensor) =>
            graph.Constant(name, [.. weights.Shape(tensor)], weights[tensor]);

        var graph = new TestGraph { Opset = 13, Producer = "tf2onnx" }.Input("mfcc", 0, 29, 13).Output("prob", 0, 1)
            .Integer("steps", 29).Integer("zero", 0).Integer("one", 1).Integers("i0", 0).Integers("i1", 1).Integers("units", 20)
            .Integers("a1", 1).Integers("p0", 0).Integers("p20", 20).Integers("p40", 40).Integers("p60", 60)
            .Constant("fifth", [], [0.2f]).Constant("half", [], [0.5f]).Constant("low", [], [0]).Constant("high", [], [1])
            .Constant("nothing", [1], [0]);
        graph = Weight(Weight(Weight(graph, "kernel", "kernel"), "recurrent", "recurrent"), "bias", "bias");
        graph = Weight(Weight(graph, "dense", "dense.kernel"), "denseBias", "dense.bias");
        var body = new TestGraph { Opset = 13 }.Input("iteration", OnnxDataType.Int64).Input("going", OnnxDataType.Bool)
            .Input("time", OnnxDataType.Int64).Input("h", 0, 20).Output("goesOn", OnnxDataType.Bool).Output("next", OnnxDataType.Int64)
            .Output("hn", 0, 20)
            .Node("Add", "time one", "next").Node("Less", "next steps", "before").Node("Less", "iteration steps", "within")
            .Node("And", "before within", "goesOn").Node("Gather", "rows time", "x", ("axis", 0))
            .Node("MatMul", "x kernel", "xk").Node("Add", "xk bias", "xb").Node("Split", "xb", "xz xr xn", ("axis", 1))
            .Node("Slice", "recurrent p0 p20 a1", "uz").Node("Slice", "recurrent p20 p40 a1", "ur")
            .Node("Slice", "recurrent p40 p60 a1", "un")
            .Node("MatMul", "h uz", "hz").Node("Add", "xz hz", "pz").Node("Mul", "fifth pz", "mz").Node("Add", "mz half", "sz")
            .Node("Clip", "sz low high", "z").Node("MatMul", "h ur", "hr").Node("Add", "xr hr", "pr").Node("Mul", "fifth pr", "mr")
            .Node("Add", "mr half", "sr").Node("Clip", "sr low high", "r").Node("Mul", "r h", "rh").Node("MatMul", "rh un", "hun")
            .Node("Add", "xn hun", "n").Node("Mul", "z h", "zh").Node("Sub", "high z", "z1").Node("Mul", "z1 n", "zn")
            .Node("Add", "zh zn", "hn");
        return graph.Node("Transpose", "mfcc", "rows", ("perm", new long[] { 1, 0, 2 })).Node("Shape", "mfcc", "shape")
            .Node("Slice", "shape i0 i1", "batch").Node("Concat", "batch units", "stateShape", ("axis", 0))
            .Node("Expand", "nothing stateShape", "h0").Node("Less", "zero steps", "any")
            .Node("gru/while/Loop", "steps any zero h0", "lastTime hT", ("body", body))
            .Node("dense/MatMul", "hT dense", "d").Node("dense/Add", "d denseBias", "logit").Node("Sigmoid", "logit", "prob");
    }
}
