using System.Text;
using RnnCodegen.Interchange.Rnnoise;
using RnnCodegen.Interchange.Tests.Onnx;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Rnnoise;

/// <summary>Noise suppressors come out alike from their text and from C's tables, and compute what the published net does.</summary>
public class RnnoiseImporterTests
{
    // Name, inputs, units, function; a small one of the published structure.
    private static readonly (string Name, int Inputs, int Units, int Function)[] s_layers =
    [
        ("input_dense", 42, 2, 0), ("vad_gru", 2, 3, 2), ("noise_gru", 47, 2, 2), ("denoise_gru", 47, 4, 0), ("denoise_output", 4, 3, 1),
        ("vad_output", 3, 1, 1),
    ];

    private static readonly string[] s_functions = ["ACTIVATION_TANH", "ACTIVATION_SIGMOID", "ACTIVATION_RELU"];

    [Fact]
    public void Text_and_tables_are_the_same_model()
    {
        var (text, tables) = (RnnoiseImporter.Parse("m.rnnn", Text()), RnnoiseImporter.Parse("rnn_data.c", Tables()));

        Same.Assert(text, tables);
        Assert.Equal(["InputDense", "VadGru", "VadOutput", "NoiseInput", "NoiseGru", "DenoiseInput", "DenoiseGru", "DenoiseOutput", "Both"],
            text.Layers.Select(l => l.Name));
        Assert.False(((GruAttribute)text.Layers[1].Options).ResetAfter);
    }

    [Fact]
    public void A_step_is_that_of_the_published_equations()
    {
        var x = Enumerable.Range(0, 42).Select(k => Math.Sin(k)).ToArray();
        var dense = Dense("input_dense", x, Math.Tanh);
        var vad = Gru("vad_gru", dense, v => Math.Max(0, v));
        var noise = Gru("noise_gru", [.. dense, .. vad, .. x], v => Math.Max(0, v));
        var denoise = Gru("denoise_gru", [.. vad, .. noise, .. x], Math.Tanh);
        double[] expected = [.. Dense("denoise_output", denoise, Sigmoid), .. Dense("vad_output", vad, Sigmoid)];

        var actual = DescriptionReference.Run(RnnoiseImporter.Parse("m.rnnn", Text()), new Rows(x, 1, 1, 42)).Values;
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-6));

        var gains = DescriptionReference.Run(RnnoiseImporter.Parse("m.rnnn", Text(), "denoise_output"), new Rows(x, 1, 1, 42)).Values;
        Assert.Equal(actual[..3], gains);
        var voice = RnnoiseImporter.Parse("m.rnnn", Text(), "vad_output");
        Assert.Equal(["InputDense", "VadGru", "VadOutput"], voice.Layers.Select(l => l.Name));
    }

    [Theory]
    [InlineData("version 1", "version 2", "'2' in version is not a whole number from 1 to 1")]
    [InlineData("42 2 0", "42 2 3", "the function 3 of input_dense is none of")]
    [InlineData("42 2 0", "41 2 0", "")]
    [InlineData("\n", "\n999 ", "is not a whole number")]
    public void Wrong_texts_are_refused(string old, string replacement, string message)
    {
        var text = Text();
        var at = text.IndexOf(old, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(
            () => RnnoiseImporter.Parse("m.rnnn", text[..at] + replacement + text[(at + old.Length)..]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("'m.rnnn'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_end_early_or_late_or_lack_a_table_are_refused()
    {
        Assert.Contains("it ends within vad_output", Refusal(Text()[..^4]), StringComparison.Ordinal);
        Assert.Contains("1 numbers are left", Refusal(Text() + " 7"), StringComparison.Ordinal);
        Assert.Contains("no structure vad_gru", Refusal(Tables().Replace("GRULayer vad_gru", "GRULayer other")), StringComparison.Ordinal);
        Assert.Contains("the array noise_gru_bias of noise_gru is missing",
            Refusal(Tables().Replace("weight noise_gru_bias", "weight other")), StringComparison.Ordinal);
        Assert.Contains("name denoise_output or vad_output",
            Assert.Throws<InvalidDataException>(() => RnnoiseImporter.Parse("m.rnnn", Text(), "gains")).Message, StringComparison.Ordinal);
    }

    [DataTheory("rnnoise-v0.1/weights_int8.safetensors")]
    [InlineData("rnnoise-v0.1/weights_int8.safetensors", "rnnoise-v0.1/golden.safetensors")]
    public void The_published_weights_as_text_give_the_published_outputs(string weights, string golden)
    {
        var tensors = SafeTensorsFile.Read(SharedData.Find(weights)!);
        var text = new StringBuilder("rnnoise-nu model file version 1\n");
        foreach (var (name, function) in new[]
        {
            ("input_dense", 0), ("vad_gru", 2), ("noise_gru", 2), ("denoise_gru", 2), ("denoise_output", 1), ("vad_output", 1),
        })
        {
            var shape = tensors[$"{name}.weights"].Shape;
            var isGru = name.EndsWith("gru", StringComparison.Ordinal);
            text.AppendLine($"{shape[0]} {shape[1] / (isGru ? 3 : 1)} {function}");
            foreach (var part in isGru ? new[] { "weights", "recurrent", "bias" } : ["weights", "bias"])
            {
                text.AppendLine(string.Join(' ', tensors[$"{name}.{part}"].Values<sbyte>().ToArray()));
            }
        }

        var expected = SafeTensorsFile.Read(SharedData.Find(golden)!);
        var (x, gains, vad) = (expected["features"].ToFloats(), expected["gains"].ToFloats(), expected["vad"].ToFloats());
        var actual = DescriptionReference.Run(RnnoiseImporter.Parse("m.rnnn", text.ToString()),
            new Rows(Array.ConvertAll(x, v => (double)v), 500, 1, 42));
        for (var t = 0; t < 500; t++)
        {
            Assert.Equal(vad[t], actual[t, 0, 22], 4e-5);
            Assert.All(Enumerable.Range(0, 22), k => Assert.Equal(gains[(t * 22) + k], actual[t, 0, k], 4e-5));
        }
    }

    private static string Refusal(string text) =>
        Assert.Throws<InvalidDataException>(() => RnnoiseImporter.Parse("m.rnnn", text)).Message;

    private static string Text()
    {
        var text = new StringBuilder("rnnoise-nu model file version 1\n");
        foreach (var (name, inputs, units, function) in s_layers)
        {
            text.Append($"{inputs} {units} {function}\n");
            foreach (var part in Parts(name))
            {
                text.Append(string.Join(' ', Values(name, part))).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Tables()
    {
        var text = new StringBuilder("/* a comment, { 1, 2 } */\n#include \"rnn.h\"\n");
        foreach (var (name, inputs, units, function) in s_layers)
        {
            foreach (var part in Parts(name))
            {
                var array = part == "recurrent" ? $"{name}_recurrent_weights" : $"{name}_{part}";
                var values = Values(name, part);
                text.Append($"static const rnn_weight {array}[{values.Length}] = {{\n   {string.Join(", ", values)}\n}};\n");
            }

            var isGru = Parts(name).Length == 3;
            text.Append($"{(isGru ? "const GRULayer" : "const DenseLayer")} {name} = {{\n {name}_bias,\n {name}_weights,\n");
            text.Append($"{(isGru ? $" {name}_recurrent_weights,\n" : "")} {inputs}, {units}, {s_functions[function]}\n}};\n");
        }

        return text.ToString();
    }

    private static string[] Parts(string name) =>
        name.EndsWith("gru", StringComparison.Ordinal) ? ["weights", "recurrent", "bias"] : ["weights", "bias"];

    private static int[] Values(string name, string part)
    {
        var (_, inputs, units, _) = s_layers.First(l => l.Name == name);
        var columns = Parts(name).Length == 3 ? 3 * units : units;
        var count = (part == "weights" ? inputs : part == "recurrent" ? units : 1) * columns;
        var random = new Random(name.Length + (31 * part.Length));
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(-128, 128))];
    }

    private static double[] Sums(string name, string part, double[] row, int columns)
    {
        var values = Values(name, part);
        return [.. Enumerable.Range(0, columns).Select(c => row.Select((v, k) => v * values[(k * columns) + c] / 256).Sum())];
    }

    private static double[] Dense(string name, double[] x, Func<double, double> function)
    {
        var bias = Values(name, "bias");
        return [.. Sums(name, "weights", x, bias.Length).Select((s, k) => function(s + (bias[k] / 256.0)))];
    }

    /// <summary>A step from a state of zeros.</summary>
    private static double[] Gru(string name, double[] x, Func<double, double> function)
    {
        var bias = Values(name, "bias");
        var units = bias.Length / 3;
        var sums = Sums(name, "weights", x, bias.Length).Select((s, k) => s + (bias[k] / 256.0)).ToArray();
        return [.. Enumerable.Range(0, units).Select(k => (1 - Sigmoid(sums[k])) * function(sums[(2 * units) + k]))];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
