using Xunit;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>State dicts that were written as JSON, and what audio programs say beside them.</summary>
public sealed class StateDictJsonTests : IDisposable
{
    private const string Rnn =
        """
        "rec.weight_ih_l0": [[1, 2], [3, 4], [5, 6]], "rec.weight_hh_l0": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "rec.bias_ih_l0": [0.5, 0.25, 0.125], "rec.bias_hh_l0": [0, 0, 0], "lin.weight": [[1, 2, 3]], "lin.bias": [4]
        """;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Lists_under_PyTorchs_names_are_a_state_dict()
    {
        var file = Open($"{{{Rnn}}}");

        Assert.Equal("PyTorch state dict as JSON", file.Format);
        Assert.Equal(["Rec", "Lin"], file.Model!.Layers.Select(l => l.Name));
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Model.Weights["Rec.weight_ih_l0"].Values);
        Assert.Equal([1, 3], file.Model.Weights["Lin.weight"].Shape);
    }

    [Fact]
    public void The_input_is_added_where_the_file_says_so()
    {
        var model = Player("\"unit_type\": \"RNN\", \"input_size\": 2, \"skip\": 1").Model!;

        Assert.Equal(["Rec", "Lin", "SkipFeature", "Skip"], model.Layers.Select(l => l.Name));
        Assert.Equal(["Lin", "SkipFeature"], ((AddAttribute)model.Layers[^1].Options).Sources);
        Assert.Equal([1f, 0], model.Weights["SkipFeature.weight"].Values);
        Assert.Contains(model.Notes, n => n.StartsWith("model_data.skip: the input's first feature", StringComparison.Ordinal));

        var plain = Player("\"unit_type\": \"RNN\", \"skip\": 0").Model!;
        Assert.Equal(["Rec", "Lin"], plain.Layers.Select(l => l.Name));
    }

    [Theory]
    [InlineData("\"unit_type\": \"LSTM\"", "model_data.unit_type is LSTM, but the weights are those of RNN")]
    [InlineData("\"input_size\": 3", "model_data.input_size is 3, but the weights are those of 2")]
    [InlineData("\"skip\": 2", "model_data.skip is 2")]
    public void What_the_file_says_has_to_fit_its_weights(string said, string message)
    {
        var file = Player(said);
        Assert.Null(file.Model);
        Assert.Contains(message, file.Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => Open("""{"fc.weight": [[1, 2], [3]], "fc.bias": [0, 0]}"""));
        Assert.Contains("fc.weight has lists of different lengths", error.Message, StringComparison.Ordinal);
    }

    private ModelFile Player(string data) => Open("{\"model_data\": {" + data + "}, \"state_dict\": {" + Rnn + "}}");

    private ModelFile Open(string json)
    {
        File.WriteAllText(_path, json);
        return ModelFile.Open(_path);
    }
}
