using System.Globalization;
using System.Text.Json;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>Networks of audio programs that keep them as JSON: RTNeural's exports from Keras, and guitar amplifiers of NAM.</summary>
internal static class AudioNetworks
{
    public const string RtNeuralFile = "rtneural-keras/lstm.json";
    public const string AmplifierFile = "nam-lstm-dev/golden.safetensors";

    private const string RtNeural = "rtneural-keras";
    private const string Amplifier = "nam-lstm-dev";
    private const int Samples = 8192;

    public static IEnumerable<ConformanceGroup> ReadRtNeural()
    {
        yield return new(RtNeural, "LSTM 8 and GRU 8 between dense layers", 1e-6,
        [
            .. new[] { "lstm", "gru", "lstm_1d", "gru_1d" }.Select(name => new ConformanceCase(name, () => RtNeuralModel(name), engine => CheckRtNeural(engine, name))),
            ConformanceCase.NotSaid("dense", "softmax between two layers; here it is only a model's output transform."),
        ])
        {
            Covers = "Keras' gates and two GRU biases as JSON; 100 steps of one stream",
            Notes = "full_model.json has no published outputs; bad_lstm.json is malformed on purpose.",
        };
    }

    public static IEnumerable<ConformanceGroup> ReadAmplifiers()
    {
        yield return new(Amplifier, "LSTM 3 and LSTM 16, dense 1", 1e-5,
            [.. new[] { "lstm", "BossLSTM-1x16" }.Select(name => new ConformanceCase(name, () => AmplifierModel(name), engine => CheckAmplifier(engine, name)))])
        {
            Covers = "a learned initial state that is not zero, one matrix on [x, h], 8,192 steps of one stream",
        };
    }

    private static ModelDescription RtNeuralModel(string name)
    {
        var file = Golden.Json($"{RtNeural}/{name}.json");
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = file.GetProperty("in_shape").EnumerateArray().Last().GetInt32() } };
        foreach (var (k, layer) in file.GetProperty("layers").EnumerateArray().Index())
        {
            var units = layer.GetProperty("shape").EnumerateArray().Last().GetInt32();
            var weights = layer.GetProperty("weights").EnumerateArray().Select(Flat).ToArray();
            switch (layer.GetProperty("type").GetString())
            {
                case "lstm":
                    model.Add($"Layer{k}", new LstmAttribute(units));
                    ColumnLayout.AddRecurrent(model, $"Layer{k}", GateBlocks.LstmFromKeras, weights[0], weights[1], weights[2]);
                    break;
                case "gru":
                    model.Add($"Layer{k}", new GruAttribute(units));
                    ColumnLayout.AddRecurrent(model, $"Layer{k}", GateBlocks.GruFromUpdateFirst, weights[0], weights[1], weights[2][..(3 * units)], weights[2][(3 * units)..]);
                    break;
                default:
                    var activation = layer.GetProperty("activation").GetString() switch
                    {
                        "tanh" => Activation.Tanh,
                        "sigmoid" => Activation.Sigmoid,
                        "" => Activation.Linear,
                        var other => throw new NotSupportedException($"Layer {k} of {name}.json has the activation {other}."),
                    };
                    model.Add($"Layer{k}", new DenseAttribute(units) { Activation = activation });
                    ColumnLayout.AddDense(model, $"Layer{k}", units, weights[0], weights[1]);
                    break;
            }
        }

        return model;
    }

    /// <summary>One flat list: for each layer [4 H, in + H] on [x, h], biases [4 H], h [H] and c [H] before the first step; then the head.</summary>
    private static ModelDescription AmplifierModel(string name)
    {
        var file = Golden.Json($"{Amplifier}/{name}.nam");
        var config = file.GetProperty("config");
        var (units, layers) = (config.GetProperty("hidden_size").GetInt32(), config.GetProperty("num_layers").GetInt32());
        var rest = Flat(file.GetProperty("weights")).AsSpan();
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = config.GetProperty("input_size").GetInt32() } };
        model.Add("Amplifier", new LstmAttribute(units) { Layers = layers, LearnedInitialState = true });
        for (var k = 0; k < layers; k++)
        {
            var inputs = k == 0 ? model.Model.InputSize : units;
            float[][] rows = [.. Take(ref rest, 4 * units * (inputs + units)).Chunk(inputs + units)];
            model.AddWeight($"Amplifier.weight_ih_l{k}", [4 * units, inputs], [.. rows.SelectMany(row => row[..inputs])]);
            model.AddWeight($"Amplifier.weight_hh_l{k}", [4 * units, units], [.. rows.SelectMany(row => row[inputs..])]);
            model.AddWeight($"Amplifier.bias_ih_l{k}", [4 * units], Take(ref rest, 4 * units));
            model.AddWeight($"Amplifier.bias_hh_l{k}", [4 * units], new float[4 * units]);
            model.AddWeight($"Amplifier.h0_l{k}", [units], Take(ref rest, units));
            model.AddWeight($"Amplifier.c0_l{k}", [units], Take(ref rest, units));
        }

        model.Add("Sample", new DenseAttribute(1));
        model.AddWeight("Sample.weight", [1, units], Take(ref rest, units));
        model.AddWeight("Sample.bias", [1], Take(ref rest, 1));
        return rest.IsEmpty ? model : throw new InvalidDataException($"{rest.Length} weights of {name} are left over.");
    }

    private static float[] Take(ref Span<float> rest, int count)
    {
        var taken = rest[..count].ToArray();
        rest = rest[count..];
        return taken;
    }

    private static IEnumerable<Comparison> CheckRtNeural(Engine engine, string name)
    {
        var x = Lines($"{RtNeural}/{name}_x_python.csv");
        return [.. engine.Ways(new SequenceCall(x.Length, 1) { Rows = x }).Select(result => result.Output(Lines($"{RtNeural}/{name}_y_python.csv")))];
    }

    private static IEnumerable<Comparison> CheckAmplifier(Engine engine, string name)
    {
        var golden = Golden.Open(AmplifierFile);
        return [.. engine.Ways(new SequenceCall(Samples, 1) { Rows = golden["x"] }).Select(result => result.Output(golden[$"y.{name}"]))];
    }

    private static float[] Flat(JsonElement values) => values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray().SelectMany(Flat)] : [values.GetSingle()];

    private static float[] Lines(string file) =>
        [.. File.ReadLines(Golden.Path(file)).Where(line => line.Length > 0).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
}
