namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Trained models in Keras' layout, from their published tensors.</summary>
internal static class KerasModels
{
    public const string WakeWordFile = "precise-hey-mycroft/golden.safetensors";
    public const string TextFile = "textgenrnn-base/golden.safetensors";

    private static readonly string[] s_clips = ["hey_mycroft_test", "hey_jane"];

    /// <summary>
    /// textgenrnn's layers, which its file of weights does not say; without the softmax, because the published outputs have none.
    /// </summary>
    private const string TextArchitecture =
        """
        {"class_name": "Model", "config": {"name": "textgenrnn", "layers": [
          {"class_name": "InputLayer", "name": "input", "config": {"name": "input", "batch_input_shape": [null, 40]}, "inbound_nodes": []},
          {"class_name": "Embedding", "name": "embedding", "config": {"name": "embedding", "input_dim": 465, "output_dim": 100},
           "inbound_nodes": [[["input", 0, 0, {}]]]},
          {"class_name": "CuDNNLSTM", "name": "rnn_1", "config": {"name": "rnn_1", "units": 128, "return_sequences": true},
           "inbound_nodes": [[["embedding", 0, 0, {}]]]},
          {"class_name": "CuDNNLSTM", "name": "rnn_2", "config": {"name": "rnn_2", "units": 128, "return_sequences": true},
           "inbound_nodes": [[["rnn_1", 0, 0, {}]]]},
          {"class_name": "Concatenate", "name": "rnn_concat", "config": {"name": "rnn_concat", "axis": -1},
           "inbound_nodes": [[["embedding", 0, 0, {}], ["rnn_1", 0, 0, {}], ["rnn_2", 0, 0, {}]]]},
          {"class_name": "AttentionWeightedAverage", "name": "attention", "config": {"name": "attention"},
           "inbound_nodes": [[["rnn_concat", 0, 0, {}]]]},
          {"class_name": "Dense", "name": "output", "config": {"name": "output", "units": 465, "activation": "linear"},
           "inbound_nodes": [[["attention", 0, 0, {}]]]}],
         "input_layers": [["input", 0, 0]], "output_layers": [["output", 0, 0]]}}
        """;

    public static IEnumerable<ConformanceGroup> WakeWord()
    {
        yield return new("precise-hey-mycroft", "GRU 20, dense 1", 1e-5,
        [
            .. s_clips.Select(clip => new ConformanceCase($"{clip} from tensors", WakeWordModel, engine => CheckWakeWord(engine, clip))),
            .. s_clips.Select(clip => new ConformanceCase(
                $"{clip} imported", () => KerasImporter.Import(Golden.Path("precise-hey-mycroft/hey-mycroft.net")),
                engine => CheckWakeWord(engine, clip))),
        ])
        {
            Covers = "HDF5 of Keras 2.1 through the importer; linear candidate, hard sigmoid of Keras 2, reset before the product; " +
                "windows of 29 steps as a batch",
            Notes = "From the published MFCC; the audio front end is not part of the network.",
        };
    }

    public static ModelDescription WakeWordModel()
    {
        var weights = Golden.Open("precise-hey-mycroft/weights.safetensors");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 13, Output = OutputTransform.Sigmoid } };
        model.Add("Cell", new GruAttribute(20)
        {
            ResetAfter = false,
            Activation = Activation.Linear,
            GateActivation = Activation.HardSigmoidKeras2,
            ReturnSequences = false,
        });
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.GruFromUpdateFirst, weights["kernel"], weights["recurrent"], weights["bias"]);
        model.Add("Wake", new DenseAttribute(1));
        ColumnLayout.AddDense(model, "Wake", 1, weights["dense.kernel"], weights["dense.bias"]);
        return model;
    }

    public static IEnumerable<ConformanceGroup> TextModel()
    {
        yield return new("textgenrnn-base", "embedding, 2 x LSTM 128, attention average, dense 465", 1e-5,
        [
            new("58 windows from tensors", () => TextModel(465), CheckText),
            new("58 windows imported", () => KerasImporter.Import(Golden.Path("textgenrnn-base/textgenrnn_weights.hdf5"), TextArchitecture),
                CheckText),
        ])
        {
            Covers = "cuDNN's layout of an HDF5 file through the importer; layers that read several others, attention over all 40 steps, " +
                "windows as a batch",
        };
    }

    private static ModelDescription TextModel(int characters)
    {
        var weights = Golden.Open("textgenrnn-base/weights.safetensors");
        var model = new ModelDescription();
        model.Add("Letters", new EmbeddingAttribute(characters, 100));
        model.AddWeight("Letters.weight", [characters, 100], weights["embeddings"]);
        model.Add("First", new LstmAttribute(128));
        ColumnLayout.AddRecurrent(model, "First", GateBlocks.LstmFromKeras, weights["rnn_1.kernel"], weights["rnn_1.recurrent"],
            weights["rnn_1.bias"]);
        model.Add("Second", new LstmAttribute(128));
        ColumnLayout.AddRecurrent(model, "Second", GateBlocks.LstmFromKeras, weights["rnn_2.kernel"], weights["rnn_2.recurrent"],
            weights["rnn_2.bias"]);
        model.Add("All", new ConcatAttribute("Letters", "First", "Second"));
        model.Add("Mean", new AttentionPoolAttribute());
        model.AddWeight("Mean.weight", [356], weights["attention.W"]);
        model.Add("Next", new DenseAttribute(characters));
        ColumnLayout.AddDense(model, "Next", characters, weights["out.kernel"], weights["out.bias"]);
        return model;
    }

    private static IEnumerable<Comparison> CheckWakeWord(Engine engine, string clip)
    {
        var golden = Golden.Open(WakeWordFile);
        var windows = golden.Shape($"{clip}.mfcc")[0];
        var call = new SequenceCall(29, windows) { Rows = SequenceCall.SwapAxes(golden[$"{clip}.mfcc"], windows, 29) };
        foreach (var result in engine.Ways(call))
        {
            yield return result.Output(golden[$"{clip}.prob"]);
            yield return new($"{result.Way} h", result.Final.Values.Single(), golden[$"{clip}.h_last"]);
        }
    }

    private static IEnumerable<Comparison> CheckText(Engine engine)
    {
        var golden = Golden.Open(TextFile);
        var windows = golden.Shape("windows")[0];
        var tokens = SequenceCall.SwapAxes(golden.Ints("windows"), windows, 40);
        yield return engine.Run(new SequenceCall(40, windows) { Tokens = tokens }).Output(golden["logits"]);
    }
}
