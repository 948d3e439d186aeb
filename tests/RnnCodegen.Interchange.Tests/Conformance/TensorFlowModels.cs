using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Trained models of TensorFlow's cells, from their published tensors: [x, h] stacked in one matrix of columns.</summary>
internal static class TensorFlowModels
{
    public const string CharRnnFile = "ml5-charrnn-shakespeare/golden.safetensors";
    public const string KeywordFile = "arm-kws-gru-s/golden.safetensors";
    public const string DigitsFile = "mnist-lstm-tflite/golden.safetensors";

    private const string CharRnn = "ml5-charrnn-shakespeare";
    private const int Vocabulary = 65;
    private const int CharUnits = 128;
    private const int KeywordUnits = 154;
    private const int DigitUnits = 20;

    public static IEnumerable<ConformanceGroup> Characters()
    {
        yield return new(CharRnn, "embedding, 2 x LSTM 128, dense 65", 1e-5,
        [
            new("400 characters", () => CharacterModel(forgetBias: 1), CheckCharacters),
            new("greedy continuation", () => CharacterModel(forgetBias: 1), CheckContinuation),
        ])
        {
            Covers = "gates i, j, f, o; forget bias added at run time; two layers of equal shape; 399 steps of logits up to 20",
        };
    }

    /// <summary>The language model.</summary>
    /// <param name="forgetBias">What TensorFlow's cell adds to the forget gate at run time; here it goes into the bias.</param>
    public static ModelDescription CharacterModel(float forgetBias)
    {
        var model = new ModelDescription();
        model.Add("Letters", new EmbeddingAttribute(Vocabulary, CharUnits));
        model.AddWeight("Letters.weight", [Vocabulary, CharUnits], Golden.Raw($"{CharRnn}/embedding"));
        model.Add("Memory", new LstmAttribute(CharUnits) { Layers = 2 });
        for (var k = 0; k < 2; k++)
        {
            var weights = Golden.Raw($"{CharRnn}/rnnlm_multi_rnn_cell_cell_{k}_basic_lstm_cell_weights");
            var bias = Golden.Raw($"{CharRnn}/rnnlm_multi_rnn_cell_cell_{k}_basic_lstm_cell_biases");
            for (var j = 2 * CharUnits; j < 3 * CharUnits; j++)
            {
                bias[j] += forgetBias;
            }

            AddStacked(model, "Memory", GateBlocks.LstmFromTensorFlow, weights, bias, inputs: CharUnits, end: $"l{k}");
        }

        model.Add("Next", new DenseAttribute(Vocabulary));
        ColumnLayout.AddDense(model, "Next", Vocabulary, Golden.Raw($"{CharRnn}/rnnlm_softmax_w"),
            Golden.Raw($"{CharRnn}/rnnlm_softmax_b"));
        return model;
    }

    public static IEnumerable<ConformanceGroup> Keywords()
    {
        string[] clips = ["yes_1000ms", "no_1000ms", "noise_1000ms", "silence_1000ms"];
        yield return new("arm-kws-gru-s", "GRU 154, dense 12", 1e-5,
            [.. clips.Select(clip => new ConformanceCase(clip, KeywordModel, engine => CheckKeyword(engine, clip)))])
        {
            Covers = "gates r, u of one matrix and the candidate's of another, reset before the product",
            Notes = "From the published MFCC; the audio front end is not part of the network.",
        };
    }

    private static ModelDescription KeywordModel()
    {
        var weights = Golden.Open("arm-kws-gru-s/weights.safetensors");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 10 } };
        model.Add("Cell", new GruAttribute(KeywordUnits) { ResetAfter = false, ReturnSequences = false });

        // Columns r, u of the gates and then the candidate's, so that each row is one of r, z, n.
        var (gates, candidate) = (weights["gates.kernel"], weights["candidate.kernel"]);
        float[] joined = [.. gates.Chunk(2 * KeywordUnits).Zip(candidate.Chunk(KeywordUnits))
            .SelectMany(row => row.First.Concat(row.Second))];
        AddStacked(model, "Cell", [0, 1, 2], joined, [.. weights["gates.bias"], .. weights["candidate.bias"]], inputs: 10, end: "l0");
        model.Add("Words", new DenseAttribute(12));
        ColumnLayout.AddDense(model, "Words", 12, weights["out.kernel"], weights["out.bias"]);
        return model;
    }

    public static IEnumerable<ConformanceGroup> Digits()
    {
        yield return new("mnist-lstm-tflite", "LSTM 20, all 28 outputs to dense 10", 1e-5, [new("10 digits", DigitsModel, CheckDigits)])
        {
            Covers = "a matrix a gate, a dense layer over all steps as a convolution of 28 steps, softmax",
        };
    }

    private static ModelDescription DigitsModel()
    {
        var weights = Golden.Open("mnist-lstm-tflite/weights.safetensors");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 28, Output = OutputTransform.Softmax } };
        model.Add("Rows", new LstmAttribute(DigitUnits));
        model.AddWeight("Rows.weight_ih_l0", [4 * DigitUnits, 28], Gates("kernel"));
        model.AddWeight("Rows.weight_hh_l0", [4 * DigitUnits, DigitUnits], Gates("recurrent"));
        model.AddWeight("Rows.bias_ih_l0", [4 * DigitUnits], Gates("bias"));
        model.AddWeight("Rows.bias_hh_l0", [4 * DigitUnits], new float[4 * DigitUnits]);

        // The 560 flattened outputs are [28 steps, 20 units]; a convolution's kernel is [10, 20 units, 28 steps].
        model.Add("Digits", new Conv1dAttribute(10, 28));
        var rows = weights["dense.kernel"].Chunk(28 * DigitUnits);
        model.AddWeight("Digits.weight", [10, DigitUnits, 28], [.. rows.SelectMany(row => GateBlocks.Transpose(row, 28, DigitUnits))]);
        model.AddWeight("Digits.bias", [10], weights["dense.bias"]);
        return model;

        float[] Gates(string kind) => [.. "ifco".SelectMany(gate => weights[$"{kind}_{gate}"])];
    }

    private static IEnumerable<Comparison> CheckCharacters(Engine engine)
    {
        var golden = Golden.Open(CharRnnFile);
        var ids = golden.Ints("ids");
        var nats = Golden.Json($"{CharRnn}/golden.json").GetProperty("nats_per_char").GetDouble();
        foreach (var result in engine.Ways(new SequenceCall(ids.Length - 1, 1) { Tokens = ids[..^1] }))
        {
            yield return result.Output(golden["logits"]);
            yield return new($"{result.Way} nats", [(float)Nats(result.Y, ids[1..])], [nats]);
        }
    }

    /// <summary>60 likeliest characters after the text, by Step.</summary>
    private static IEnumerable<Comparison> CheckContinuation(Engine engine)
    {
        var ids = Golden.Open(CharRnnFile).Ints("ids");
        using var stream = new ModelStream(engine.Core);
        var row = new float[Vocabulary];
        foreach (var id in ids)
        {
            stream.Step(id, row);
        }

        var said = new List<int>();
        while (said.Count < 60)
        {
            said.Add(row.AsSpan().IndexOf(row.Max()));
            stream.Step(said[^1], row);
        }

        var vocabulary = Alphabet(Golden.Json($"{CharRnn}/vocab.json"));
        var expected = Golden.Json($"{CharRnn}/golden.json").GetProperty("greedy_continuation_60").GetString()!;
        yield return new("ids", [.. said.Select(id => (float)id)], [.. expected.Select(c => (double)vocabulary[c])]);
    }

    /// <summary>Ids of characters; two keys of the published file are broken: "  " stands for u, and "" for U.</summary>
    private static Dictionary<char, int> Alphabet(JsonElement file) => file.EnumerateObject().ToDictionary(
        entry => entry.Name switch { "  " => 'u', "" => 'U', _ => entry.Name[0] },
        entry => entry.Value.GetInt32());

    private static IEnumerable<Comparison> CheckKeyword(Engine engine, string clip)
    {
        var golden = Golden.Open(KeywordFile);
        var h = golden[$"{clip}.h"];
        foreach (var result in engine.Ways(new SequenceCall(25, 1) { Rows = golden[$"{clip}.mfcc"] }))
        {
            yield return result.Output(golden[$"{clip}.logits"]);
            yield return result.State("Cell.h_l0", h[^KeywordUnits..]);
            if (result.History.TryGetValue("Cell.h_l0", out var history))
            {
                yield return new("h after each step", [.. history.SelectMany(step => step)], h);
            }
        }
    }

    private static IEnumerable<Comparison> CheckDigits(Engine engine)
    {
        var golden = Golden.Open(DigitsFile);
        var result = engine.Run(new SequenceCall(28, 10) { Rows = SequenceCall.SwapAxes(golden["pixels"], 10, 28) });
        var h = golden["h"];
        yield return result.Output(golden["prob"]);
        yield return result.State("Rows.h_l0", [.. h.Chunk(28 * DigitUnits).SelectMany(steps => steps[^DigitUnits..])]);
    }

    /// <summary>Mean of -log p over the characters that follow.</summary>
    private static double Nats(float[] logits, int[] next) => logits.Chunk(Vocabulary).Zip(next).Average(row =>
    {
        var largest = (double)row.First.Max();
        return largest + Math.Log(row.First.Sum(v => Math.Exp(v - largest))) - row.First[row.Second];
    });

    /// <summary>Adds a layer whose matrix has the rows of x and then those of h.</summary>
    private static void AddStacked(ModelDescription model, string layer, ReadOnlySpan<int> order, float[] matrix, float[] bias, int inputs,
        string end) =>
            ColumnLayout.AddRecurrent(model, layer, order, matrix[..(inputs * bias.Length)], matrix[(inputs * bias.Length)..], bias,
                end: end);
}
