using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>What is not supported or does not fit is refused, and the message names the layer, its class and the cause.</summary>
public class KerasRefusalTests
{
    private static readonly NamedTensor[] Lstm = [Tensor(1, 3, 8), Tensor(2, 2, 8), Tensor(3, 8)];

    public static TheoryData<string, string, object, NamedTensor[]> Layers => new()
    {
        { "layers of this class are not supported. It holds code, which is not executed", "Lambda", new { }, [] },
        { "give the second one's input the first one's output at each step", "RepeatVector", new { n = 4 }, [] },
        { "import each, and compute in between what it does", "Resizing", new { }, [] },
        { "merge_mode None", "Bidirectional", new { merge_mode = (string?)null, layer = Inner }, [.. Lstm, .. Lstm] },
        { "go_backwards", "Bidirectional", new { layer = new { class_name = "LSTM", config = new { units = 2, go_backwards = true } } }, [
            .. Lstm, .. Lstm
        ] },
        { "activation 'selu' is not supported", "LSTM", new { units = 2, activation = "selu" }, Lstm },
        { "only supported at the model's output", "LSTM", new { units = 2, activation = "softmax" }, Lstm },
        { "has no option units", "LSTM", new { }, Lstm },
        { "units is not a positive size", "LSTM", new { units = -1 }, Lstm },
        { "return_sequences is not true or false", "LSTM", new { units = 2, return_sequences = "yes" }, Lstm },
        { "has the shape [3, 8], but the layer's options ask for [3, 12]", "LSTM", new { units = 3 }, Lstm },
        { "weight 2 is missing: the file has 2 weights", "LSTM", new { units = 2 }, Lstm[..2] },
        { "has 4 weights in the file, but 3 are expected", "LSTM", new { units = 2 }, [.. Lstm, Tensor(4, 8)] },
        { "groups of channels", "Conv1D", new { filters = 2, kernel_size = 1, groups = 3 }, [Tensor(1, 1, 1, 2), Tensor(2, 2)] },
        { "depends on the sequence's length", "Conv1D", new { filters = 2, kernel_size = 2, strides = 2,
            padding = "same" }, [Tensor(1, 2, 3, 2), Tensor(2, 2)] },
        { "joins the rows of all steps, and the file does not say how many", "Flatten", new { }, [] },
        { "one for each step", "PReLU", new { }, [Tensor(1, 5, 3)] },
        { "only features can be normalised", "LayerNormalization", new { axis = 1 }, [Tensor(1, 3), Tensor(2, 3)] },
        { "a bounded ReLU", "ReLU", new { max_value = 6 }, [] },
        { "applies a layer of the class LSTM", "TimeDistributed", new { layer = Inner }, Lstm },
        { "is not a supported recurrent layer or cell", "RNN", new { cell = new { class_name = "ConvLSTMCell",
            config = new { units = 2 } } }, Lstm },
    };

    private static object Inner => new { class_name = "LSTM", config = new { units = 2 } };

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_is_refused_by_name(string cause, string className, object config, NamedTensor[] weights)
    {
        var error = Assert.Throws<InvalidDataException>(() => FromLayer(className, config, 3, weights));
        Assert.Contains(cause, error.Message);
        Assert.Contains($"layer 'layer' ({(className == "RNN" ? "ConvLSTMCell" : className)})", error.Message);
    }

    [Theory]
    [InlineData("it is neither a .keras archive nor an HDF5 file", "not a model")]
    [InlineData("it is neither a .keras archive nor an HDF5 file", "")]
    public void Other_files_are_refused(string cause, string content) =>
        Assert.Contains(cause,
            Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", System.Text.Encoding.UTF8.GetBytes(content))).Message);

    [Theory]
    [InlineData("""{"class_name": "Subclassed", "config": {}}""", "class Subclassed is not supported")]
    [InlineData("""{"class_name": "Sequential", "config": []}""", "it has no layers")]
    [InlineData("""[""", "not JSON")]
    [InlineData("""{"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}}""",
        "0 inputs and 0 outputs")]
    [InlineData(
        """{"class_name": "Functional", "config": {"layers": [{"class_name": "Add", "config": {"name": "a"}, "inbound_nodes": [[["a", 0, 0, {}]]]}], "input_layers": [["a", 0, 0]], "output_layers": [["a", 0, 0]]}}""", "its own output")]
    [InlineData("""{"class_name": "Sequential", "config": [{"class_name": "Sequential", "config": []}]}""", "nested models")]
    [InlineData(
        """{"class_name": "Functional", "config": {"layers": [{"class_name": "LSTM", "config": {"name": "a"}, "inbound_nodes": [[["b", 0, 0, {}]]]}], "input_layers": [["b", 0, 0]], "output_layers": [["a", 1, 0]]}}""", "no layer 'b'")]
    public void Models_that_do_not_add_up_are_refused(string config, string cause) =>
        Assert.Contains(cause, Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", Hdf5(config, "2.4.0"))).Message);

    [Fact]
    public void A_file_without_a_model_says_so() =>
        Assert.Contains("model_config",
            Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", Hdf5(null, "2.4.0"))).Message);

    [Fact]
    public void Another_layers_returned_state_is_refused()
    {
        const string Config = """
            {"class_name": "Functional", "config": {"layers": [
              {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, null, 3]}, "name": "i", "inbound_nodes": []},
              {"class_name": "LSTM", "config": {"name": "a", "units": 2, "return_state": true}, "name": "a", "inbound_nodes": [[["i", 0, 0, {}]]]},
              {"class_name": "Dense", "config": {"name": "d", "units": 2}, "name": "d", "inbound_nodes": [[["a", 0, 1, {}]]]}],
              "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}}
            """;
        var file = Hdf5(Config, "2.4.0", ("a", [("k", [3, 8], Values(24)), ("r", [2, 8], Values(16)), ("b", [8], Values(8))]));
        Assert.Contains("output 1 of 'a' is used", Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", file)).Message);
    }

    [Fact]
    public void A_dataset_of_another_type_is_refused_by_its_path()
    {
        var config = Sequential(Layer("Dense", new { name = "d", units = 1, batch_input_shape = new int?[] { null, null, 1 } }));
        var group = new PureHDF.H5Group { ["d"] = new PureHDF.H5Group { ["kernel"] = new[,] { { 1L } } } };
        ((PureHDF.H5Group)group["d"]).Attributes["weight_names"] = new[] { "kernel" };
        group.Attributes["layer_names"] = new[] { "d" };
        var file = new PureHDF.H5File { ["model_weights"] = group };
        file.Attributes["model_config"] = config;
        using var stream = new MemoryStream();
        file.Write(stream);
        var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("x.h5", stream.ToArray()));
        Assert.Contains("'x.h5': model_weights/d/kernel is not of 16-, 32- or 64-bit", error.Message);
    }
}
