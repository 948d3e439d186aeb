using System.Globalization;
using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Files that others made: ONNX's own node tests, a noise suppressor, and a voice detector with branches.</summary>
public class PublishedFileTests
{
    private const string NodeTests = "onnx-node-tests/cases.json";
    private const string Denoiser = "dtln-model-1/model_1.onnx";
    private const string VoiceDetector = "silero-vad-v6/silero_vad_16k_op15.onnx";

    [DataTheory(NodeTests)]
    [InlineData("test_gru_batchwise", "GruAttribute 6")]
    [InlineData("test_gru_defaults", "GruAttribute 5")]
    [InlineData("test_gru_seq_length", "GruAttribute 5, bias")]
    [InlineData("test_gru_with_initial_bias", "GruAttribute 3, bias")]
    [InlineData("test_lstm_batchwise", "LstmAttribute 7")]
    [InlineData("test_lstm_defaults", "LstmAttribute 3")]
    [InlineData("test_lstm_with_initial_bias", "LstmAttribute 4, bias")]
    [InlineData("test_lstm_with_peepholes", "LstmAttribute 3, bias, peepholes")]
    [InlineData("test_rnn_seq_length", "ElmanAttribute 5, bias")]
    [InlineData("test_simple_rnn_batchwise", "ElmanAttribute 4")]
    [InlineData("test_simple_rnn_defaults", "ElmanAttribute 4")]
    [InlineData("test_simple_rnn_with_initial_bias", "ElmanAttribute 5, bias")]
    public void Onnxs_node_tests(string name, string expected)
    {
        var folder = Path.GetDirectoryName(SharedData.Find(NodeTests))!;
        string Data(string file) => Path.Combine(folder, name, "test_data_set_0", file);
        var tensors = Directory.GetFiles(Data(""), "input_*.pb").Select(OnnxImporter.ReadTensor).ToDictionary(t => t.Name);
        var x = tensors["X"];
        foreach (var argument in new[] { "X", "sequence_lens", "initial_h", "initial_c" })
        {
            tensors.Remove(argument);
        }

        var model = OnnxImporter.Read(Path.Combine(folder, name, "model.onnx"), new OnnxImportOptions { Constants = tensors });
        var options = (RecurrentAttribute)Assert.Single(model.Layers).Options;
        var parts = $"{(options.Bias ? ", bias" : "")}{(options is LstmAttribute { Peepholes: true } ? ", peepholes" : "")}";
        Assert.Equal(expected, $"{options.GetType().Name} {options.Units}{parts}");

        // The weights in ONNX's places, by the expected numbers.
        var isBatchFirst = model.Signature!.IsBatchFirst;
        Assert.Equal(name.Contains("batchwise", StringComparison.Ordinal), isBatchFirst);
        var (steps, batch) = isBatchFirst ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        var input = Rows.Of(steps, batch, x.Shape[2],
            (t, b, f) => x.Values[((isBatchFirst ? (b * steps) + t : (t * batch) + b) * x.Shape[2]) + f]);
        var rows = DescriptionReference.Run(model, input);
        var wanted = Directory.GetFiles(Data(""), "output_*.pb").Select(OnnxImporter.ReadTensor)
            .Single(t => t.Name == model.Signature.Output);

        // A batch-first case has one step, so that both orders are the same.
        Assert.Equal(wanted.Values.Length, rows.Values.Length);
        Assert.All(rows.Values.Zip(wanted.Values), p => Assert.Equal(p.Second, p.First, 1e-6));
    }

    [DataTheory(Denoiser)]
    [InlineData(1e-5)]
    public void A_noise_suppressor_is_read_whole(double tolerance)
    {
        var model = OnnxImporter.Read(SharedData.Find(Denoiser)!);
        Assert.Equal(["Lstm4", "Lstm5", "Dense2"], model.Layers.Select(l => l.Name));
        Assert.Equal(
            new LayerAttribute[]
            {
                new LstmAttribute(128), new LstmAttribute(128), new DenseAttribute(257) { Activation = Activation.Sigmoid }
            }.Select(Same.Text),
            model.Layers.Select(l => Same.Text(l.Options)));
        Assert.Equal(257, model.Model.InputSize);
        var state = Assert.Single(model.Signature!.States);
        Assert.Equal("input_3: 1 2 128 2", $"{state.Name}: {string.Join(' ', state.Shape)}");
        Assert.Equal([RowAxis.Batch, RowAxis.Time, RowAxis.Feature], model.Signature.InputAxes);
        Assert.Contains(model.Notes, n => n.Contains("'tf_op_layer_stack_2' is left out", StringComparison.Ordinal));

        var golden = SafeTensorsFile.Read(SharedData.Find("dtln-model-1/golden.safetensors")!);
        var (magnitude, mask) = (golden["magnitude"].Floats.ToArray(), golden["mask"].Floats.ToArray());
        const int Frames = 40;
        var rows = DescriptionReference.Run(model, Rows.Of(Frames, 1, 257, (t, _, f) => magnitude[(t * 257) + f]));
        Assert.All(rows.Values.Zip(mask), p => Assert.Equal(p.Second, p.First, tolerance));

        var first = OnnxRuntimeModel.Run(File.ReadAllBytes(SharedData.Find(Denoiser)!), model.Signature,
            Rows.Of(1, 1, 257, (_, _, f) => magnitude[f]));
        Assert.All(first.Values.Zip(mask), p => Assert.Equal(p.Second, p.First, tolerance));
    }

    [DataTheory(VoiceDetector)]
    [InlineData("the size 'sequence' of input 'input' is not fixed, and the graph is one step")]
    public void A_voice_detector_needs_the_size_of_its_frames(string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => OnnxImporter.Read(SharedData.Find(VoiceDetector)!));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
        Assert.Contains("silero_vad_16k_op15.onnx", error.Message);
    }
}
