namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Trained models in Keras' layout, from their published tensors.</summary>
internal static class KerasModels
{
    public const string WakeWordFile = "precise-hey-mycroft/golden.safetensors";
    public const string TextFile = "textgenrnn-base/golden.safetensors";

    public static IEnumerable<ConformanceGroup> WakeWord()
    {
        yield return new("precise-hey-mycroft", "GRU 20, dense 1", 1e-5,
            [.. new[] { "hey_mycroft_test", "hey_jane" }.Select(clip => new ConformanceCase($"{clip} from tensors", () => WakeWordModel(), engine => CheckWakeWord(engine, clip)))])
        {
            Covers = "linear candidate, hard sigmoid of Keras 2, reset before the product; windows of 29 steps as a batch",
            Notes = "From the published MFCC; the audio front end is not part of the network.",
        };
    }

    public static ModelDescription WakeWordModel()
    {
        var weights = Golden.Open("precise-hey-mycroft/weights.safetensors");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 13, Output = OutputTransform.Sigmoid } };
        model.Add("Cell", new GruAttribute(20) { ResetAfter = false, Activation = Activation.Linear, GateActivation = Activation.HardSigmoidKeras2, ReturnSequences = false });
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.GruFromUpdateFirst, weights["kernel"], weights["recurrent"], weights["bias"]);
        model.Add("Wake", new DenseAttribute(1));
        ColumnLayout.AddDense(model, "Wake", 1, weights["dense.kernel"], weights["dense.bias"]);
        return model;
    }

    public static IEnumerable<ConformanceGroup> TextModel()
    {
        yield return new("textgenrnn-base", "embedding, 2 x LSTM 128, attention average, dense 465", 1e-5, [new("58 windows from tensors", () => TextModel(465), CheckText)])
        {
            Covers = "layers that read several others, attention over all 40 steps, windows as a batch",
        };
    }

    private static ModelDescription TextModel(int characters)
    {
        var weights = Golden.Open("textgenrnn-base/weights.safetensors");
        var model = new ModelDescription();
        model.Add("Letters", new EmbeddingAttribute(characters, 100));
        model.AddWeight("Letters.weight", [characters, 100], weights["embeddings"]);
        model.Add("First", new LstmAttribute(128));
        ColumnLayout.AddRecurrent(model, "First", GateBlocks.LstmFromKeras, weights["rnn_1.kernel"], weights["rnn_1.recurrent"], weights["rnn_1.bias"]);
        model.Add("Second", new LstmAttribute(128));
        ColumnLayout.AddRecurrent(model, "Second", GateBlocks.LstmFromKeras, weights["rnn_2.kernel"], weights["rnn_2.recurrent"], weights["rnn_2.bias"]);
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
        yield return engine.Run(new SequenceCall(40, windows) { Tokens = SequenceCall.SwapAxes(golden.Ints("windows"), windows, 40) }).Output(golden["logits"]);
    }
}
