using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>
/// What is said of a mask depends on what Keras does with it: layers that leave masked steps out, as lengths do here, and layers that drop
/// the mask.
/// </summary>
public class KerasMaskTests
{
    private const string GiveLengths = "pad at the end and give lengths";
    private const string GiveWhole = "give padded sequences whole, without lengths";
    private const string Neither = "give sequences without padding, and without lengths";

    /// <summary>Layers behind a mask, and what has to be done with padded sequences.</summary>
    public static TheoryData<string, string> Chains => new()
    {
        { "lstm", GiveLengths },
        { "dense lstm", GiveLengths },
        { "bn lstm", GiveLengths },
        { "ln relu dropout spatial noise lstm", GiveLengths },
        { "seq lstm", GiveLengths },
        { "bi lstm", GiveLengths },
        { "bilast dense", GiveLengths },
        { "timed lstm", GiveLengths },
        { "mean", GiveLengths },
        { "seq mean", GiveLengths },
        { "bi mean", GiveLengths },
        { "seq dense max", GiveLengths },
        { "lstm dense", GiveLengths },
        { "dense", GiveLengths },
        { "conv", GiveWhole },
        { "conv lstm", GiveWhole },
        { "dense conv mean", GiveWhole },
        { "pool lstm", GiveWhole },
        { "max", GiveWhole },
        { "reshape lstm", GiveWhole },
        { "reshape mean", GiveWhole },
        { "seq conv", Neither },
        { "seq pool lstm", Neither },
        { "bi max", Neither },
        { "zeros max", Neither },
        { "seq reshape lstm", Neither },
        { "back lstm", Neither },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_note_is_that_of_what_follows(string chain, string said)
    {
        Assert.Contains(said, Note(Import("Masking", new { mask_value = 0.0 }, chain, "3.5.0")), StringComparison.Ordinal);
        Assert.Contains(said, Note(Import("Embedding", new { input_dim = 5, output_dim = 4, mask_zero = true }, chain, "3.5.0")),
            StringComparison.Ordinal);
        Assert.DoesNotContain(Import("Embedding", new { input_dim = 5, output_dim = 4, mask_zero = false }, chain, "3.5.0").Notes,
            note => note.Contains("lengths", StringComparison.Ordinal));
    }

    [Fact]
    public void The_note_names_the_layers_that_differ_and_the_value_that_becomes_zero()
    {
        var note = Note(Import("Masking", new { mask_value = -1.0 }, "conv lstm", "3.5.0"));
        Assert.Contains("features all equal -1", note, StringComparison.Ordinal);
        Assert.Contains("'conv0' (Conv1D) counts every step", note, StringComparison.Ordinal);
        Assert.Contains("Give zeros in place of rows that all equal -1", note, StringComparison.Ordinal);
        Assert.Contains("in 'seq0' (LSTM), but counts them in 'pool1' (MaxPooling1D)",
            Note(Import("Masking", new { }, "seq pool lstm", "3.5.0")), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_behind_the_end_of_a_masked_output_are_said_to_be_zero()
    {
        Assert.Contains("Rows behind the end are 0 here", Note(Import("Masking", new { }, "seq", "3.5.0")), StringComparison.Ordinal);
        Assert.DoesNotContain("Rows behind the end", Note(Import("Masking", new { }, "lstm", "3.5.0")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.15.1", GiveLengths)]
    [InlineData("2.4.0", GiveLengths)]
    [InlineData("3.16.0", Neither)]
    public void Recurrent_layers_pass_the_mask_on_up_to_keras315(string version, string said)
    {
        Assert.Contains(said, Note(Import("Masking", new { }, "seq lstm", version)), StringComparison.Ordinal);
        Assert.Contains(said, Note(Import("Masking", new { }, "bi lstm", version)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_softmax_layer_over_masked_steps_is_refused() =>
        Assert.Contains("takes the mask of its input's steps for one of features",
            Assert.Throws<InvalidDataException>(() => Import("Masking", new { }, "softmax", "3.5.0")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Add", true, "3.5.0", GiveLengths)]
    [InlineData("Concatenate", true, "3.5.0", GiveLengths)]
    [InlineData("Add", false, "3.5.0", GiveWhole)]
    [InlineData("Concatenate", false, "3.4.0", GiveWhole)]
    [InlineData("Add", false, "3.3.3", GiveLengths)]
    [InlineData("Concatenate", false, "2.4.0", GiveLengths)]
    public void A_join_keeps_a_mask_of_all_its_sources_and_up_to_3_3_one_of_any(string join, bool isShared, string version, string said)
    {
        var start = isShared ? "m" : "i";
        var config = $$"""
            {"class_name": "Functional", "config": {"layers": [
              {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, null, 4]}, "name": "i", "inbound_nodes": []},
              {"class_name": "Masking", "config": {"name": "m"}, "name": "m", "inbound_nodes": [[["i", 0, 0, {}]]]},
              {"class_name": "ReLU", "config": {"name": "r"}, "name": "r", "inbound_nodes": [[["{{start}}", 0, 0, {}]]]},
              {"class_name": "{{join}}", "config": {"name": "j"}, "name": "j", "inbound_nodes": [[["m", 0, 0, {}], ["r", 0, 0, {}]]]},
              {"class_name": "GlobalAveragePooling1D", "config": {"name": "g"}, "name": "g", "inbound_nodes": [[["j", 0, 0, {}]]]}],
              "input_layers": [["i", 0, 0]], "output_layers": [["g", 0, 0]]} }
            """;
        Assert.Contains(said, Note(KerasImporter.Import("x.h5", Hdf5(config, version))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_is_given_as_an_argument_is_noted()
    {
        const string Config = """
            {"class_name": "Functional", "config": {"layers": [
              {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, null, 3]}, "name": "i", "inbound_nodes": []},
              {"class_name": "LSTM", "config": {"name": "a", "units": 2}, "name": "a", "inbound_nodes": [[["i", 0, 0, {"mask": ["x", 0, 0]}]]]}],
              "input_layers": [["i", 0, 0]], "output_layers": [["a", 0, 0]]}}
            """;
        var file = Hdf5(Config, "2.4.0", ("a", [("k", [3, 8], Values(24)), ("r", [2, 8], Values(16)), ("b", [8], Values(8))]));
        Assert.Contains("called with a mask of its own", Note(KerasImporter.Import("x.h5", file)), StringComparison.Ordinal);
    }

    private static string Note(ModelDescription model) => Assert.Single(model.Notes,
        note => note.Contains("Keras skips", StringComparison.Ordinal));

    private static ModelDescription Import(string first, object config, string chain, string version)
    {
        var isEmbedding = first == "Embedding";
        var layers = new List<object>
        {
            Layer("InputLayer", new { name = "i", batch_shape = isEmbedding ? new int?[] { null, 6 } : [null, 6, 4] }),
            Layer(first, System.Text.Json.JsonSerializer.SerializeToNode(config)!.AsObject().Named("first")),
        };
        var weights = new List<(string, (string, int[], float[])[])>();
        if (isEmbedding)
        {
            weights.Add(("first", [("e", [5, 4], Values(20))]));
        }

        foreach (var (index, word) in chain.Split(' ').Index())
        {
            var name = $"{word}{index}";
            layers.Add(Of(word, name));
            if (Weights(word) is { Length: > 0 } own)
            {
                weights.Add((name, own));
            }
        }

        return KerasImporter.Import("x.h5", Hdf5(Sequential([.. layers]), version, [.. weights]));
    }

    private static object Of(string word, string name) => word switch
    {
        "lstm" => Layer("LSTM", new { name, units = 4, recurrent_activation = "sigmoid" }),
        "seq" => Layer("LSTM", new { name, units = 4, recurrent_activation = "sigmoid", return_sequences = true }),
        "zeros" => Layer("LSTM",
            new { name, units = 4, recurrent_activation = "sigmoid", return_sequences = true, zero_output_for_mask = true }),
        "back" => Layer("LSTM", new { name, units = 4, recurrent_activation = "sigmoid", return_sequences = true, go_backwards = true }),
        "bi" or "bilast" => Layer("Bidirectional", new { name, merge_mode = "sum", layer = Of(word == "bi" ? "seq" : "lstm", "inner") }),
        "dense" => Layer("Dense", new { name, units = 4 }),
        "timed" => Layer("TimeDistributed", new { name, layer = Of("dense", "inner") }),
        "conv" => Layer("Conv1D", new { name, filters = 4, kernel_size = 1, padding = "same" }),
        "pool" => Layer("MaxPooling1D", new { name, pool_size = 2 }),
        "bn" => Layer("BatchNormalization", new { name }),
        "ln" => Layer("LayerNormalization", new { name }),
        "relu" => Layer("ReLU", new { name }),
        "dropout" => Layer("Dropout", new { name, rate = 0.5 }),
        "spatial" => Layer("SpatialDropout1D", new { name, rate = 0.5 }),
        "noise" => Layer("GaussianNoise", new { name, stddev = 0.5 }),
        "mean" => Layer("GlobalAveragePooling1D", new { name }),
        "max" => Layer("GlobalMaxPooling1D", new { name }),
        "reshape" => Layer("Reshape", new { name, target_shape = new[] { 6, 4 } }),
        _ => Layer("Softmax", new { name }),
    };

    private static (string, int[], float[])[] Weights(string word)
    {
        (string, int[], float[])[] lstm = [("k", [4, 16], Values(64)), ("r", [4, 16], Values(64)), ("b", [16], Values(16))];
        (string, int[], float[])[] dense = [("k", [4, 4], Values(16)), ("b", [4], Values(4))];
        float[] ones = [1, 1, 1, 1];
        return word switch
        {
            "lstm" or "seq" or "zeros" or "back" => lstm,
            "bi" or "bilast" => [.. lstm.Select(w => ($"f{w.Item1}", w.Item2, w.Item3)),
                .. lstm.Select(w => ($"b{w.Item1}", w.Item2, w.Item3))],
            "dense" or "timed" => dense,
            "conv" => [("k", [1, 4, 4], Values(16)), ("b", [4], Values(4))],
            "bn" => [("g", [4], ones), ("b", [4], ones), ("m", [4], ones), ("v", [4], ones)],
            "ln" => [("g", [4], ones), ("b", [4], ones)],
            _ => [],
        };
    }
}
