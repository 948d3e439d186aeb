using RnnCodegen.Numerics.Tests.Conformance;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>RTNeural's JSON and Neural Amp Modeler's files.</summary>
public class JsonModelTests
{
    [DataTheory("rtneural-keras/full_model.json")]
    [InlineData("lstm", "Dense,Lstm,Dense")]
    [InlineData("gru", "Dense,Gru,Dense,Dense")]
    [InlineData("lstm_1d", "Lstm,Dense")]
    [InlineData("gru_1d", "Gru,Dense,Dense")]
    [InlineData("full_model", "Dense,Conv1d,Gru,Dense")]
    public void Rtneural_models_have_their_layers(string file, string layers)
    {
        var model = KerasJsonFile.Import(SharedData.Find($"rtneural-keras/{file}.json")!);
        Assert.Equal(layers, string.Join(",", model.Layers.Select(l => l.Options.GetType().Name[..^"Attribute".Length])));
        Assert.All(model.Layers, l => Assert.True(l.Options is not RecurrentAttribute r || r.ReturnSequences));
    }

    [DataTheory("rtneural-keras/full_model.json")]
    [InlineData("full_model")]
    public void Rtneurals_convolution_is_causal_and_its_Gru_keeps_both_biases(string file)
    {
        var model = KerasJsonFile.Import(SharedData.Find($"rtneural-keras/{file}.json")!);
        var conv = (Conv1dAttribute)model.Layers[1].Options;
        Assert.Equal((4, 3, 2, TimePadding.Causal, Activation.Tanh),
            (conv.Filters, conv.Kernel, conv.Dilation, conv.Padding, conv.Activation));
        Assert.Equal(-0.32828572392463684f, model.Weight($"{model.Layers[1].Name}.weight")[0]);
        Assert.True(((GruAttribute)model.Layers[2].Options).ResetAfter);
        Assert.Contains(model.Weight($"{model.Layers[2].Name}.bias_hh_l0"), v => v != 0);
    }

    [DataTheory("rtneural-keras/bad_lstm.json")]
    [InlineData("bad_lstm",
        "layer 'lstm_0' (LSTM): its kernel (layer 0 (lstm), weight 0) has the shape [1, 80], but the layer's options ask for [1, 64]")]
    [InlineData("dense", "its activation is softmax, which is only supported at the model's output")]
    public void Rtneural_models_that_do_not_fit_are_refused_by_name(string file, string cause)
    {
        var error = Assert.Throws<InvalidDataException>(() => KerasJsonFile.Import(SharedData.Find($"rtneural-keras/{file}.json")!));
        Assert.Contains(cause, error.Message);
        Assert.Contains($"{file}.json", error.Message);
    }

    [DataTheory("nam-lstm-dev/lstm.nam")]
    [InlineData("lstm.nam", 3)]
    [InlineData("BossLSTM-1x16.nam", 16)]
    public void Nam_models_start_from_their_own_state(string file, int units)
    {
        var model = NamFile.Import(SharedData.Find($"nam-lstm-dev/{file}")!);
        var lstm = (LstmAttribute)model.Layers[0].Options;
        Assert.Equal((units, 1, true, 1), (lstm.Units, lstm.Layers, lstm.LearnedInitialState, model.Model.InputSize));

        // Column 0 of the only matrix is x's, the others are h's.
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(SharedData.Find($"nam-lstm-dev/{file}")!));
        var values = json.RootElement.GetProperty("weights").EnumerateArray().Select(v => v.GetSingle()).ToArray();
        var rows = 4 * units;
        Assert.Equal(Enumerable.Range(0, rows).Select(r => values[r * (units + 1)]), model.Weight("Lstm.weight_ih_l0"));
        Assert.Equal(Enumerable.Range(0, rows).SelectMany(r => values[((r * (units + 1)) + 1)..((r + 1) * (units + 1))]),
            model.Weight("Lstm.weight_hh_l0"));
        var rest = values[(rows * (units + 1))..];
        Assert.Equal(rest[..rows], model.Weight("Lstm.bias_ih_l0"));
        Assert.Equal(rest[rows..(rows + units)], model.Weight("Lstm.h0_l0"));
        Assert.Equal(rest[(rows + units)..(rows + (2 * units))], model.Weight("Lstm.c0_l0"));
        Assert.Equal(rest[^(units + 1)..^1], model.Weight("Head.weight"));
        Assert.Equal(rest[^1..], model.Weight("Head.bias"));
    }

    [Theory]
    [InlineData("""{"architecture": "WaveNet", "config": {}, "weights": []}""", "WaveNet is not supported")]
    [InlineData("""{"config": {}}""", "no architecture")]
    [InlineData("""{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 2, "num_layers": 1}, "weights": [1, 2]}""",
        "has weights [2], but 1 layers of 2 units on 1 inputs have 39")]
    [InlineData(
        """{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 2000000000, "num_layers": 2000000000}, "weights": [1, 2]}""",
        "has weights [2]")]
    [InlineData("""{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 2}, "weights": [1, 2]}""", "no positive num_layers")]
    [InlineData("""{"architecture": "LSTM", "config": {"input_size": 1, "hidden_size": 2, "num_layers": 1}, "weights": [1, "2"]}""",
        "not a number")]
    [InlineData("""[]""", "not an object")]
    public void Nam_files_that_do_not_fit_are_refused(string json, string cause) =>
        Assert.Contains(cause,
            Assert.Throws<InvalidDataException>(() => NamFile.Import("x.nam", System.Text.Encoding.UTF8.GetBytes(json))).Message);

    [Theory]
    [InlineData("""{"layers": []}""", "no in_shape and layers")]
    [InlineData("""{"in_shape": [null, 1], "layers": []}""", "no layer that computes")]
    [InlineData("""{"in_shape": [null, 1], "layers": [{"type": "conv2d", "shape": [null, 1]}]}""",
        "layer 0 (conv2d): this type is not supported")]
    [InlineData("""{"in_shape": [null, 1], "layers": [{"type": "dense", "shape": [null, 2], "weights": [[[1, 2], [3]]]}]}""",
        "lists of different lengths")]
    [InlineData("""{"in_shape": [null, 1], "layers": [{"type": "dense", "weights": []}]}""", "layer 0 (dense), shape is not a shape")]
    [InlineData("""{"in_shape": [null], "layers": []}""", "in_shape is not a shape")]
    public void Rtneural_files_that_do_not_fit_are_refused(string json, string cause) =>
        Assert.Contains(cause,
            Assert.Throws<InvalidDataException>(() => KerasJsonFile.Import("x.json", System.Text.Encoding.UTF8.GetBytes(json))).Message);
}
