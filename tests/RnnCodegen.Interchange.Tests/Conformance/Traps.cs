namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>A wrong reading of a published case.</summary>
/// <param name="Name">What is read wrong, and by which rule it would be right.</param>
/// <param name="Group">Where the case is from.</param>
/// <param name="Right">The case as it is.</param>
/// <param name="Wrong">The case read wrong.</param>
internal sealed record Trap(string Name, ConformanceGroup Group, ConformanceCase Right, ConformanceCase Wrong)
{
    /// <summary>The difference that the wrong reading must make.</summary>
    public double AtLeast => 100 * Group.Tolerance;
}

/// <summary>The readings that give wrong numbers and no error; each is what some framework means by the same words.</summary>
internal static class Traps
{
    private const string Silero = "silero-vad-v6";
    private const string RnNoise = "rnnoise-v0.1";
    private const string Precise = "precise-hey-mycroft";
    private const string Arm = "arm-kws-gru-s";
    private const string CharRnn = "ml5-charrnn-shakespeare";
    private const string TextGen = "textgenrnn-base";
    private const string Phonemes = "g2p-en-gru-seq2seq";
    private const string Tfjs = "tfjs-training-lstm";
    private const string Keras = "keras-rnn-cases";
    private const string Nodes = "onnx-node-tests";
    private const string Denoiser = "dtln-model-1";
    private const string Amplifier = "nam-lstm-dev";

    private static readonly (string Name, string Source, string Case, Func<ModelDescription, ModelDescription> Misread)[] s_readings =
    [
        ("ONNX's i, o, f, c taken for i, f, c, o", Denoiser, "200 frames",
            m => Misreading.Gates(m, "Lstm5", GateBlocks.Inverse(GateBlocks.LstmFromOnnx))),
        ("ONNX's z, r, h taken for r, z, h", Nodes, "test_gru_seq_length", m => Misreading.Gates(m, m.Layers[0].Name, 1, 0, 2)),
        ("PyTorch's i, f, g, o taken for ONNX's i, o, f, g", Silero, "300 chunks",
            m => Misreading.Gates(m, "Cell", GateBlocks.LstmFromOnnx)),
        ("TensorFlow's i, j, f, o taken for i, f, j, o", CharRnn, "400 characters",
            m => Misreading.Gates(m, "Memory", GateBlocks.Inverse(GateBlocks.LstmFromTensorFlow))),
        ("TensorFlow's r, u taken for u, r", Arm, "yes_1000ms", m => Misreading.Gates(m, "Cell", 1, 0, 2)),
        ("Keras' z, r, h taken for r, z, h", Precise, "hey_mycroft_test from tensors", m => Misreading.Gates(m, "Cell", 1, 0, 2)),
        ("RNNoise's z, r, h taken for r, z, h", RnNoise, "500 frames", m => Misreading.Gates(m, "DenoiseGru", 1, 0, 2)),
        ("PyTorch's r, z, n taken for z, r, n", Phonemes, "150 encoder states and first logits", m => Misreading.Gates(m, "Cell", 1, 0, 2)),
        ("Keras' recurrent matrix not transposed", Precise, "hey_mycroft_test from tensors",
            m => Misreading.Weights(m, "Cell.weight_hh_l0", w => GateBlocks.Transpose(w, 60, 20))),
        ("CuDNN's recurrent blocks taken for Keras'", TextGen, "58 windows from tensors",
            m => Misreading.Weights(m, "Second.weight_hh_l0", TransposeBlocks)),
        ("TensorFlow's forget bias of 1, added at run time, left out", CharRnn, "400 characters",
            m => Misreading.Weights(m, n => n.Contains("bias_ih", StringComparison.Ordinal), b => AddToForget(b, -1))),
        ("Keras' unit_forget_bias, already in the bias, added again", Keras, "17 test_correctness",
            m => Misreading.Weights(m, "Cell.bias_ih_l0", b => AddToForget(b, 1))),
        ("PyTorch's second bias dropped", Silero, "300 chunks", m => Misreading.Weights(m, "Cell.bias_hh_l0", b => new float[b.Length])),
        ("the candidate's two biases summed although the reset comes after the product", Phonemes, "150 encoder states and first logits",
            SumCandidateBias),
        ("reset before the product (ONNX's default) taken for after", Nodes, "test_gru_seq_length",
            m => Reset(m, m.Layers[0].Name, after: true)),
        ("reset before the product (TensorFlow) taken for after", Arm, "yes_1000ms", m => Reset(m, "Cell", after: true)),
        ("reset before the product (Keras' reset_after=False) taken for after", Precise, "hey_mycroft_test from tensors",
            m => Reset(m, "Cell", after: true)),
        ("reset before the product (RNNoise) taken for after", RnNoise, "500 frames", m => Reset(m, "DenoiseGru", after: true)),
        ("reset after the product (PyTorch) taken for before", Phonemes, "150 encoder states and first logits",
            m => Reset(m, "Cell", after: false)),
        ("reset after the product (Keras 3's default) taken for before", Keras, "0 test_correctness", m => Reset(m, "Cell", after: false)),
        ("z weighing the candidate (minGRU) instead of the old state", Arm, "yes_1000ms", NegateUpdateGate),
        ("Keras 2's hard sigmoid taken for Keras 3's", Precise, "hey_mycroft_test from tensors",
            m => Misreading.Options<GruAttribute>(m, "Cell", g => g.GateActivation = Activation.HardSigmoid)),
        ("Keras 2's hard sigmoid taken for the logistic one, in training", Tfjs, "LSTM BPTT",
            m => Misreading.Options<LstmAttribute>(m, "Cell", l => l.GateActivation = Activation.Sigmoid)),
        ("a linear candidate taken for tanh", Precise, "hey_mycroft_test from tensors",
            m => Misreading.Options<GruAttribute>(m, "Cell", g => g.Activation = Activation.Tanh)),
        ("a ReLU candidate taken for tanh", RnNoise, "500 frames",
            m => Misreading.Options<GruAttribute>(m, "NoiseGru", g => g.Activation = Activation.Tanh)),
        ("TensorFlow's block cell's clip of 3 where there is none", Denoiser, "200 frames",
            m => Misreading.Options<LstmAttribute>(m, "Lstm5", l => l.CellClip = 3)),
        ("a learned initial state taken for zeros", Amplifier, "lstm",
            m => Misreading.Weights(m, n => n.Contains("0_l", StringComparison.Ordinal), v => new float[v.Length])),
        ("two layers of equal shape in the wrong order", CharRnn, "400 characters", SwapLayers),
        ("int8 weights over 128 instead of 256", RnNoise, "500 frames", _ => SpeechModels.NoiseModel(128)),
        ("the repository's safetensors, which hold other weights than its ONNX file", Silero, "300 chunks",
            _ => SpeechModels.VoiceModel("silero-vad-v6/silero_vad_16k.safetensors")),
        ("a reversed layer's outputs left in reversed order", Keras, "51 test_correctness", ReverseRows),
    ];

    /// <summary>Readings of what goes in and comes out, where the model is right.</summary>
    private static readonly (string Name, string Source, string Case, Func<ConformanceCase> Wrong)[] s_calls =
    [
        ("a reversed layer started in the padding instead of at the last valid step", Tfjs, TfjsCases.MaskedReverseName,
            TfjsCases.StartedInThePadding),
        ("zeros at masked steps where Keras repeats the output before", Keras, "7 test_masking",
            () => KerasCases.Misread(7, KerasMistake.ZerosAtMaskedSteps)),
        ("a masked step taken for a valid one", Keras, "22 test_masking", () => KerasCases.Misread(22, KerasMistake.IgnoresMask)),
        ("a stateful layer begun at zeros in each call", Keras, "15 test_statefulness",
            () => KerasCases.Misread(15, KerasMistake.ForgetsState)),
        ("batch first taken for time first", Keras, "0 test_correctness", () => KerasCases.Misread(0, KerasMistake.TimeMajor)),
    ];

    public static IReadOnlyList<Trap> All { get; } =
    [
        .. s_readings.Where(r => IsHere(r.Source))
            .Select(r => Of(r.Name, r.Source, r.Case, right => right.With(r.Name, models => [.. models.Select(r.Misread)]))),
        .. s_calls.Where(r => IsHere(r.Source)).Select(r => Of(r.Name, r.Source, r.Case, _ => r.Wrong())),
    ];

    private static bool IsHere(string source) => ConformanceSuite.Groups.Any(g => g.Source == source);

    private static Trap Of(string name, string source, string @case, Func<ConformanceCase, ConformanceCase> wrong)
    {
        var group = ConformanceSuite.Groups.Single(g => g.Source == source && g.Cases.Any(c => c.Name == @case));
        var right = group.Cases.Single(c => c.Name == @case);
        return new(name, group, right, wrong(right));
    }

    private static ModelDescription Reset(ModelDescription model, string layer, bool after) => Misreading.Options<GruAttribute>(model,
        layer, g => g.ResetAfter = after);

    /// <summary>Blocks i, f, g, o: f is the second.</summary>
    private static float[] AddToForget(float[] bias, float value) =>
        [.. bias.Select((b, k) => k * 4 / bias.Length == 1 ? b + value : b)];

    private static ModelDescription SumCandidateBias(ModelDescription model)
    {
        var hidden = model.Weights["Cell.bias_hh_l0"].Values;
        var first = hidden.Length / 3 * 2;
        var moved = Misreading.Weights(model, "Cell.bias_ih_l0", b => [.. b.Select((v, k) => k < first ? v : v + hidden[k])]);
        return Misreading.Weights(moved, "Cell.bias_hh_l0", b => [.. b.Select((v, k) => k < first ? v : 0)]);
    }

    /// <summary>1 - sigmoid(x) = sigmoid(-x).</summary>
    private static ModelDescription NegateUpdateGate(ModelDescription model) =>
        Misreading.Weights(model, n => n.StartsWith("Cell.", StringComparison.Ordinal),
            w => [.. w.Select((v, k) => k * 3L / w.Length == 1 ? -v : v)]);

    private static ModelDescription SwapLayers(ModelDescription model)
    {
        var copy = Misreading.Copy(model);
        foreach (var (name, tensor) in model.Weights.Where(w => w.Key.Contains("_l", StringComparison.Ordinal)))
        {
            var other = name.EndsWith("_l0", StringComparison.Ordinal) ? $"{name[..^3]}_l1" : $"{name[..^3]}_l0";
            copy.Weights[name] = tensor with { Values = model.Weights[other].Values };
        }

        return copy;
    }

    private static float[] TransposeBlocks(float[] matrix)
    {
        var units = (int)Math.Sqrt(matrix.Length / 4);
        return [.. matrix.Chunk(units * units).SelectMany(block => GateBlocks.Transpose(block, units, units))];
    }

    private static ModelDescription ReverseRows(ModelDescription model)
    {
        var copy = Misreading.Copy(model);
        copy.Layers.RemoveAt(2);
        copy.Add("Flipped", new ReverseTimeAttribute { From = "Back" });
        copy.Add("Merged", new AddAttribute("Ahead", "Flipped"));
        return copy;
    }
}
