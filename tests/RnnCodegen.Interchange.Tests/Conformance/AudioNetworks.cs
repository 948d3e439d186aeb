using System.Globalization;

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
            .. new[] { "lstm", "gru", "lstm_1d", "gru_1d" }.Select(name => new ConformanceCase(
                name, () => KerasJsonFile.Import(Golden.Path($"{RtNeural}/{name}.json")), engine => CheckRtNeural(engine, name))),
            ConformanceCase.NotSaid("dense", "softmax between two layers; here it is only a model's output transform."),
        ])
        {
            Covers = "the JSON importer; Keras' gates and two GRU biases; 100 steps of one stream",
            Notes = "full_model.json has no published outputs; bad_lstm.json is malformed on purpose.",
        };
    }

    public static IEnumerable<ConformanceGroup> ReadAmplifiers()
    {
        yield return new(Amplifier, "LSTM 3 and LSTM 16, dense 1", 1e-5,
        [
            .. new[] { "lstm", "BossLSTM-1x16" }.Select(name => new ConformanceCase(
                name, () => NamFile.Import(Golden.Path($"{Amplifier}/{name}.nam")), engine => CheckAmplifier(engine, name))),
        ])
        {
            Covers = "the .nam importer; a learned initial state that is not zero, one matrix on [x, h], 8,192 steps of one stream",
        };
    }

    private static IEnumerable<Comparison> CheckRtNeural(Engine engine, string name)
    {
        var x = Lines($"{RtNeural}/{name}_x_python.csv");
        return [.. engine.Ways(new SequenceCall(x.Length, 1) { Rows = x })
            .Select(result => result.Output(Lines($"{RtNeural}/{name}_y_python.csv")))];
    }

    private static IEnumerable<Comparison> CheckAmplifier(Engine engine, string name)
    {
        var golden = Golden.Open(AmplifierFile);
        return [.. engine.Ways(new SequenceCall(Samples, 1) { Rows = golden["x"] }).Select(result => result.Output(golden[$"y.{name}"]))];
    }

    private static float[] Lines(string file) =>
        [.. File.ReadLines(Golden.Path(file)).Where(line => line.Length > 0)
            .Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
}
