using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>What each layer and option becomes.</summary>
public class KerasLayerTests
{
    private const int Inputs = 3;
    private const int Units = 2;

    [Fact]
    public void An_Lstm_keeps_its_gates_and_has_its_only_bias_in_front()
    {
        var (kernel, recurrent, bias) = (Tensor(1, 3, 8), Tensor(2, 2, 8), Tensor(3, 8));
        var model = FromLayer("LSTM", new { units = 2, return_sequences = true }, Inputs, [kernel, recurrent, bias]);
        var lstm = Assert.IsType<LstmAttribute>(Assert.Single(model.Layers).Options);
        Assert.Equal((Activation.Sigmoid, Activation.Tanh, Activation.Tanh, true),
            (lstm.GateActivation, lstm.Activation, lstm.CellActivation, lstm.ReturnSequences));
        Assert.Equal(GateBlocks.Transpose(kernel.Values, 3, 8), model.Weight("Layer.weight_ih_l0"));
        Assert.Equal(GateBlocks.Transpose(recurrent.Values, 2, 8), model.Weight("Layer.weight_hh_l0"));
        Assert.Equal(bias.Values, model.Weight("Layer.bias_ih_l0"));
        Assert.Equal(new float[8], model.Weight("Layer.bias_hh_l0"));
    }

    [Fact]
    public void A_Gru_that_resets_after_keeps_its_two_biases()
    {
        var model = FromLayer("GRU", new { units = 2 }, Inputs,
            [Tensor(1, 3, 6), Tensor(2, 2, 6), new("bias", [2, 6], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])]);
        Assert.True(Assert.IsType<GruAttribute>(model.Layers[0].Options).ResetAfter);
        Assert.Equal([3f, 4, 1, 2, 5, 6], model.Weight("Layer.bias_ih_l0"));
        Assert.Equal([9f, 10, 7, 8, 11, 12], model.Weight("Layer.bias_hh_l0"));
    }

    [Fact]
    public void A_Gru_that_resets_before_has_one_bias()
    {
        var model = FromLayer("GRU", new { units = 2, reset_after = false }, Inputs,
            [Tensor(1, 3, 6), Tensor(2, 2, 6), new("bias", [6], [1, 2, 3, 4, 5, 6])]);
        Assert.False(Assert.IsType<GruAttribute>(model.Layers[0].Options).ResetAfter);
        Assert.Equal([3f, 4, 1, 2, 5, 6], model.Weight("Layer.bias_ih_l0"));
        Assert.Equal(new float[6], model.Weight("Layer.bias_hh_l0"));
    }

    [Theory]
    [InlineData(1, false, Activation.HardSigmoidKeras2)]
    [InlineData(2, false, Activation.HardSigmoidKeras2)]
    [InlineData(3, true, Activation.Sigmoid)]
    public void What_an_absent_option_means_depends_on_the_version(int version, bool resetAfter, Activation gate)
    {
        var bias = resetAfter ? Tensor(3, 2, 6) : Tensor(3, 6);
        var gru = (GruAttribute)FromLayer("GRU", new { units = 2 }, Inputs, [Tensor(1, 3, 6), Tensor(2, 2, 6), bias],
            version).Layers[0].Options;
        Assert.Equal((resetAfter, gate), (gru.ResetAfter, gru.GateActivation));
    }

    [Theory]
    [InlineData(2, Activation.HardSigmoidKeras2)]
    [InlineData(3, Activation.HardSigmoid)]
    public void Hard_sigmoid_is_another_function_in_each_version(int version, Activation expected)
    {
        var lstm = (LstmAttribute)FromLayer(
            "LSTM", new { units = 2, recurrent_activation = "hard_sigmoid" }, Inputs, [Tensor(1, 3, 8), Tensor(2, 2, 8), Tensor(3, 8)],
            version).Layers[0].Options;
        Assert.Equal(expected, lstm.GateActivation);
    }

    [Fact]
    public void The_cells_output_activation_follows_the_candidates()
    {
        var lstm = (LstmAttribute)FromLayer("LSTM", new { units = 2, activation = "relu" }, Inputs,
            [Tensor(1, 3, 8), Tensor(2, 2, 8), Tensor(3, 8)]).Layers[0].Options;
        Assert.Equal((Activation.Relu, Activation.Relu), (lstm.Activation, lstm.CellActivation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backwards_is_reverse_and_turns_a_sequence_round(bool returnsSequences)
    {
        var model = FromLayer("SimpleRNN", new { units = 2, go_backwards = true, return_sequences = returnsSequences }, Inputs,
            [Tensor(1, 3, 2), Tensor(2, 2, 2), Tensor(3, 2)]);
        Assert.True(Assert.IsType<ElmanAttribute>(model.Layers[0].Options).Reverse);
        Assert.Equal(returnsSequences ? 2 : 1, model.Layers.Count);
        Assert.True(!returnsSequences || model.Layers[1].Options is ReverseTimeAttribute);
    }

    [Theory]
    [InlineData("sum", typeof(AddAttribute), 3)]
    [InlineData("mul", typeof(MultiplyAttribute), 3)]
    [InlineData("ave", typeof(AddAttribute), 4)]
    public void Two_directions_that_are_not_concatenated_are_two_layers_and_a_join(string mode, Type join, int layers)
    {
        var model = FromLayer("Bidirectional", new { merge_mode = mode, layer = Inner(new { units = 2, return_sequences = true }) }, Inputs,
            [.. Elman(1), .. Elman(11)]);
        Assert.Equal(layers, model.Layers.Count);
        Assert.Equal((false, true), (((ElmanAttribute)model.Layers[0].Options).Reverse, ((ElmanAttribute)model.Layers[1].Options).Reverse));
        Assert.Equal(RnnModelAttribute.Input, ((ElmanAttribute)model.Layers[1].Options).From);
        Assert.IsType(join, model.Layers[2].Options);
        if (mode == "ave")
        {
            Assert.Equal([0.5f, 0.5f], model.Weight($"{model.Layers[3].Name}.weight"));
        }
    }

    [Fact]
    public void Equal_directions_are_one_bidirectional_layer()
    {
        var weights = (NamedTensor[])[.. Elman(1), .. Elman(11)];
        var model = FromLayer("Bidirectional", new { layer = Inner(new { units = 2 }) }, Inputs, weights);
        var elman = Assert.IsType<ElmanAttribute>(Assert.Single(model.Layers).Options);
        Assert.Equal((true, false, false), (elman.Bidirectional, elman.Reverse, elman.ReturnSequences));
        Assert.Equal(GateBlocks.Transpose(weights[0].Values, 3, 2), model.Weight("Layer.weight_ih_l0"));
        Assert.Equal(GateBlocks.Transpose(weights[3].Values, 3, 2), model.Weight("Layer.weight_ih_l0_reverse"));
    }

    [Fact]
    public void Stacked_cells_are_layers()
    {
        var cells = new { class_name = "StackedRNNCells",
            config = new { cells = new object[] { Cell("GRUCell", 2), Cell("LSTMCell", 2) } } };
        var model = FromLayer("RNN", new { cell = cells }, Inputs,
            [Tensor(1, 3, 6), Tensor(2, 2, 6), Tensor(3, 2, 6), Tensor(4, 2, 8), Tensor(5, 2, 8), Tensor(6, 8)]);
        Assert.Equal([typeof(GruAttribute), typeof(LstmAttribute)], model.Layers.Select(l => l.Options.GetType()));
        Assert.Equal([true, false], model.Layers.Select(l => ((RecurrentAttribute)l.Options).ReturnSequences));
    }

    [Fact]
    public void Keras_ones_single_gates_come_together()
    {
        // Keras 1's order of an LSTM's gates is i, c, f, o.
        NamedTensor[] weights = [.. Enumerable.Range(0, 4)
            .SelectMany(g => new NamedTensor[] { Constant(g, 3, 2), Constant(10 + g, 2, 2), Constant(20 + g, 2) })];
        var model = FromLayer("LSTM", new { output_dim = 2, inner_activation = "hard_sigmoid" }, Inputs, weights, version: 1);
        Assert.Equal([0f, 0, 2, 2, 1, 1, 3, 3], GateBlocks.Transpose(model.Weight("Layer.weight_ih_l0"), 8, 3)[..8]);
        Assert.Equal([20f, 20, 22, 22, 21, 21, 23, 23], model.Weight("Layer.bias_ih_l0"));
        Assert.Equal(Activation.HardSigmoidKeras2, ((LstmAttribute)model.Layers[0].Options).GateActivation);
    }

    [Fact]
    public void A_convolutions_kernel_is_turned_round()
    {
        var kernel = Tensor(1, 4, 3, 2);
        var model = FromLayer("Conv1D", new { filters = 2, kernel_size = new[] { 4 }, padding = "causal", dilation_rate = new[] { 2 } },
            Inputs, [kernel, Tensor(2, 2)]);
        var conv = Assert.IsType<Conv1dAttribute>(model.Layers[0].Options);
        Assert.Equal((2, 4, 1, 2, TimePadding.Causal), (conv.Filters, conv.Kernel, conv.Stride, conv.Dilation, conv.Padding));
        for (var (k, i, f) = (0, 0, 0); k < 4; (k, i, f) = f < 1 ? (k, i, f + 1) : i < 2 ? (k, i + 1, 0) : (k + 1, 0, 0))
        {
            Assert.Equal(kernel.Values[(((k * 3) + i) * 2) + f], model.Weight("Layer.weight")[(((f * 3) + i) * 4) + k]);
        }
    }

    [Theory]
    [InlineData("relu", Activation.Relu, float.NaN)]
    [InlineData("leaky_relu", Activation.LeakyRelu, 0.2f)]
    [InlineData("elu", Activation.Elu, float.NaN)]
    [InlineData("silu", Activation.Silu, float.NaN)]
    [InlineData("swish", Activation.Silu, float.NaN)]
    [InlineData("gelu", Activation.Gelu, float.NaN)]
    [InlineData("softplus", Activation.Softplus, float.NaN)]
    [InlineData("mish", Activation.Mish, float.NaN)]
    [InlineData("hard_silu", Activation.HardSwish, float.NaN)]
    [InlineData("hard_swish", Activation.HardSwish, float.NaN)]
    public void Activations_have_Keras_alphas(string name, Activation expected, float alpha)
    {
        var dense = (DenseAttribute)FromLayer("Dense", new { units = 2, activation = name }, Inputs,
            [Tensor(1, 3, 2), Tensor(2, 2)]).Layers[0].Options;
        Assert.Equal((expected, alpha), (dense.Activation, dense.Alpha));
    }

    [Theory]
    [InlineData("softmax", OutputTransform.Softmax)]
    [InlineData("log_softmax", OutputTransform.LogSoftmax)]
    public void An_outputs_softmax_is_the_models(string name, OutputTransform expected)
    {
        var model = FromLayer("TimeDistributed",
            new { layer = new { class_name = "Dense", config = new { units = 2, activation = name } } }, Inputs,
            [Tensor(1, 3, 2), Tensor(2, 2)]);
        Assert.Equal(expected, model.Model.Output);
        Assert.Equal(Activation.Linear, ((DenseAttribute)model.Layers[0].Options).Activation);
    }

    [Fact]
    public void A_batch_normalisation_folds_into_a_linear_layer()
    {
        var config = Sequential(
            Layer("Dense", new { name = "head", units = 2, batch_input_shape = new int?[] { null, null, 3 } }),
            Layer("BatchNormalization", new { name = "norm", epsilon = 0.5, axis = new[] { 2 } }));
        var file = Hdf5(config, "2.4.0", ("head", [("kernel:0", [3, 2], [1, 2, 3, 4, 5, 6]), ("bias:0", [2], [1, 2])]),
            ("norm", [("gamma:0", [2], [2, 4]), ("beta:0", [2], [10, 20]), ("moving_mean:0", [2], [3, 1]),
                ("moving_variance:0", [2], [0.5f, 3.5f])]));
        var model = KerasImporter.Import("norm.h5", file);

        // scale = 2 / sqrt(1), 4 / sqrt(4); bias = b scale + beta - mean scale.
        Assert.Equal("Head", Assert.Single(model.Layers).Name);
        Assert.Equal([2f, 6, 10, 4, 8, 12], model.Weight("Head.weight"));
        Assert.Equal([6f, 22], model.Weight("Head.bias"));
        Assert.Contains(model.Notes, note => note.Contains("folded"));
    }

    [Fact]
    public void A_batch_normalisation_of_anything_else_is_an_affine_layer()
    {
        var model = FromLayer("BatchNormalization", new { epsilon = 0.0, center = false }, 2,
            [new("gamma", [2], [2, 3]), new("mean", [2], [1, 2]), new("variance", [2], [4, 9])]);
        Assert.IsType<AffineAttribute>(model.Layers[0].Options);
        Assert.Equal([1f, 1], model.Weight("Layer.weight"));
        Assert.Equal([-1f, -2], model.Weight("Layer.bias"));
    }

    [Theory]
    [InlineData("GaussianNoise", "\"stddev\": 0.1")]
    [InlineData("Dropout", "\"rate\": 0.0")]
    [InlineData("Activation", "\"activation\": \"linear\"")]
    [InlineData("Reshape", "\"target_shape\": [-1, 2]")]
    [InlineData("Masking", "\"mask_value\": 0.0")]
    public void A_batch_normalisation_folds_into_no_layer_that_something_else_reads_too(string className, string option)
    {
        string Config(string other) => $$"""
            {"class_name": "Functional", "config": {"layers": [
              {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, null, 2]}, "name": "i", "inbound_nodes": []},
              {"class_name": "Dense", "config": {"name": "d", "units": 2}, "name": "d", "inbound_nodes": [[["i", 0, 0, {}]]]},
              {"class_name": "{{className}}", "config": {"name": "p", {{option}}}, "name": "p", "inbound_nodes": [[["d", 0, 0, {}]]]},
              {"class_name": "BatchNormalization", "config": {"name": "n", "epsilon": 1}, "name": "n", "inbound_nodes": [[["p", 0, 0, {}]]]},
              {"class_name": "Add", "config": {"name": "a"}, "name": "a", "inbound_nodes": [[["n", 0, 0, {}], ["{{other}}", 0, 0, {}]]]}],
              "input_layers": [["i", 0, 0]], "output_layers": [["a", 0, 0]]} }
            """;
        (string, (string, int[], float[])[])[] weights =
        [
            ("d", [("kernel", [2, 2], [1, 2, 3, 4]), ("bias", [2], [0, 0])]),
            ("n", [("gamma", [2], [4, 4]), ("beta", [2], [0, 0]), ("mean", [2], [0, 0]), ("variance", [2], [3, 3])]),
        ];
        var read = KerasImporter.Import("x.h5", Hdf5(Config("d"), "3.5.0", weights));
        Assert.Equal("D,N,A", string.Join(',', read.Layers.Select(l => l.Name)));
        Assert.Equal([1f, 3, 2, 4], read.Weight("D.weight"));
        Assert.Equal(["N", "D"], ((AddAttribute)read.Layers[2].Options).Sources);

        var alone = KerasImporter.Import("x.h5", Hdf5(Config("i"), "3.5.0", weights));
        Assert.Equal("D,A", string.Join(',', alone.Layers.Select(l => l.Name)));
        Assert.Equal([2f, 6, 4, 8], alone.Weight("D.weight"));
    }

    [Fact]
    public void A_batch_normalisation_may_come_first_without_an_input_layer()
    {
        var config = Sequential(
            Layer("BatchNormalization", new { name = "norm", epsilon = 1, batch_input_shape = new int?[] { null, 6, 2 } }),
            Layer("Dense", new { name = "head", units = 1 }));
        var model = KerasImporter.Import("x.h5", Hdf5(
            config, "2.3.1", ("norm", [("g", [2], [4, 6]), ("b", [2], [0, 1]), ("m", [2], [0, 0]), ("v", [2], [3, 8])]),
            ("head", [("k", [2, 1], [1, 2]), ("b", [1], [0])])));
        Assert.Equal("Norm,Head", string.Join(',', model.Layers.Select(l => l.Name)));
        Assert.Equal([2f, 2], model.Weight("Norm.weight"));
    }

    [Fact]
    public void A_fold_that_leaves_float32_is_refused()
    {
        var config = Sequential(
            Layer("Dense", new { name = "head", units = 1, batch_input_shape = new int?[] { null, null, 1 } }),
            Layer("BatchNormalization", new { name = "norm", epsilon = 1 }));
        var file = Hdf5(config, "2.4.0", ("head", [("k", [1, 1], [1e30f]), ("b", [1], [0])]),
            ("norm", [("g", [1], [1e30f]), ("b", [1], [0]), ("m", [1], [0]), ("v", [1], [0])]));
        Assert.Contains("'x.h5': value 0 of Head.weight comes out as",
            Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.3.1", "tensorflow", false, 0)]
    [InlineData("2.3.1", "cntk", false, 0)]
    [InlineData("2.3.1", "theano", true, 1)]
    [InlineData("1.2.2", null, false, 1)]
    public void A_kernel_of_theano_is_turned_around(string version, string? backend, bool isReversed, int notes)
    {
        var layer = Layer("Conv1D", new { name = "conv", filters = 1, kernel_size = 3, batch_input_shape = new int?[] { null, null, 1 } });
        var config = System.Text.Json.JsonSerializer.Serialize(
            new { class_name = "Sequential", config = new { layers = new[] { layer } }, backend });
        var model = KerasImporter.Import("conv.h5",
            Hdf5(config, version, ("conv", [("kernel:0", [3, 1, 1], [1, 2, 3]), ("bias:0", [1], [0])])));
        Assert.Equal(isReversed ? [3f, 2, 1] : [1f, 2, 3], model.Weight("Conv.weight"));
        Assert.Equal(notes, model.Notes.Count(n => n.Contains("Theano", StringComparison.Ordinal)));
    }

    [Fact]
    public void Padding_same_with_a_stride_is_that_of_a_known_length()
    {
        // 7 steps by 3: 3 outputs, so (3 - 1) 3 + 4 - 7 = 3 rows, the smaller half before.
        var config = Sequential(
            Layer("Conv1D",
                new { name = "conv", filters = 1, kernel_size = 4, strides = 3, padding = "same",
                    batch_input_shape = new int?[] { null, 7, 1 } }));
        var model = KerasImporter.Import("conv.h5",
            Hdf5(config, "2.4.0", ("conv", [("kernel:0", [4, 1, 1], [1, 2, 3, 4]), ("bias:0", [1], [0])])));
        var conv = (Conv1dAttribute)model.Layers[0].Options;
        Assert.Equal((TimePadding.Valid, 1, 2, 3), (conv.Padding, conv.PadLeft, conv.PadRight, conv.Stride));
    }

    [Fact]
    public void One_layer_options_become_notes()
    {
        var model = FromLayer(
            "GRU", new { units = 2, stateful = true, dropout = 0.2, return_state = true, unroll = true, implementation = 1 }, Inputs,
            [Tensor(1, 3, 6), Tensor(2, 2, 6), Tensor(3, 2, 6)]);
        Assert.Equal(3, model.Notes.Count);
    }

    [Fact]
    public void Dropout_of_the_state_is_read_where_it_means_the_same()
    {
        NamedTensor[] weights = [Tensor(1, 3, 8), Tensor(2, 2, 8), Tensor(3, 8)];
        var lstm = FromLayer("LSTM", new { units = 2, recurrent_dropout = 0.25 }, Inputs, weights);
        Assert.Equal(0.25f, Assert.IsType<LstmAttribute>(lstm.Layers[0].Options).RecurrentDropout);
        Assert.Empty(lstm.Notes);

        var gru = FromLayer(
            "GRU", new { units = 2, reset_after = false, recurrent_dropout = 0.25 }, Inputs,
            [Tensor(1, 3, 6), Tensor(2, 2, 6), Tensor(3, 6)]);
        Assert.Equal(0, Assert.IsType<GruAttribute>(gru.Layers[0].Options).RecurrentDropout);
        Assert.Contains("recurrent_dropout", Assert.Single(gru.Notes));

        var error = Assert.ThrowsAny<Exception>(
            () => FromLayer("LSTM", new { units = 2, recurrent_dropout = 1.5 }, Inputs, weights));
        Assert.Contains("recurrent_dropout is 1.5", error.Message);
    }

    private static NamedTensor Constant(float value, params int[] shape) => new($"constant {value}", shape,
        [.. Enumerable.Repeat(value, shape.Aggregate(1, (a, b) => a * b))]);

    private static NamedTensor[] Elman(int seed) => [Tensor(seed, Inputs, Units), Tensor(seed + 1, Units, Units), Tensor(seed + 2, Units)];

    private static object Inner(object config) => new { class_name = "SimpleRNN", config };

    private static object Cell(string className, int units) => new { class_name = className, config = new { units } };
}
