using System.Text;
using RnnCodegen.Interchange.Tests.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>What stands beside the network in RTNeural's, AIDA-X' and NAM's files: applied, noted, harmless, or refused by name.</summary>
public class JsonKeyTests
{
    /// <summary>tanh(0.5 x0 + 0.25 x1 - 0.125) and a second weight that only counts where there are two inputs.</summary>
    private const string One = """[{"type": "dense", "activation": "tanh", "shape": [null, null, 1], "weights": [[[0.5]], [-0.125]]}]""";

    private const string Two =
        """[{"type": "dense", "activation": "tanh", "shape": [null, null, 1], "weights": [[[0.5], [0.25]], [-0.125]]}]""";

    private const string Wide = """[{"type": "dense", "activation": "", "shape": [null, null, 2], "weights": [[[0.5, 1]], [0, 0]]}]""";

    private const string Nam =
        """{"version": "0.5.4", "architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 1, "num_layers": 1}, "weights": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]}""";

    [Theory]
    [InlineData(1, null, null, null)]
    [InlineData(1, 0, 0.0, 0.0)]
    [InlineData(1, 1, null, null)]
    [InlineData(1, 0, 6.0, null)]
    [InlineData(1, 0, null, -3.5)]
    [InlineData(1, 1, 6.0, null)]
    [InlineData(1, 1, null, 6.0)]
    [InlineData(1, 1, -12.0, 2.0)]
    [InlineData(1, 1, -90.0, 2.0)]
    [InlineData(1, 0, null, -90.0)]
    [InlineData(2, 1, null, null)]
    [InlineData(2, 1, 6.0, 3.0)]
    [InlineData(2, 0, 6.0, null)]
    public void Gains_and_the_skip_are_applied(int inputs, int? skip, double? inputGain, double? outputGain)
    {
        var text =
            $$"""{"in_shape": [null, null, {{inputs}}], {{Key("in_skip", skip)}}{{Key("in_gain", inputGain)}}{{Key("out_gain", outputGain)}}"layers": {{(inputs == 1 ? One : Two)}}}""";
        var model = Import(text);
        double[] first = [0.5, -0.25, 0.75];
        var input = Rows.Of(3, 1, inputs, (t, _, f) => f == 0 ? first[t] : 0.3);
        var output = DescriptionReference.Run(model, input);
        for (var t = 0; t < first.Length; t++)
        {
            var x = first[t] * Factor(inputGain);
            var network = Math.Tanh((0.5 * x) + (inputs == 2 ? 0.25 * 0.3 : 0) - 0.125);
            Assert.Equal(((skip == 1 ? x : 0) + network) * Factor(outputGain), output[t, 0, 0], 1e-6);
        }

        Assert.Equal((skip == 1 ? 1 : 0) + (Factor(inputGain) != 1 ? 1 : 0) + (Factor(outputGain) != 1 ? 1 : 0), model.Notes.Count);

        static string Key(string name, object? value) => value is null
            ? ""
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"{name}\": {value}, ");

        static double Factor(double? decibels) => decibels is null ? 1 : decibels <= -90 ? 0 : Math.Pow(10, decibels.Value / 20);
    }

    [Fact]
    public void A_key_that_is_there_twice_is_refused_and_a_mark_in_front_is_not()
    {
        var text = $$"""{"in_shape": [null, null, 1], "layers": {{One}}}""";
        Assert.Equal(2, Import("\uFEFF" + text).Weights.Count);
        var twice = text.Replace("\"layers\"", "\"in_skip\": 1, \"in_skip\": 0, \"layers\"", StringComparison.Ordinal);
        Assert.Contains("in_skip", Assert.Throws<InvalidDataException>(() => Import(twice)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"foo\": 3", "it has the key 'foo' = 3")]
    [InlineData("\"in_skip\": 2", "'in_skip' = 2; only 0 and 1")]
    [InlineData("\"in_skip\": -1", "'in_skip' = -1; only 0 and 1")]
    [InlineData("\"in_skip\": 0.5", "'in_skip' = 0.5; only 0 and 1")]
    [InlineData("\"in_skip\": true", "'in_skip' = true; only 0 and 1")]
    [InlineData("\"in_gain\": \"3\"", "'in_gain' = \"3\" is not a gain in decibels")]
    [InlineData("\"out_gain\": 1e30", "'out_gain' = 1e30 is not a gain in decibels")]
    public void Keys_of_which_nothing_is_known_and_values_without_meaning_are_refused(string key, string cause) =>
        Assert.Contains(cause, Refusal($$"""{"in_shape": [null, null, 1], {{key}}, "layers": {{One}}}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"in_skip\": 1")]
    [InlineData("\"out_gain\": 1")]
    public void Only_one_output_can_be_sound(string key) =>
        Assert.Contains("but 2 outputs", Refusal($$"""{"in_shape": [null, null, 1], {{key}}, "layers": {{Wide}}}"""),
            StringComparison.Ordinal);

    [Fact]
    public void An_unknown_key_of_a_layer_is_refused_with_its_place()
    {
        var text =
            """{"in_shape": [null, null, 1], "layers": [{"type": "dense", "activation": "", "shape": [null, null, 1], "foo": 1, "weights": [[[1]], [0]]}]}""";
        Assert.Contains("layer 0 (dense) has the key 'foo' = 1", Refusal(text), StringComparison.Ordinal);
        Assert.Contains("is not a text",
            Refusal(text.Replace("\"foo\": 1", "\"name\": \"x\"", StringComparison.Ordinal).Replace("\"activation\": \"\"",
                "\"activation\": 3", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"samplerate\": 44100", "44100 samples per second")]
    [InlineData("\"samplerate\": \"48000\"", "48000 samples per second")]
    [InlineData("\"metadata\": {\"samplerate\": 96000, \"name\": \"x\"}", "96000 samples per second")]
    [InlineData("\"samplerate\": \"high\"", "which is no rate")]
    [InlineData("\"samplerate\": 48000, \"metadata\": {\"samplerate\": 44100}", "48000 samples per second")]
    [InlineData("\"metadata\": {\"sample_rate\": 96000}", "96000 samples per second")]
    public void The_rate_is_noted_and_remarks_are_harmless(string key, string note)
    {
        var model = Import(
            $$"""{"in_shape": [null, null, 1], {{key}}, "author": "a", "esr": 0.1, "input_batch": [1], "output_batch": [1], "layers": {{One}}}""");
        Assert.Contains(note, Assert.Single(model.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"num_layers\": 1", "\"num_layers\": 1, \"skip\": true", "its config has the key 'skip' = true")]
    [InlineData("\"num_layers\": 1", "\"num_layers\": 1, \"bidirectional\": false", "its config has the key 'bidirectional' = false")]
    [InlineData("\"weights\"", "\"output_scale\": 2, \"weights\"", "it has the key 'output_scale' = 2")]
    [InlineData("0.5.4", "0.4.9", "its 'version' = \"0.4.9\"")]
    [InlineData("0.5.4", "1.0.0", "its 'version' = \"1.0.0\"")]
    [InlineData("0.5.4", "new", "its 'version' = \"new\"")]
    [InlineData("16]", "1e39]", "not a number")]
    [InlineData("16]", "NaN]", "not JSON")]
    public void Nam_files_of_which_something_is_not_known_are_refused(string from, string to, string cause) => Assert.Contains(
        cause,
        Assert.Throws<InvalidDataException>(
            () => NamFile.Import("x.nam", Encoding.UTF8.GetBytes(Nam.Replace(from, to, StringComparison.Ordinal)))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Nams_remarks_are_harmless_and_its_rate_is_noted()
    {
        var text = Nam.Replace("\"weights\"", "\"metadata\": {\"loudness\": -11.4, \"gain\": 0.6}, \"sample_rate\": 48000, \"weights\"",
            StringComparison.Ordinal);
        Assert.Contains("48000 samples per second", Assert.Single(NamFile.Import("x.nam", Encoding.UTF8.GetBytes(text)).Notes),
            StringComparison.Ordinal);
        Assert.Empty(NamFile.Import("x.nam", Encoding.UTF8.GetBytes(Nam)).Notes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"version\": \"0.5.4\"")]
    public void A_nam_file_is_told_wherever_its_version_stands(string version)
    {
        var weights = string.Join(", ", Enumerable.Range(0, (4 * 32 * 34) + 64 + 33).Select(k => $"0.{k:D5}"));
        var folder = Directory.CreateTempSubdirectory("rnncodegen");
        try
        {
            var file = Path.Combine(folder.FullName, "x.nam");
            File.WriteAllText(
                file,
                $$"""{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 32, "num_layers": 1}, "weights": [{{weights}}]{{version}}}""");
            Assert.Equal("Neural Amp Modeler", ModelFile.Open(file).Format);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("tanh", false)]
    [InlineData("relu", true)]
    public void An_activation_that_players_pass_over_is_noted(string activation, bool isNoted)
    {
        var lstm =
            $$"""{"type": "lstm", "activation": "{{activation}}", "shape": [null, null, 1], "weights": [[[1, 2, 3, 4]], [[5, 6, 7, 8]], [0, 0, 0, 0]]}""";
        var model = Import($$"""{"in_shape": [null, null, 1], "layers": [{{lstm}}]}""");
        Assert.Equal(isNoted ? Activation.Relu : Activation.Tanh, ((LstmAttribute)model.Layers[0].Options).Activation);
        Assert.Equal(isNoted ? 1 : 0,
            model.Notes.Count(
                n => n.Contains("Layer 0 (lstm) is computed with the activation 'relu', as Keras trained it", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mark_before_the_text_is_passed_over()
    {
        Assert.Equal(1,
            KerasJsonFile.Import("x.json",
                (byte[])[.. Encoding.UTF8.Preamble,
                    .. Encoding.UTF8.GetBytes($$"""{"in_shape": [null, null, 1], "layers": {{One}}}""")]).Model.InputSize);
        Assert.Single(NamFile.Import("x.nam", (byte[])[.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Nam)]).Layers,
            l => l.Name == "Lstm");
    }

    private static ModelDescription Import(string text) => KerasJsonFile.Import("x.json", Encoding.UTF8.GetBytes(text));

    private static string Refusal(string text) => Assert.Throws<InvalidDataException>(() => Import(text)).Message;
}
