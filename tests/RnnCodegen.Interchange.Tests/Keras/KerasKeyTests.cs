using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// No option of a Keras file is dropped without a word: it is honoured, on a list of those that change nothing in inference, noted, or
/// refused by name.
/// </summary>
public class KerasKeyTests
{
    private const int Inputs = 3;

    private static readonly NamedTensor[] Dense = [Tensor(1, Inputs, 2), Tensor(2, 2)];
    private static readonly NamedTensor[] Lstm = [Tensor(1, Inputs, 8), Tensor(2, 2, 8), Tensor(3, 8)];
    private static readonly NamedTensor[] Gru = [Tensor(1, Inputs, 6), Tensor(2, 2, 6), Tensor(3, 2, 6)];

    /// <summary>Every layer that is read, with a config that says all its options as Keras writes them.</summary>
    public static TheoryData<string, string, NamedTensor[], int> Whole => new()
    {
        { "LSTM", """{"trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null, "shared_object_id": 3}, "return_sequences": false, "return_state": false, "go_backwards": false, "stateful": false, "unroll": false, "zero_output_for_mask": false, "units": 2, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": true, "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}, "recurrent_initializer": "orthogonal", "bias_initializer": "zeros", "unit_forget_bias": true, "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}}, "recurrent_regularizer": null, "bias_regularizer": null, "activity_regularizer": {"class_name": "L1", "config": {}}, "kernel_constraint": {"class_name": "MaxNorm", "config": {}}, "recurrent_constraint": null, "bias_constraint": null, "dropout": 0.0, "recurrent_dropout": 0.0, "seed": 7, "use_cudnn": "auto", "implementation": 2, "autocast": true}""", Lstm, 3 },
        { "LSTM", """{"trainable": true, "batch_input_shape": [null, null, 3], "dtype": "float32", "return_sequences": true, "return_state": false, "go_backwards": false, "stateful": false, "unroll": false, "time_major": false, "units": 2, "activation": "tanh", "recurrent_activation": "hard_sigmoid", "use_bias": true, "kernel_initializer": {"class_name": "VarianceScaling", "config": {}}, "unit_forget_bias": true, "dropout": 0.0, "recurrent_dropout": 0.0, "implementation": 1}""", Lstm, 2 },
        { "LSTM", """{"output_dim": 2, "init": "glorot_uniform", "inner_init": "orthogonal", "forget_bias_init": "one", "activation": "tanh", "inner_activation": "hard_sigmoid", "return_sequences": true, "go_backwards": false, "stateful": false, "unroll": false, "consume_less": "cpu", "input_dim": 3, "input_length": null, "W_regularizer": {"name": "l2"}, "U_regularizer": null, "b_regularizer": null, "dropout_W": 0.0, "dropout_U": 0.0, "input_dtype": "float32"}""", Lstm, 1 },
        { "GRU", """{"units": 2, "reset_after": true, "implementation": 2, "recurrent_dropout": 0.0, "seed": null, "use_cudnn": true}""", Gru, 3 },
        { "Bidirectional", """{"merge_mode": "concat", "layer": {"module": "keras.layers", "class_name": "LSTM", "config": {"units": 2, "name": "a", "go_backwards": false, "zero_output_for_mask": true, "kernel_constraint": null}, "registered_name": null, "build_config": {"input_shape": [null, null, 3]}}, "backward_layer": {"module": "keras.layers", "class_name": "LSTM", "config": {"units": 2, "name": "b", "go_backwards": true, "unroll": false}, "registered_name": null}}""", [.. Lstm, .. Lstm], 3 },
        { "Dense", """{"units": 2, "activation": {"module": "keras.layers", "class_name": "LeakyReLU", "config": {"name": "l", "trainable": true, "negative_slope": 0.1, "dtype": "float32"}, "registered_name": null}, "use_bias": true, "quantization_config": null, "kernel_initializer": null}""", Dense, 3 },
        { "Conv1D", """{"filters": 2, "kernel_size": [1], "strides": [1], "padding": "valid", "data_format": "channels_last", "dilation_rate": [1], "groups": 1, "activation": "linear", "use_bias": true, "bias_constraint": null}""", [Tensor(1, 1, Inputs, 2), Tensor(2, 2)], 3 },
        { "BatchNormalization", """{"axis": -1, "momentum": 0.99, "epsilon": 0.001, "center": true, "scale": true, "beta_initializer": "zeros", "gamma_initializer": "ones", "moving_mean_initializer": "zeros", "moving_variance_initializer": "ones", "synchronized": false, "renorm": false}""", [Tensor(1, Inputs), Tensor(2, Inputs), Tensor(3, Inputs), new("v", [Inputs], [1, 2, 3])], 3 },
        { "LayerNormalization", """{"axis": [2], "epsilon": 0.001, "center": true, "scale": true, "rms_scaling": false, "gamma_regularizer": null}""", [Tensor(1, Inputs), Tensor(2, Inputs)], 3 },
        { "MaxPooling1D", """{"pool_size": [2], "padding": "valid", "strides": [2], "data_format": "channels_last"}""", [], 3 },
        { "GlobalAveragePooling1D", """{"data_format": "channels_last", "keepdims": false}""", [], 3 },
        { "PReLU", """{"alpha_initializer": "zeros", "alpha_regularizer": null, "alpha_constraint": null, "shared_axes": [1]}""", [Tensor(1,
            1, Inputs)], 3 },
        { "ReLU", """{"max_value": null, "negative_slope": 0.0, "threshold": 0.0}""", [], 3 },
        { "Dropout", """{"rate": 0.5, "seed": null, "noise_shape": null}""", [], 3 },
    };

    public static TheoryData<string, object, NamedTensor[]> Unknown => new()
    {
        { "LSTM", new { units = 2, foo = 3 }, Lstm },
        { "LSTM", new { units = 2, foo = false }, Lstm },
        { "LSTM", new { units = 2, output_gain = 2 }, Lstm },
        { "Dense", new { units = 2, foo = "x" }, Dense },
        { "Dense", new { units = 2, scale = 2 }, Dense },
        { "Dense", new { units = 2, unroll = true }, Dense },
        { "Conv1D", new { filters = 2, kernel_size = 1, foo = new[] { 1 } }, [Tensor(1, 1, Inputs, 2), Tensor(2, 2)] },
        { "ReLU", new { foo = 1 }, [] },
        { "Dropout", new { rate = 0.5, foo = 1 }, [] },
        { "GaussianNoise", new { stddev = 0.5, foo = 1 }, [] },
        { "GlobalMaxPooling1D", new { foo = 1 }, [] },
        { "Masking", new { mask_value = 0, foo = 1 }, [] },
        { "TimeDistributed", new { foo = 1, layer = Inner("Dense", new { units = 2 }) }, Dense },
        { "TimeDistributed", new { layer = Inner("Dense", new { units = 2, foo = 1 }) }, Dense },
        { "Bidirectional", new { layer = Inner("LSTM", new { units = 2, foo = 1 }) }, [.. Lstm, .. Lstm] },
        { "Bidirectional", new { layer = Inner("LSTM", new { units = 2 }),
            backward_layer = Inner("LSTM", new { units = 2, go_backwards = true, foo = 1 }) }, [.. Lstm, .. Lstm] },
        { "RNN", new { foo = 1, cell = Inner("LSTMCell", new { units = 2 }) }, Lstm },
        { "RNN", new { cell = Inner("LSTMCell", new { units = 2, foo = 1 }) }, Lstm },
        { "RNN", new { cell = Inner("StackedRNNCells", new { foo = 1, cells = new[] { Inner("LSTMCell", new { units = 2 }) } }) }, Lstm },
        { "Dense", new { units = 2, activation = Inner("LeakyReLU", new { negative_slope = 0.1, foo = 1 }) }, Dense },
        { "LSTM", new { units = 2, activation = Inner("ELU", new { alpha = 1, foo = 1 }) }, Lstm },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void All_that_Keras_writes_of_a_layer_is_read(string className, string config, NamedTensor[] weights, int version)
    {
        var model = KerasImporter.FromLayer(className, JsonDocument.Parse(config).RootElement, Inputs, weights, version);
        Assert.Empty(model.Notes);
    }

    /// <summary>Keras 1 and 2 leave the input's layer out of a Sequential model, whose first layer says the shape.</summary>
    [Theory]
    [MemberData(nameof(Whole))]
    public void Any_layer_may_come_first(string className, string config, NamedTensor[] weights, int version)
    {
        var options = System.Text.Json.Nodes.JsonNode.Parse(config)!.AsObject().Named("layer");
        options["batch_input_shape"] = new System.Text.Json.Nodes.JsonArray(null, null, Inputs);
        var file = Hdf5(Sequential(Layer(className, options)), $"{version}.0.0",
            ("layer", [.. weights.Select((w, k) => ($"w{k}", w.Shape.ToArray(), w.Values))]));
        var (first, alone) = (KerasImporter.Import("x.h5", file),
            KerasImporter.FromLayer(className, JsonDocument.Parse(config).RootElement, Inputs, weights, version));
        Assert.Equal(Inputs, first.Model.InputSize);
        Assert.Equal(alone.Layers.Select(l => (l.Name, AttributeText.Plain(l.Options))),
            first.Layers.Select(l => (l.Name, AttributeText.Plain(l.Options))));
        Assert.Equal(alone.Weights.Values.SelectMany(w => w.Values), first.Weights.Values.SelectMany(w => w.Values));
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void An_option_of_which_nothing_is_known_is_refused_by_name(string className, object config, NamedTensor[] weights)
    {
        var error = Assert.Throws<InvalidDataException>(() => FromLayer(className, config, Inputs, weights));
        Assert.Matches("its option '(foo|scale|output_gain|unroll)' = .* is not one that is known", error.Message);
        Assert.Contains("layer 'layer' (", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quantization_config", "{\"class_name\": \"Int8\", \"config\": {}}", "quantized layers are not read")]
    [InlineData("quantization_mode", "\"int8\"", "quantized layers are not read")]
    [InlineData("dtype", "{\"class_name\": \"QuantizedDTypePolicy\", \"config\": {\"name\": \"int8_from_float32\"}}",
        "its dtype is a QuantizedDTypePolicy")]
    [InlineData("dtype", "\"int8_from_float32\"", "its dtype is int8_from_float32")]
    [InlineData("dtype", "3", "its 'dtype' = 3 is not a type")]
    [InlineData("num_constants", "1", "constants of a layer's cell")]
    public void What_changes_numbers_and_cannot_be_said_is_refused(string option, string value, string cause)
    {
        var config = JsonNode.Parse("""{"units": 2}""")!.AsObject();
        config[option] = JsonNode.Parse(value);
        Assert.Contains(cause, Assert.Throws<InvalidDataException>(() => FromLayer("Dense", config, Inputs, Dense)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"mixed_float16\"", "mixed_float16")]
    [InlineData("{\"class_name\": \"Policy\", \"config\": {\"name\": \"mixed_bfloat16\"}}", "mixed_bfloat16")]
    [InlineData("{\"module\": \"keras\", \"class_name\": \"DTypePolicy\", \"config\": {\"name\": \"float16\"}, \"registered_name\": null}",
        "float16")]
    [InlineData("\"float64\"", "float64")]
    public void Another_type_than_float32_is_noted(string dtype, string name)
    {
        var config = JsonNode.Parse("""{"units": 2}""")!.AsObject();
        config["dtype"] = JsonNode.Parse(dtype);
        var note = Assert.Single(FromLayer("Dense", config, Inputs, Dense).Notes);
        Assert.Contains($"in {name}, but they are computed in float32", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Merged_lora_matrices_are_noted() =>
        Assert.Contains("LoRA", Assert.Single(FromLayer("Dense", new { units = 2, lora_rank = 2, lora_alpha = 2 }, Inputs, Dense).Notes),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("MyPackage>LSTM", null, null, "MyPackage>LSTM")]
    [InlineData("LSTM", null, "MyPackage>LSTM", "MyPackage>LSTM")]
    [InlineData("LSTM", "keras.layers", "MyPackage>LSTM", "MyPackage>LSTM")]
    [InlineData("LSTM", "mypackage.layers", null, "mypackage.layers.LSTM")]
    [InlineData("LSTM", "mypackage.layers", "LSTM", "mypackage.layers.LSTM")]
    [InlineData("LSTM", "kerasx.layers", null, "kerasx.layers.LSTM")]
    [InlineData("LSTM", "null", "LSTM", "LSTM of the program that saved it")]
    [InlineData("Custom>LSTM", null, null, "Custom>LSTM")]
    public void A_class_of_another_package_is_not_Keras(string className, string? module, string? registered, string said)
    {
        var item = Item(className, module, registered,
            new JsonObject { ["name"] = "x", ["units"] = 2, ["batch_input_shape"] = new JsonArray(null, null, 3) });
        var error = Assert.Throws<InvalidDataException>(() => Import(item));
        Assert.Contains($"layer 'x' is of the class {said}, which is not Keras' LSTM", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("keras.layers", null)]
    [InlineData("keras.src.layers.rnn.lstm", "LSTM")]
    [InlineData("tf_keras.layers", null)]
    public void Keras_own_class_is_read_however_it_is_said(string? module, string? registered)
    {
        var item = Item("LSTM", module, registered,
            new JsonObject { ["name"] = "x", ["units"] = 2, ["batch_input_shape"] = new JsonArray(null, null, 3) });
        Assert.IsType<LstmAttribute>(Import(item).Layers[0].Options);
    }

    [Fact]
    public void An_inner_layer_an_activation_and_the_model_may_be_of_another_package_too()
    {
        var inner = Item("LSTM", "mine", null, new JsonObject { ["units"] = 2 });
        Assert.Contains("class mine.LSTM", Refusal("Bidirectional", new JsonObject { ["layer"] = inner }, [.. Lstm, .. Lstm]),
            StringComparison.Ordinal);
        var relu = Item("LeakyReLU", null, "Mine>LeakyReLU", new JsonObject { ["negative_slope"] = 0.1 });
        Assert.Contains("class Mine>LeakyReLU", Refusal("Dense", new JsonObject { ["units"] = 2, ["activation"] = relu }, Dense),
            StringComparison.Ordinal);
        var function = new JsonObject
        {
            ["module"] = "builtins",
            ["class_name"] = "function",
            ["config"] = "tanh",
            ["registered_name"] = "Mine>tanh"
        };
        Assert.Contains("class Mine>tanh", Refusal("Dense", new JsonObject { ["units"] = 2, ["activation"] = function }, Dense),
            StringComparison.Ordinal);
        Assert.Contains("the model is of the class mine.Sequential",
            ImportRefusal("""{"module": "mine", "class_name": "Sequential", "config": {"layers": []}}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"class_name": "Sequential", "foo": 1, "config": {"layers": []}}""", "the model has the key 'foo' = 1")]
    [InlineData("""{"class_name": "Sequential", "config": {"foo": 1, "layers": []}}""", "the model's config has the key 'foo' = 1")]
    [InlineData(
        """{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "foo": 1, "config": {"name": "d", "units": 1}}]}}""",
        "layer 'd' has the key 'foo' = 1")]
    public void Keys_of_the_model_and_of_its_layers_items_are_refused(string config, string cause) =>
        Assert.Contains(cause, ImportRefusal(config),
        StringComparison.Ordinal);

    [Fact]
    public void Time_major_and_other_layers_do_not_mix()
    {
        var config = Sequential(
            Layer("LSTM", new { name = "a", units = 2, return_sequences = true, time_major = true, recurrent_activation = "sigmoid",
                batch_input_shape = new int?[] { null, 5, 3 } }),
            Layer("GlobalAveragePooling1D", new { name = "pool" }));
        var file = Hdf5(config, "2.4.0", ("a", [("k", [3, 8], Values(24)), ("r", [2, 8], Values(16)), ("b", [8], Values(8))]));
        var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", file));
        Assert.Contains("it is time_major, but 'pool' (GlobalAveragePooling1D) is not", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers_are_refused_by_their_path(float value)
    {
        var config = Sequential(Layer("Dense", new { name = "d", units = 2, batch_input_shape = new int?[] { null, null, 1 } }));
        var file = Hdf5(config, "2.4.0", ("d", [("kernel", [1, 2], [1, value]), ("bias", [2], [1, 2])]));
        var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", file));
        Assert.Contains("layer 'd' (Dense): its kernel (model_weights/d/d/kernel) has the value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variance_below_zero_is_refused()
    {
        NamedTensor[] weights = [Tensor(1, 1), Tensor(2, 1), Tensor(3, 1), new("variance", [1], [-1])];
        Assert.Contains("its moving variance -1 of feature 0",
            Assert.Throws<InvalidDataException>(() => FromLayer("BatchNormalization", new { }, 1, weights)).Message,
            StringComparison.Ordinal);
    }

    private static object Inner(string className, object config) => new { class_name = className, config };

    private static JsonObject Item(string className, string? module, string? registered, JsonObject config)
    {
        var item = new JsonObject { ["class_name"] = className, ["config"] = config, ["registered_name"] = registered };
        if (module is not null)
        {
            item["module"] = module == "null" ? null : module;
        }

        return item;
    }

    private static ModelDescription Import(JsonObject item)
    {
        var model = new JsonObject { ["class_name"] = "Sequential", ["config"] = new JsonObject { ["layers"] = new JsonArray(item) } };
        return KerasImporter.Import("x.h5",
            Hdf5(model.ToJsonString(), "2.4.0", ("x", [("k", [3, 8], Values(24)), ("r", [2, 8], Values(16)), ("b", [8], Values(8))])));
    }

    private static string Refusal(string className, JsonObject config, NamedTensor[] weights) =>
        Assert.Throws<InvalidDataException>(() => FromLayer(className, config, Inputs, weights)).Message;

    private static string ImportRefusal(string config) =>
        Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", Hdf5(config, "2.4.0"))).Message;
}
