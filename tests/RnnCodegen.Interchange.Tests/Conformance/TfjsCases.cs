using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>
/// TensorFlow.js' training tests, whose values are of Python Keras: weights and losses after steps of SGD, masks and states.
/// </summary>
internal static class TfjsCases
{
    public const string File = "tfjs-training-lstm/cases.json";

    public const string MaskedReverseName = "LSTM mask, go_backwards";

    private const string Source = "tfjs-training-lstm";
    private const string MaskedName = "LSTM with mask (Embedding mask_zero)";

    public static IEnumerable<ConformanceGroup> Read()
    {
        var cases = Golden.Json(File).EnumerateArray().ToDictionary(c => c.GetProperty("case").GetString()!);
        yield return new(Source, "LSTM and SimpleRNN with embedding and dense", 1e-5,
        [
            new("LSTM BPTT", LstmBptt, engine => LstmBpttWeights(engine, cases["LSTM BPTT"])),
            new("LSTM stateful BPTT", () => Stateful(dense: true), engine => StatefulLoss(engine, cases["LSTM stateful BPTT"])),
            new("LSTM stateful forward", () => Stateful(dense: false), engine => StatefulOutput(engine, cases["LSTM stateful forward"])),
            new(MaskedName, Masked, engine => MaskedOutput(engine, cases[MaskedName])),
            new("LSTM BPTT with mask", Masked, engine => MaskedLoss(engine, cases["LSTM BPTT with mask"])),
            new(MaskedReverseName, MaskedReverse, engine => MaskedOutput(engine, cases[MaskedReverseName])),
            new("SimpleRNN BPTT", ElmanBptt, engine => ElmanBpttWeights(engine, cases["SimpleRNN BPTT"])),
            new("SimpleRNN then LSTM, with mask", MaskedChain, engine => MaskedOutput(engine, cases["SimpleRNN then LSTM, with mask"])),
        ])
        {
            Covers = "weights and losses after steps of SGD through time; hard sigmoid of Keras 2, masks, lengths from 0, carried " +
                "states, go_backwards",
            Notes = "Keras has one bias: the second here is frozen at 0, or SGD would move their sum twice as far. These cases' " +
                "saturated gates hardly show it.",
        };
    }

    /// <summary>The reversed layer read wrong: without lengths it begins with the padding.</summary>
    public static ConformanceCase StartedInThePadding()
    {
        var @case = Golden.Json(File).EnumerateArray().Single(c => c.GetProperty("case").GetString() == MaskedReverseName);
        return new(MaskedReverseName, MaskedReverse, engine => MaskedOutput(engine, @case, usesLengths: false));
    }

    private static ModelDescription LstmBptt()
    {
        var model = Rows(4);
        model.Add("Cell", Lstm(1, bias: false));
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.LstmFromKeras, new float[16], new float[4], bias: null);
        AddHead(model, 1, bias: null);
        return model;
    }

    private static ModelDescription ElmanBptt()
    {
        var model = Rows(4);
        model.Add("Cell", new ElmanAttribute(1) { Bias = false, ReturnSequences = false });
        ColumnLayout.AddRecurrent(model, "Cell", [0], Ones(4), Ones(1), bias: null);
        AddHead(model, 1, bias: null);
        return model;
    }

    private static ModelDescription Stateful(bool dense)
    {
        var model = Rows(2);
        model.Add("Cell", Lstm(5));
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.LstmFromKeras, Ones(40), Ones(100), Ones(20));
        if (dense)
        {
            AddHead(model, 5, bias: null);
        }

        return model;
    }

    private static ModelDescription Masked()
    {
        var model = new ModelDescription();
        AddOnes(model);
        model.Add("Cell", Lstm(3));
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.LstmFromKeras, Ones(48), Ones(36), ForgetBias(3));
        AddHead(model, 3, new float[1]);
        return model;
    }

    private static ModelDescription MaskedChain()
    {
        var model = new ModelDescription();
        AddOnes(model);
        model.Add("First", new ElmanAttribute(3));
        ColumnLayout.AddRecurrent(model, "First", [0], Ones(12), Ones(9), new float[3]);
        model.Add("Second", Lstm(3));
        ColumnLayout.AddRecurrent(model, "Second", GateBlocks.LstmFromKeras, Ones(36), Ones(36), ForgetBias(3));
        return model;
    }

    private static ModelDescription MaskedReverse()
    {
        float[] counted = [1, 2, 3, 4, 5, 6, 7, 8];
        float[] rows = [.. counted, .. counted.Select(v => -v)];
        var model = new ModelDescription();
        model.Add("Words", new EmbeddingAttribute(4, 2));
        model.AddWeight("Words.weight", [4, 2], [0.1f, 0.2f, 0.3f, 0.4f, -0.1f, -0.2f, -0.3f, -0.4f]);
        var cell = Lstm(2);
        cell.Reverse = true;
        model.Add("Cell", cell);
        ColumnLayout.AddRecurrent(model, "Cell", GateBlocks.LstmFromKeras, rows, rows, counted);
        AddHead(model, 2, new float[1]);
        return model;
    }

    private static IEnumerable<Comparison> LstmBpttWeights(Engine engine, JsonElement @case)
    {
        Train(engine, 1, epochs: 2, Ones(60), Ones(5));
        var expected = @case.GetProperty("expected_after");
        var gates = Numbers(expected.GetProperty("lstm_kernel (each of the 4 rows, gates i,f,c,o)"));
        return
        [
            new("kernel", Values(engine, "Cell.weight_ih_l0"), [.. gates.SelectMany(g => Enumerable.Repeat(g, 4))]),
            new("recurrent", Values(engine, "Cell.weight_hh_l0"), Numbers(expected.GetProperty("lstm_recurrent"))),
            new("dense", Values(engine, "Head.weight"), Numbers(expected.GetProperty("dense_kernel"))),
        ];
    }

    private static IEnumerable<Comparison> ElmanBpttWeights(Engine engine, JsonElement @case)
    {
        Train(engine, 5, epochs: 2, Ones(60), new float[5]);
        var expected = @case.GetProperty("expected_after");
        var kernel = Numbers(expected.GetProperty("rnn_kernel (each of 4 rows)"))[0];
        return
        [
            new("kernel", Values(engine, "Cell.weight_ih_l0"), [.. Enumerable.Repeat(kernel, 4)]),
            new("recurrent", Values(engine, "Cell.weight_hh_l0"), Numbers(expected.GetProperty("rnn_recurrent"))),
            new("dense", Values(engine, "Head.weight"), Numbers(expected.GetProperty("dense_kernel"))),
        ];
    }

    /// <summary>Steps of SGD on one batch of 5 samples of 3 rows.</summary>
    private static void Train(Engine engine, double learningRate, int epochs, float[] x, float[] target)
    {
        var training = new FirstOrderTraining(engine.Core, learningRate, steps: 3, batch: 5);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            training.Step(new SequenceCall(3, 5) { Rows = x }, target);
        }
    }

    private static IEnumerable<Comparison> StatefulLoss(Engine engine, JsonElement @case)
    {
        var training = new FirstOrderTraining(engine.Core, 0.01, steps: 3, batch: 4) { Stateful = true };
        var call = new SequenceCall(3, 4) { Rows = Ones(24) };
        var losses = training.Step(call, [1, 2, 3, 4]) + training.Step(call, [5, 6, 7, 8]);
        yield return new("loss", [losses / 2], Numbers(@case.GetProperty("expected_loss")));
    }

    private static IEnumerable<Comparison> MaskedLoss(Engine engine, JsonElement @case)
    {
        var training = new FirstOrderTraining(engine.Core, 0.01, steps: 6, batch: 4);
        var call = MaskedCall([[0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0], [1, 2, 3, 0, 0, 0]]);
        float[] losses = [.. Enumerable.Range(0, 4).Select(_ => training.Step(call, [1, 2, 3, 4]))];
        yield return new("loss", losses[2..], Numbers(@case.GetProperty("expected_loss of epochs 3 and 4")));
    }

    private static IEnumerable<Comparison> StatefulOutput(Engine engine, JsonElement @case)
    {
        var call = new SequenceCall(3, 4) { Rows = Ones(24) };
        var first = engine.Run(call);
        var second = engine.Run(call with { Initial = first.Final });
        var expected = @case.GetProperty("expected");
        yield return new("predict 1", first.Y, [.. Enumerable.Repeat(expected.GetProperty("predict 1 (all elements)").GetDouble(), 20)]);
        yield return new("predict 2", second.Y, [.. Enumerable.Repeat(expected.GetProperty("predict 2").GetDouble(), 20)]);
    }

    private static IEnumerable<Comparison> MaskedOutput(Engine engine, JsonElement @case, bool usesLengths = true)
    {
        var call = MaskedCall(
            [.. @case.GetProperty("x").EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetInt32()).ToArray())]);
        var expected = @case.GetProperty("expected").EnumerateArray().SelectMany(Numbers);
        yield return new("output", engine.Run(usesLengths ? call : call with { Lengths = [] }).Y, [.. expected]);
    }

    /// <summary>Token 0 pads; it stands at the ends only, so the mask is a length.</summary>
    private static SequenceCall MaskedCall(int[][] tokens)
    {
        var (batch, steps) = (tokens.Length, tokens[0].Length);
        return new(steps, batch)
        {
            Tokens = SequenceCall.SwapAxes([.. tokens.SelectMany(row => row)], batch, steps),
            Lengths = [.. tokens.Select(row => row.TakeWhile(token => token != 0).Count())],
        };
    }

    private static ModelDescription Rows(int inputSize) => new() { Model = new RnnModelAttribute { InputSize = inputSize } };

    private static LstmAttribute Lstm(int units, bool bias = true) =>
        new(units) { GateActivation = Activation.HardSigmoidKeras2, Bias = bias, ReturnSequences = false };

    private static void AddOnes(ModelDescription model)
    {
        model.Add("Words", new EmbeddingAttribute(10, 4));
        model.AddWeight("Words.weight", [10, 4], Ones(40));
    }

    private static void AddHead(ModelDescription model, int inputs, float[]? bias)
    {
        model.Add("Head", new DenseAttribute(1) { Bias = bias is not null });
        ColumnLayout.AddDense(model, "Head", 1, Ones(inputs), bias);
    }

    private static float[] ForgetBias(int units) => [.. new float[units], .. Ones(units), .. new float[2 * units]];

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];

    private static float[] Values(Engine engine, string parameter) => engine.Core.Parameters[parameter].Values.ToArray();

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetDouble())];
}
