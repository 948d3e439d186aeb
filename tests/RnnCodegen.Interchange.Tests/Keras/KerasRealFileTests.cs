using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>Files that Keras wrote, against the tensors that others converted from them.</summary>
public class KerasRealFileTests
{
    private const string Mycroft = "precise-hey-mycroft/hey-mycroft.net";
    private const string Textgenrnn = "textgenrnn-base/textgenrnn_weights.hdf5";

    private static readonly object TextgenrnnModel = new
    {
        class_name = "Model",
        config = new
        {
            layers = new object[]
            {
                Node("InputLayer", "input", new { name = "input", batch_input_shape = new int?[] { null, 40 } }),
                Node("Embedding", "embedding", new { name = "embedding", input_dim = 465, output_dim = 100 }, "input"),
                Node("CuDNNLSTM", "rnn_1", new { name = "rnn_1", units = 128, return_sequences = true }, "embedding"),
                Node("CuDNNLSTM", "rnn_2", new { name = "rnn_2", units = 128, return_sequences = true }, "rnn_1"),
                Node("Concatenate", "rnn_concat", new { name = "rnn_concat", axis = -1 }, "embedding", "rnn_1", "rnn_2"),
                Node("AttentionWeightedAverage", "attention", new { name = "attention" }, "rnn_concat"),
                Node("Dense", "output", new { name = "output", units = 465, activation = "softmax" }, "attention"),
            },
            input_layers = new object[] { new object[] { "input", 0, 0 } },
            output_layers = new object[] { new object[] { "output", 0, 0 } },
        },
    };

    [DataTheory(Mycroft)]
    [InlineData("precise-hey-mycroft/weights.safetensors")]
    public void The_wake_word_file_is_its_converted_tensors(string converted)
    {
        var model = KerasImporter.Import(SharedData.Find(Mycroft)!);
        using var expected = SafeTensorsFile.Read(SharedData.Find(converted)!);
        Assert.Equal(13, model.Model.InputSize);
        Assert.Equal(["Net", "Dense1"], model.Layers.Select(l => l.Name));
        var gru = Assert.IsType<GruAttribute>(model.Layers[0].Options);
        Assert.Equal(
            (20, false, false, Activation.Linear, Activation.HardSigmoidKeras2),
            (gru.Units, gru.ResetAfter, gru.ReturnSequences, gru.Activation, gru.GateActivation));
        Assert.Equal(Activation.Sigmoid, Assert.IsType<DenseAttribute>(model.Layers[1].Options).Activation);
        AssertGru(model, "Net", Tensor("kernel"), Tensor("recurrent"), 13, 20);
        Assert.Equal(GateBlocks.Reorder(Tensor("bias"), [1, 0, 2]), model.Weight("Net.bias_ih_l0"));
        Assert.Equal(new float[60], model.Weight("Net.bias_hh_l0"));
        Assert.Contains(model.Notes, note => note.Contains("dropout"));

        float[] Tensor(string name) => expected[name].ToFloats();
    }

    [DataTheory(Textgenrnn)]
    [InlineData("textgenrnn-base/weights.safetensors")]
    public void Cudnn_weights_are_the_converted_ones(string converted)
    {
        var architecture = System.Text.Json.JsonSerializer.Serialize(TextgenrnnModel);
        var model = KerasImporter.Import(SharedData.Find(Textgenrnn)!, architecture);
        using var expected = SafeTensorsFile.Read(SharedData.Find(converted)!);
        Assert.Equal(OutputTransform.Softmax, model.Model.Output);
        Assert.Equal(["Embedding", "Rnn1", "Rnn2", "RnnConcat", "Attention", "Output"], model.Layers.Select(l => l.Name));
        Assert.IsType<AttentionPoolAttribute>(model.Layers[4].Options);
        Assert.Equal(expected["embeddings"].ToFloats(), model.Weight("Embedding.weight"));
        Assert.Equal(expected["attention.W"].ToFloats(), model.Weight("Attention.weight"));
        foreach (var (name, key, width) in new[] { ("Rnn1", "rnn_1", 100), ("Rnn2", "rnn_2", 128) })
        {
            Assert.Equal(GateBlocks.Transpose(expected[$"{key}.kernel"].ToFloats(), width, 512), model.Weight($"{name}.weight_ih_l0"));
            Assert.Equal(GateBlocks.Transpose(expected[$"{key}.recurrent"].ToFloats(), 128, 512), model.Weight($"{name}.weight_hh_l0"));
            var sum = model.Weight($"{name}.bias_ih_l0").Zip(model.Weight($"{name}.bias_hh_l0"), (a, b) => a + b).ToArray();
            Assert.Equal(expected[$"{key}.bias"].ToFloats(), sum);
        }
    }

    [DataTheory(Textgenrnn)]
    [InlineData("Give the model's JSON")]
    public void Weights_alone_ask_for_the_models_Json(string cure) =>
        Assert.Contains(cure, Assert.Throws<InvalidDataException>(() => KerasImporter.Import(SharedData.Find(Textgenrnn)!)).Message);

    private static object Node(string className, string name, object config, params string[] sources) => new
    {
        class_name = className, name, config,
        inbound_nodes = sources.Length == 0 ? [] : new object[] { sources.Select(s => new object[] { s, 0, 0, new { } }).ToArray() },
    };

    /// <summary>Gates z, r, h in columns against r, z, n in rows, element by element.</summary>
    private static void AssertGru(ModelDescription model, string name, float[] kernel, float[] recurrent, int inputs, int units)
    {
        int[] sourceOfGate = [1, 0, 2];
        for (var gate = 0; gate < 3; gate++)
        {
            for (var unit = 0; unit < units; unit++)
            {
                var row = (gate * units) + unit;
                var column = (sourceOfGate[gate] * units) + unit;
                for (var i = 0; i < inputs; i++)
                {
                    Assert.Equal(kernel[(i * 3 * units) + column], model.Weight($"{name}.weight_ih_l0")[(row * inputs) + i]);
                }

                for (var j = 0; j < units; j++)
                {
                    Assert.Equal(recurrent[(j * 3 * units) + column], model.Weight($"{name}.weight_hh_l0")[(row * units) + j]);
                }
            }
        }
    }
}
