namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Trained networks of speech programs, whose own programs gave the values.</summary>
internal static class SpeechModels
{
    public const string VoiceFile = "silero-vad-v6/golden.safetensors";
    public const string NoiseFile = "rnnoise-v0.1/golden.safetensors";

    private const string VoiceWeights = "silero-vad-v6/weights_from_onnx.safetensors";
    private const int Chunks = 300;

    private static readonly Lazy<float[]> s_spectra = new(() => VoiceFrontEnd.Read(Chunks));

    public static IEnumerable<ConformanceGroup> Voice()
    {
        yield return new("silero-vad-v6", "LSTM 128, ReLU, dense 1", 1e-5,
        [
            new("300 chunks", () => VoiceModel(VoiceWeights), CheckVoice),
            new("300 chunks, the cell imported", () => PyTorchImporter.Import(Golden.Path(VoiceWeights), "lstm_cell"), CheckCell),
        ])
        {
            Covers = "PyTorch's gates and two biases, the state dict importer, 300 steps of one stream, states after each step",
        };
        yield return new("silero-vad-v6", "from audio: 4 convolutions, LSTM 128, ReLU, dense 1", 2e-5,
            [new("300 chunks from audio", () => [ConvolutionModel(), VoiceModel(VoiceWeights)], CheckAudio)])
        {
            Covers = "convolutions with stride and padding, all chunks as a batch",
            Notes = "The test mirrors the input and takes the magnitudes of spectra; the ONNX file as a whole is below.",
        };
    }

    public static ModelDescription VoiceModel(string file)
    {
        var weights = Golden.Open(file);
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 128, Output = OutputTransform.Sigmoid } };
        model.Add("Cell", new LstmAttribute(128));
        foreach (var kind in new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" })
        {
            model.AddWeight($"Cell.{kind}_l0", weights.Shape($"lstm_cell.{kind}"), weights[$"lstm_cell.{kind}"]);
        }

        model.Add("Positive", new ActivationAttribute(Activation.Relu));
        model.Add("Voice", new DenseAttribute(1));
        model.AddWeight("Voice.weight", [1, 128], weights["final_conv.weight"]);
        model.AddWeight("Voice.bias", [1], weights["final_conv.bias"]);
        return model;
    }

    /// <summary>The four convolutions before the cell: 4 spectra of a chunk become one row.</summary>
    private static ModelDescription ConvolutionModel()
    {
        var weights = Golden.Open(VoiceWeights);
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = VoiceFrontEnd.Magnitudes } };
        foreach (var (k, stride) in new[] { (1, 1), (2, 2), (3, 2), (4, 1) })
        {
            var shape = weights.Shape($"conv{k}.weight");
            model.Add($"Conv{k}",
                new Conv1dAttribute(shape[0], shape[2]) { Stride = stride, PadLeft = 1, PadRight = 1, Activation = Activation.Relu });
            model.AddWeight($"Conv{k}.weight", shape, weights[$"conv{k}.weight"]);
            model.AddWeight($"Conv{k}.bias", [shape[0]], weights[$"conv{k}.bias"]);
        }

        return model;
    }

    public static IEnumerable<ConformanceGroup> Noise()
    {
        yield return new("rnnoise-v0.1", "dense 24, GRU 24, GRU 48, GRU 96, dense 22 and 1", 4e-5,
            [new("500 frames", () => NoiseModel(256), CheckNoise)])
        {
            Covers = "ReLU candidates, reset before the product, int8 weights over 256, layers that read the input and several others",
            Notes = "The C program looks tanh and sigmoid up in tables, and is 3.5e-5 from the exact functions itself.",
        };
    }

    /// <summary>The noise suppressor.</summary>
    /// <param name="scale">What its integers are divided by.</param>
    public static ModelDescription NoiseModel(float scale)
    {
        var weights = Golden.Open("rnnoise-v0.1/weights_int8.safetensors");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 42 } };
        AddDense("InputDense", "input_dense", 24, Activation.Tanh, RnnModelAttribute.Input);
        AddGru("VadGru", "vad_gru", 24, "InputDense");
        AddDense("Vad", "vad_output", 1, Activation.Sigmoid, "VadGru");
        model.Add("NoiseInput", new ConcatAttribute("InputDense", "VadGru", RnnModelAttribute.Input));
        AddGru("NoiseGru", "noise_gru", 48, "NoiseInput");
        model.Add("DenoiseInput", new ConcatAttribute("VadGru", "NoiseGru", RnnModelAttribute.Input));
        AddGru("DenoiseGru", "denoise_gru", 96, "DenoiseInput");
        AddDense("Gains", "denoise_output", 22, Activation.Sigmoid, "DenoiseGru");
        model.Add("Both", new ConcatAttribute("Gains", "Vad"));
        return model;

        void AddDense(string name, string source, int units, Activation activation, string from)
        {
            model.Add(name, new DenseAttribute(units) { Activation = activation, From = from });
            ColumnLayout.AddDense(model, name, units, weights.Scaled($"{source}.weights", scale), weights.Scaled($"{source}.bias", scale));
        }

        void AddGru(string name, string source, int units, string from)
        {
            model.Add(name, new GruAttribute(units) { Activation = Activation.Relu, ResetAfter = false, From = from });
            var (kernel, recurrent) = (weights.Scaled($"{source}.weights", scale), weights.Scaled($"{source}.recurrent", scale));
            ColumnLayout.AddRecurrent(model, name, GateBlocks.GruFromUpdateFirst, kernel, recurrent,
                weights.Scaled($"{source}.bias", scale));
        }
    }

    private static IEnumerable<Comparison> CheckVoice(Engine engine)
    {
        var golden = Golden.Open(VoiceFile);
        var h = golden["h"];
        foreach (var result in engine.Ways(new SequenceCall(Chunks, 1) { Rows = golden["features"] }))
        {
            yield return result.Output(golden["prob_first_n"]);
            yield return result.State("Cell.h_l0", h[^128..]);
            yield return result.State("Cell.c_l0", golden["c_last"]);
            if (result.History.TryGetValue("Cell.h_l0", out var history))
            {
                yield return new("h after each step", [.. history.SelectMany(step => step)], h);
            }
        }
    }

    private static IEnumerable<Comparison> CheckCell(Engine engine)
    {
        var golden = Golden.Open(VoiceFile);
        foreach (var result in engine.Ways(new SequenceCall(Chunks, 1) { Rows = golden["features"] }))
        {
            yield return result.Output(golden["h"]);
        }
    }

    /// <summary>All chunks at once through the convolutions, and their rows one after the other through the cell.</summary>
    private static IEnumerable<Comparison> CheckAudio(IReadOnlyList<Engine> engines)
    {
        var golden = Golden.Open(VoiceFile);
        var features = engines[0].Run(new SequenceCall(VoiceFrontEnd.Spectra, Chunks) { Rows = s_spectra.Value }).Y;
        yield return new("features", features, golden["features"]);
        yield return engines[1].Run(new SequenceCall(Chunks, 1) { Rows = features }).Output(golden["prob_first_n"]);
    }

    private static IEnumerable<Comparison> CheckNoise(Engine engine)
    {
        var golden = Golden.Open(NoiseFile);
        float[] expected = [.. golden["gains"].Chunk(22).Zip(golden["vad"]).SelectMany(row => row.First.Append(row.Second))];
        foreach (var result in engine.Ways(new SequenceCall(500, 1) { Rows = golden["features"] }))
        {
            yield return result.Output(expected);
            if (result.History.Count > 0)
            {
                string[] layers = ["VadGru", "NoiseGru", "DenoiseGru"];
                var states = Enumerable.Range(0, 500).SelectMany(t => layers.SelectMany(name => result.History[$"{name}.h_l0"][t]));
                yield return new("states", [.. states], golden["states"]);
            }
        }
    }
}
