using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>State dicts become layers by names and shapes, and what is not understood is refused by name.</summary>
public class PyTorchImporterTests
{
    [Fact]
    public void Modules_become_layers_in_the_files_order()
    {
        var model = Import([.. Tensors(("embedding.weight", [30, 8])), .. Recurrent("rnn.lstm", 4, 8, 16, 2, 2),
            .. Tensors(("norm.weight", [32]), ("norm.bias", [32])),
            .. Tensors(("head.0.weight", [5, 32]), ("head.0.bias", [5])), .. Tensors(("head.1.weight", [5])),
            .. Tensors(("head.2.weight", [7, 5]))]);
        Assert.Equal(["Embedding", "RnnLstm", "Norm", "Head0", "Head1", "Head2"], model.Layers.Select(l => l.Name));
        Assert.Equal(0, model.Model.InputSize);
        Assert.True(model.Layers[0].Options is EmbeddingAttribute { Vocabulary: 30, Size: 8 });
        Assert.True(model.Layers[1].Options is LstmAttribute { Units: 16, Layers: 2, Bidirectional: true, Bias: true, Projection: 0 });
        Assert.IsType<LayerNormAttribute>(model.Layers[2].Options);
        Assert.True(model.Layers[3].Options is DenseAttribute { Units: 5, Bias: true });
        Assert.IsType<PReluAttribute>(model.Layers[4].Options);
        Assert.True(model.Layers[5].Options is DenseAttribute { Units: 7, Bias: false });
        Assert.Contains("RnnLstm.weight_hh_l1_reverse", model.Weights.Keys);
        Assert.Equal([64, 32], model.Weights["RnnLstm.weight_ih_l1_reverse"].Shape);
        Assert.Contains(model.Notes, n => n.Contains("follow each other in the file's order", StringComparison.Ordinal));
        Assert.Contains(model.Notes, n => n.StartsWith("Head1 is taken for a PReLU", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4, typeof(LstmAttribute), "Lstm")]
    [InlineData(3, typeof(GruAttribute), "Gru")]
    [InlineData(1, typeof(ElmanAttribute), "Elman")]
    public void The_ratio_of_rows_tells_the_cell(int gates, Type type, string name)
    {
        // A module saved by itself has no prefix.
        var model = Import(Recurrent("", gates, 3, 5, 1, 1));
        var layer = Assert.Single(model.Layers);
        Assert.IsType(type, layer.Options);
        Assert.Equal(name, layer.Name);
        Assert.Equal(3, model.Model.InputSize);
        Assert.Equal([$"{name}.weight_ih_l0", $"{name}.weight_hh_l0", $"{name}.bias_ih_l0", $"{name}.bias_hh_l0"], model.Weights.Keys);
        Assert.Equal(gates == 1, model.Notes.Any(n => n.Contains("nonlinearity='relu'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Cells_projections_and_missing_biases_are_recognised()
    {
        var cell = Import(
            Tensors(("cell.weight_ih", [12, 7]), ("cell.weight_hh", [12, 4]), ("cell.bias_ih", [12]), ("cell.bias_hh", [12])));
        Assert.True(Assert.Single(cell.Layers).Options is GruAttribute { Units: 4, Layers: 1, Bias: true });
        Assert.Contains("Cell.weight_ih_l0", cell.Weights.Keys);

        var projected = Import(Tensors(
            ("r.weight_ih_l0", [20, 7]), ("r.weight_hh_l0", [20, 2]), ("r.weight_hr_l0", [2, 5]), ("r.weight_ih_l1", [20, 2]),
            ("r.weight_hh_l1", [20, 2]), ("r.weight_hr_l1", [2, 5])));
        Assert.True(Assert.Single(projected.Layers).Options is LstmAttribute { Units: 5, Projection: 2, Layers: 2, Bias: false });
    }

    [Fact]
    public void A_convolution_is_one_of_three_sizes_and_its_padding_noted()
    {
        var model = Import(Tensors(("conv.weight", [6, 3, 5]), ("conv.bias", [6])));
        Assert.True(Assert.Single(model.Layers).Options is Conv1dAttribute { Filters: 6, Kernel: 5, Bias: true });
        Assert.Equal(3, model.Model.InputSize);
        Assert.Equal([6, 3, 5], model.Weights["Conv.weight"].Shape);
        Assert.Contains(model.Notes, n => n.Contains("stride 1, dilation 1 and no padding", StringComparison.Ordinal));
    }

    [Fact]
    public void A_batch_normalisation_is_folded()
    {
        float[] weight = [2, -1], bias = [0.5f, 3], mean = [10, -4], variance = [4, 0.25f];
        var model = Import([
            new("bn.weight", [2], weight), new("bn.bias", [2], bias), new("bn.running_mean", [2], mean),
            new("bn.running_var", [2], variance), SafeTensor.Of<long>("bn.num_batches_tracked", [], new[] { 7L })]);
        Assert.IsType<AffineAttribute>(Assert.Single(model.Layers).Options);
        foreach (var x in new[] { -3.0, 0, 11 })
        {
            for (var i = 0; i < 2; i++)
            {
                var expected = ((x - mean[i]) / Math.Sqrt(variance[i] + 1e-5) * weight[i]) + bias[i];
                Assert.Equal(expected, (model.Weights["Bn.weight"].Values[i] * x) + model.Weights["Bn.bias"].Values[i], 1e-5);
            }
        }

        Assert.Contains(model.Notes, n => n.Contains("folded into a scale and a shift", StringComparison.Ordinal));
        Assert.Contains(model.Notes, n => n.Contains("'bn.num_batches_tracked'", StringComparison.Ordinal));

        var plain = Import([new("bn.running_mean", [2], mean), new("bn.running_var", [2], variance)]);
        Assert.Equal(1 / Math.Sqrt(4 + 1e-5), plain.Weights["Bn.weight"].Values[0], 1e-7);
    }

    [Fact]
    public void A_file_sorted_by_name_is_put_into_an_order_that_fits()
    {
        var model = Import([.. Tensors(("classifier.weight", [5, 16]), ("classifier.bias", [5])), .. Recurrent("gru", 3, 8, 16, 1, 1),
            .. Tensors(("words_emb.weight", [30, 8]))]);
        Assert.Equal(["WordsEmb", "Gru", "Classifier"], model.Layers.Select(l => l.Name));
        Assert.Contains(model.Notes,
            n => n.Contains("the first order that fits their widths, WordsEmb, Gru, Classifier", StringComparison.Ordinal));
    }

    [Fact]
    public void An_order_that_is_not_the_names_is_kept_though_another_would_fit()
    {
        var model = Import(Tensors(("first.weight", [5, 1]), ("first.bias", [5]), ("b.weight", [9, 7]), ("b.bias", [9]),
            ("a.weight", [1, 9]), ("a.bias", [1])));
        Assert.Equal(["First", "B", "A"], model.Layers.Select(l => l.Name));
        Assert.Contains(model.Notes,
            n => n.Contains("B reads rows of 7 where the layer before it writes rows of 5", StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_that_do_not_follow_each_other_are_noted()
    {
        var model = Import([.. Tensors(("a.weight", [5, 16]), ("a.bias", [5])), .. Tensors(("b.weight", [5, 16]), ("b.bias", [5]))]);
        Assert.Equal(["A", "B"], model.Layers.Select(l => l.Name));
        Assert.Contains(model.Notes,
            n => n.Contains("B reads rows of 16 where the layer before it writes rows of 5", StringComparison.Ordinal));
    }

    [Fact]
    public void A_PReLU_with_one_slope_has_it_for_all_features()
    {
        SafeTensor[] tensors = [.. Tensors(("fc.weight", [3, 2]), ("fc.bias", [3])), new("act.weight", [1], new[] { 0.25f })];
        Assert.Equal([0.25f, 0.25f, 0.25f], Import(tensors).Weights["Act.weight"].Values);
        Assert.Contains("no layer tells how many", Refusal(tensors[2]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_without_bias_that_comes_first_is_an_embedding_with_a_note()
    {
        var model = Import(Tensors(("table.weight", [9, 4]), ("out.weight", [3, 4])));
        Assert.IsType<EmbeddingAttribute>(model.Layers[0].Options);
        Assert.True(model.Layers[1].Options is DenseAttribute { Bias: false });
        Assert.Contains(model.Notes, n => n.Contains("it may be a Linear without bias", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_around_a_state_dict_is_left_and_a_part_can_be_chosen()
    {
        SafeTensor[] tensors = [
            .. Tensors(("state_dict.module.enc.weight", [4, 3]), ("state_dict.module.enc.bias", [4])),
            .. Tensors(("state_dict.module.dec.weight", [9, 4]), ("state_dict.module.dec.bias", [9])),
            .. Tensors(("optimizer.state.0.exp_avg", [4, 3]))];
        var model = Import(tensors);
        Assert.Equal(["Enc", "Dec"], model.Layers.Select(l => l.Name));
        Assert.Contains(model.Notes, n => n.Contains("not 1 others such as 'optimizer.state.0.exp_avg'", StringComparison.Ordinal));
        var part = PyTorchImporter.Import("test", tensors, "state_dict.module.dec");
        Assert.Equal("Dense", Assert.Single(part.Layers).Name);
        Assert.Contains("no tensor's name starts with 'missing.'", Assert.Throws<InvalidDataException>(
            () => PyTorchImporter.Import("test", tensors, "missing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_identifiers_that_differ_and_leave_the_generated_members_free()
    {
        var names = new PropertyNames();
        Assert.Equal("EncoderLstm1", names.Add("encoder.lstm_1", "Lstm"));
        Assert.Equal("EncoderLstm1_2", names.Add("encoder_lstm.1", "Lstm"));
        Assert.Equal("Dense0", names.Add("0", "Dense"));
        Assert.Equal("StepDense", names.Add("step", "Dense"));
        Assert.Equal("LstmLayer", names.Add("lstm_layer", "Lstm"));
        Assert.Equal("Gru", names.Add("\u00fc.", "Gru"));
    }

    [Fact]
    public void Other_float_types_are_weights_and_whole_numbers_are_not()
    {
        var half = Import([SafeTensor.Of<Half>("fc.weight", [1, 2], new[] { (Half)1.5f, (Half)2 }),
            SafeTensor.Of<double>("fc.bias", [1], new[] { 0.1 })]);
        Assert.Equal([1.5f, 2], half.Weights["Fc.weight"].Values);
        Assert.Equal([0.1f], half.Weights["Fc.bias"].Values);
        Assert.Contains("'fc.weight' is I8; weights are", Refusal(SafeTensor.Of<sbyte>("fc.weight", [1, 2], new sbyte[2])),
            StringComparison.Ordinal);
        Assert.Contains("value 1 of the tensor 'fc.weight' is NaN", Refusal(new SafeTensor("fc.weight", [1, 2], new[] { 0, float.NaN })),
            StringComparison.Ordinal);
        Assert.Contains("beyond float32's range", Refusal(SafeTensor.Of<double>("fc.weight", [1, 2], new[] { 0, 1e300 })),
            StringComparison.Ordinal);
    }

    public static TheoryData<string, SafeTensor[]> NotUnderstood => new()
    {
        { "tensor 'pos.table' [3, 4] is not understood", Tensors(("pos.table", [3, 4])) },
        { "tensor 'fc.weight_g' [3, 1] is not understood", Tensors(("fc.weight_g", [3, 1])) },
        { "tensor 'conv.weight' [3, 3, 3, 3] is not understood", Tensors(("conv.weight", [3, 3, 3, 3]), ("conv.bias", [3])) },
        { "tensor 'fc.bias' [3] is not understood", Tensors(("fc.bias", [3])) },
        { "tensor 'fc.bias' [4] is not understood", Tensors(("fc.weight", [3, 4]), ("fc.bias", [4])) },
        { "tensor 'fc.weight' [0, 4] is not understood", Tensors(("fc.weight", [0, 4]), ("fc.bias", [0])) },
        { "tensor 'x' [] is not understood", Tensors(("x", [])) },
        { "lacks the tensor 'running_var'", Tensors(("bn.running_mean", [4])) },
        { "tensor 'bn.running_var' [3] is not understood", Tensors(("bn.running_mean", [4]), ("bn.running_var", [3])) },
        { "'weight_hh_l0' is missing", Tensors(("r.weight_ih_l0", [12, 4])) },
        { "tensor 'bias' is none of an LSTM", Tensors(("r.weight_ih_l0", [12, 4]), ("r.weight_hh_l0", [12, 3]), ("r.bias", [12])) },
        { "[10, 4] has neither 4 (LSTM), 3 (GRU) nor 1 (RNN) rows for each of 4 units", Tensors(("r.weight_ih_l0", [10, 4]),
            ("r.weight_hh_l0", [10, 4])) },
        { "only an LSTM has a projection", Tensors(("r.weight_ih_l0", [15, 4]), ("r.weight_hh_l0", [15, 2]), ("r.weight_hr_l0", [2, 5])) },
        { "'bias_ih_l0' is missing", Tensors(("r.weight_ih_l0", [12, 4]), ("r.weight_hh_l0", [12, 3]), ("r.bias_hh_l0", [12])) },
        { "'weight_ih_l1' is missing", Tensors(("r.weight_ih_l0", [12, 4]), ("r.weight_hh_l0", [12, 3]), ("r.weight_ih_l2", [12, 3])) },
        { "'r.weight_ih_l1' [12, 5] should be [12, 3]", Tensors(("r.weight_ih_l0", [12, 4]), ("r.weight_hh_l0", [12, 3]),
            ("r.weight_ih_l1", [12, 5]), ("r.weight_hh_l1", [12, 3])) },
        { "twice, as a cell's and a layer's", Tensors(("r.weight_ih_l0", [12, 4]), ("r.weight_hh_l0", [12, 3]), ("r.weight_hh", [12, 3])) },
        { "there are no tensors", [] },
    };

    [Theory]
    [MemberData(nameof(NotUnderstood))]
    public void What_is_not_understood_is_refused_by_name(string message, SafeTensor[] tensors) => Assert.Contains(message,
        Refusal(tensors), StringComparison.Ordinal);

    [Fact]
    public void A_negative_variance_is_refused() => Assert.Contains(
        "value 0 of the tensor 'bn.running_var' is negative",
        Refusal(new SafeTensor("bn.running_mean", [1], new float[1]), new SafeTensor("bn.running_var", [1], new[] { -1f })),
        StringComparison.Ordinal);

    [Fact]
    public void Very_many_modules_are_refused() => Assert.Contains(
        "at most 256", Refusal([.. Enumerable.Range(0, 300).SelectMany(i => Tensors(($"{i}.weight", [1, 1])))]), StringComparison.Ordinal);

    [DataTheory("silero-vad-v6/weights_from_onnx.safetensors")]
    [InlineData("silero-vad-v6/weights_from_onnx.safetensors", "LstmCell reads rows of 128 where the layer before it writes rows of 258")]
    [InlineData("silero-vad-v6/silero_vad_16k.safetensors", "Conv1 reads rows of 129 where the layer before it writes rows of 258")]
    public void A_real_model_is_recognised(string file, string misfit)
    {
        var path = SharedData.Find(file)!;
        var tensors = SafeTensorsFile.Read(path);
        var model = PyTorchImporter.Import(path);
        Assert.Equal(7, model.Layers.Count);
        var layers = model.Layers.ToDictionary(l => l.Name, l => l.Options);
        Assert.True(layers["StftConv"] is Conv1dAttribute { Filters: 258, Kernel: 256, Bias: false });
        Assert.True(layers["Conv4"] is Conv1dAttribute { Filters: 128, Kernel: 3, Bias: true });
        Assert.True(layers["LstmCell"] is LstmAttribute { Units: 128, Layers: 1, Bias: true });
        Assert.Equal(tensors["lstm_cell.weight_hh"].ToFloats(), model.Weights["LstmCell.weight_hh_l0"].Values);
        Assert.Equal(tensors.Tensors.Count, model.Weights.Count);

        // The magnitude of the spectrum between the first two convolutions is in no tensor.
        Assert.Contains(model.Notes, n => n.Contains(misfit, StringComparison.Ordinal));
        Assert.Equal(128, PyTorchImporter.Import(path, "lstm_cell").Model.InputSize);
    }

    [DataTheory("precise-hey-mycroft/weights.safetensors")]
    [InlineData("precise-hey-mycroft/weights.safetensors", "tensor 'kernel' [13, 60] is not understood")]
    [InlineData("rnnoise-v0.1/weights_int8.safetensors", "tensor 'input_dense.weights' [42, 24] is not understood")]
    [InlineData("textgenrnn-base/weights.safetensors", "tensor 'embeddings' [465, 100] is not understood")]
    public void Real_files_of_other_frameworks_are_refused_by_name(string file, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import(SharedData.Find(file)!)).Message,
        StringComparison.Ordinal);

    private static ModelDescription Import(IReadOnlyList<SafeTensor> tensors) => PyTorchImporter.Import("test", tensors);

    private static string Refusal(params SafeTensor[] tensors)
    {
        var message = Assert.Throws<InvalidDataException>(() => Import(tensors)).Message;
        Assert.StartsWith("'test': ", message, StringComparison.Ordinal);
        return message;
    }

    /// <summary>Tensors of the given names and shapes, each value another.</summary>
    internal static SafeTensor[] Tensors(params (string Name, int[] Shape)[] tensors)
    {
        var value = 0;
        return
        [
            .. tensors.Select(t => new SafeTensor(
                t.Name, t.Shape,
                Enumerable.Range(0, t.Shape.Aggregate(1, (product, size) => product * size)).Select(_ => ++value / 64f).ToArray())),
        ];
    }

    internal static SafeTensor[] Recurrent(string prefix, int gates, int input, int units, int layers, int directions)
    {
        var tensors = new List<(string, int[])>();
        var start = prefix.Length == 0 ? "" : prefix + ".";
        for (var layer = 0; layer < layers; layer++)
        {
            foreach (var end in new[] { $"l{layer}", $"l{layer}_reverse" }.Take(directions))
            {
                tensors.Add(($"{start}weight_ih_{end}", [gates * units, layer == 0 ? input : units * directions]));
                tensors.Add(($"{start}weight_hh_{end}", [gates * units, units]));
                tensors.Add(($"{start}bias_ih_{end}", [gates * units]));
                tensors.Add(($"{start}bias_hh_{end}", [gates * units]));
            }
        }

        return Tensors([.. tensors]);
    }
}
