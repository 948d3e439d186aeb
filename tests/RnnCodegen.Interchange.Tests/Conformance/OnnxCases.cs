using RnnCodegen.Interchange.Onnx;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>ONNX's own node tests and a trained model, from the files through the importer.</summary>
internal static class OnnxCases
{
    public const string File = "onnx-node-tests/cases.json";
    public const string DenoiserFile = "dtln-model-1/golden.safetensors";

    private const string Folder = "onnx-node-tests";
    private const int Frames = 200;
    private const int DenoiserUnits = 128;

    /// <summary>What a node's inputs are that are not its weights.</summary>
    private static readonly string[] s_arguments = ["X", "sequence_lens", "initial_h", "initial_c"];

    public static IEnumerable<ConformanceGroup> Read()
    {
        var names = Golden.Json(File).EnumerateArray().Select(c => c.GetProperty("test").GetString()!);
        yield return new(Folder, "LSTM, GRU and RNN nodes", 1e-6,
            [.. names.Select(name => new ConformanceCase(name, () => Node(name), engine => Check(engine, name)))])
        {
            Covers = "model.onnx and its .pb tensors through the importer: Y, Y_h and Y_c, biases, peepholes, sequence_lens, initial " +
                "states, layout 1",
            Notes = "All weights of a case are one number but in the two seq_length cases: gate orders show there and in dtln-model-1.",
        };
    }

    public static IEnumerable<ConformanceGroup> Denoiser()
    {
        yield return new("dtln-model-1", "LSTM 128, LSTM 128, dense 257", 1e-5,
            [new("200 frames", () => OnnxImporter.Read(Golden.Path("dtln-model-1/model_1.onnx")), CheckDenoiser)])
        {
            Covers = "a whole ONNX graph through the importer, gates i, o, f, c, cells beyond 50, states after each of 200 steps",
        };
    }

    private static ModelDescription Node(string name)
    {
        var constants = Tensors(name, "input").Where(t => !s_arguments.Contains(t.Key)).ToDictionary();
        return OnnxImporter.Read(Golden.Path($"{Folder}/{name}/model.onnx"), new OnnxImportOptions { Constants = constants });
    }

    private static IEnumerable<Comparison> Check(Engine engine, string name)
    {
        // All cases have one direction, whose axis of size 1 is nothing in memory.
        var isBatchFirst = Node(name).Signature!.IsBatchFirst;
        var tensors = Tensors(name, "input");
        var x = tensors["X"];
        var (steps, batch) = isBatchFirst ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        var call = new SequenceCall(steps, batch)
        {
            Rows = isBatchFirst ? SequenceCall.SwapAxes(x.Values, batch, steps) : x.Values,
            Lengths = tensors.TryGetValue("sequence_lens", out var lengths) ? Array.ConvertAll(lengths.Values, n => (int)n) : [],
            Initial = engine.Core.Definition.State.Select(slot => (slot.Name, Input: $"initial_{Kind(slot.Name)}"))
                .Where(slot => tensors.ContainsKey(slot.Input)).ToDictionary(slot => slot.Name, slot => tensors[slot.Input].Values),
        };
        foreach (var result in engine.Ways(call))
        {
            foreach (var (output, expected) in Tensors(name, "output"))
            {
                var isRows = output == "Y";
                yield return new(
                    $"{result.Way} {output}",
                    isRows ? result.Y : result.Final.Single(slot => output == $"Y_{Kind(slot.Key)}").Value,
                    isRows && isBatchFirst ? SequenceCall.SwapAxes(expected.Values, batch, steps) : expected.Values);
            }
        }

        static char Kind(string slot) => slot[slot.IndexOf('.', StringComparison.Ordinal) + 1];
    }

    private static IEnumerable<Comparison> CheckDenoiser(Engine engine)
    {
        var golden = Golden.Open(DenoiserFile);
        foreach (var result in engine.Ways(new SequenceCall(Frames, 1) { Rows = golden["magnitude"] }))
        {
            yield return result.Output(golden["mask"]);
            if (result.History.Count > 0)
            {
                yield return new("states", States(result), golden["state"]);
            }
        }
    }

    /// <summary>[200 frames, 2 layers, 128 units, h and c].</summary>
    private static float[] States(SequenceResult result) =>
    [
        .. Enumerable.Range(0, Frames).SelectMany(t => new[] { "Lstm4", "Lstm5" }.SelectMany(
            layer => Enumerable.Range(0, DenoiserUnits)
                .SelectMany(j => new[] { "h", "c" }.Select(kind => result.History[$"{layer}.{kind}_l0"][t][j])))),
    ];

    private static Dictionary<string, NamedTensor> Tensors(string name, string kind) =>
        Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Golden.Path($"{Folder}/{name}/model.onnx"))!, "test_data_set_0"),
            $"{kind}_*.pb")
            .Select(OnnxImporter.ReadTensor).ToDictionary(t => t.Name);
}
