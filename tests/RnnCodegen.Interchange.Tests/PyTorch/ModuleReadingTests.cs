using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.PyTorchImporterTests;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>
/// Modules that have the tensors of others: their names refuse a wrong
/// reading, and where names say nothing, a note lists what else it may be.
/// </summary>
public class ModuleReadingTests
{
    [Theory]
    [InlineData("gn", "a GroupNorm")]
    [InlineData("group_norm", "a GroupNorm")]
    [InlineData("GroupNorm2", "a GroupNorm")]
    [InlineData("net.gn1", "a GroupNorm")]
    [InlineData("instance_norm", "an InstanceNorm")]
    [InlineData("bn1", "a batch normalisation, whose running statistics are not in the file")]
    [InlineData("rmsnorm", "an RMSNorm")]
    [InlineData("RMSNorm", "an RMSNorm")]
    [InlineData("layer_scale", "a scale by itself")]
    [InlineData("affine", "a scale by itself")]
    public void A_vector_of_scales_with_shifts_may_say_that_it_is_no_layer_norm(string name, string what) => Refused(
        name, "a LayerNorm", what, Tensors(($"{name}.weight", [8]), ($"{name}.bias", [8])));

    [Theory]
    [InlineData("norm", "a normalisation without a bias, an RMSNorm or a LayerNorm")]
    [InlineData("final_norm", "a normalisation without a bias")]
    [InlineData("rms", "an RMSNorm")]
    [InlineData("scale", "a scale by itself")]
    [InlineData("snake", "a function with a parameter of its own")]
    [InlineData("mask", "a mask or a gate")]
    public void A_vector_alone_may_say_that_it_is_no_PReLU(string name, string what) => Refused(name,
        name is "norm" or "final_norm" ? "a PReLU" : "a ", what, Tensors(($"{name}.weight", [8])));

    [Theory]
    [InlineData("bilinear", "a bilinear form")]
    [InlineData("deconv", "a transposed convolution")]
    [InlineData("convT1", "a transposed convolution")]
    [InlineData("conv_transpose", "a transposed convolution")]
    [InlineData("ConvTranspose1d", "a transposed convolution")]
    [InlineData("up", "a transposed convolution")]
    [InlineData("ups.0", "a transposed convolution")]
    [InlineData("depthwise", "a convolution of groups")]
    [InlineData("dw_conv", "a convolution of groups")]
    [InlineData("skip", "a way around other layers")]
    public void Taps_may_say_that_they_are_no_plain_convolution(string name, string what) => Refused(name, "a Conv1d", what,
        Tensors(($"{name}.weight", [8, 8, 3]), ($"{name}.bias", [8])));

    [Theory]
    [InlineData("pos_emb", "a table of positions", false)]
    [InlineData("position", "a table of positions", false)]
    [InlineData("wpe", "a table of positions", false)]
    [InlineData("token_type_embeddings", "a table of positions", false)]
    [InlineData("embedding_bag", "a table that is averaged over", false)]
    [InlineData("codebook", "a codebook", false)]
    [InlineData("attn.out_proj", "a part of attention", true)]
    [InlineData("query", "a part of attention", true)]
    [InlineData("att.key", "a part of attention", true)]
    [InlineData("q_proj", "a part of attention", true)]
    [InlineData("cell.x2h", "a part of a recurrent cell", true)]
    [InlineData("cell.h2h", "a part of a recurrent cell", true)]
    [InlineData("i2h", "a part of a recurrent cell", true)]
    [InlineData("reset_gate", "a gate", true)]
    [InlineData("shortcut", "a way around other layers", true)]
    [InlineData("c_fc", "a convolution", true)]
    [InlineData("fc.lora_A", "a part of a low-rank adapter", false)]
    [InlineData("fc.lora_B.default", "a part of a low-rank adapter", false)]
    public void A_matrix_may_say_that_it_is_no_plain_one(string name, string what, bool hasBias) => Refused(
        name, "a", what, hasBias ? Tensors(($"{name}.weight", [8, 8]), ($"{name}.bias", [8])) : Tensors(($"{name}.weight", [8, 8])));

    [Theory]
    [InlineData("gru", 4, "a GRU, which has three")]
    [InlineData("lstm1", 3, "an LSTM, which has four gates")]
    [InlineData("sru", 4, "a cell of another kind")]
    [InlineData("mingru", 3, "a cell of another kind")]
    [InlineData("minlstm", 4, "a cell of another kind")]
    [InlineData("ln_lstm", 4, "a cell of another kind")]
    public void A_recurrent_module_may_say_that_it_is_another(string name, int gates, string what) =>
        Assert.Contains($"its name says that it is {what}",
            Assert.Throws<InvalidDataException>(() => Import(Recurrent(name, gates, 3, 5, 1, 1))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("keyword_head")]
    [InlineData("upper")]
    [InlineData("positive")]
    [InlineData("segmentation_head")]
    [InlineData("hidden2tag")]
    [InlineData("dense1")]
    [InlineData("value")]
    [InlineData("up_proj")]
    [InlineData("bn_fc")]
    public void Names_that_only_resemble_such_words_refuse_nothing(string name) =>
        Assert.IsType<DenseAttribute>(Assert.Single(Import(Tensors(($"{name}.weight", [8, 8]), ($"{name}.bias", [8]))).Layers).Options);

    [Fact]
    public void A_part_that_is_asked_for_by_name_is_not_refused_for_where_it_stands()
    {
        var tensors = Tensors(("attn.out_proj.weight", [8, 8]), ("attn.out_proj.bias", [8]), ("gn.weight", [8]), ("gn.bias", [8]));
        Assert.IsType<DenseAttribute>(Assert.Single(PyTorchImporter.Import("test", tensors, "attn.out_proj").Layers).Options);

        // What it is does matter.
        Assert.Contains("a GroupNorm", Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", tensors, "gn")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_ambiguous_reading_lists_the_others()
    {
        var model = Import([
            .. Tensors(("words_emb.weight", [9, 4]), ("conv.weight", [4, 4, 3]), ("conv.bias", [4]), ("ln1.weight", [4]), ("ln1.bias", [4]),
                ("ln2.weight", [4]), ("ln2.bias", [4])),
            .. Tensors(("act.weight", [4]), ("proj.weight", [6, 4]))]);
        Noted(model, "Ln1, Ln2 are each taken for a LayerNorm, with an epsilon of 1e-5", "GroupNorm", "InstanceNorm", "BatchNorm1d",
            "scale and shift");
        Noted(model, "Conv is taken for a Conv1d of one group", "stride 1, dilation 1 and no padding", "groups", "ConvTranspose1d",
            "Bilinear");
        Noted(model, "Act is taken for a PReLU", "RMSNorm", "LayerNorm without bias", "scale");
        Noted(model, "Proj is taken for a Linear without bias", "Embedding");
        Noted(model, "WordsEmb is taken for an Embedding by its name", "Linear without bias", "positions");
    }

    [Fact]
    public void A_convolution_of_one_channel_may_be_depthwise() =>
        Noted(Import(Tensors(("conv.weight", [8, 1, 3]), ("conv.bias", [8]))), "Conv is taken for a Conv1d of one group",
            "one of 8 groups (depthwise)");

    [Fact]
    public void Biases_of_a_transposed_convolution_tell_it() => Assert.Contains(
        "their shapes say that it is a ConvTranspose1d, with 4 biases for a weight [8, 4, 3]",
        Assert.Throws<InvalidDataException>(() => Import(Tensors(("layer.weight", [8, 4, 3]), ("layer.bias", [4])))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_layer_norm_without_bias_shifts_by_nothing()
    {
        var model = Import(Tensors(("fc.weight", [3, 2]), ("fc.bias", [3]), ("ln.weight", [3])));
        Assert.IsType<LayerNormAttribute>(model.Layers[1].Options);
        Assert.Equal([0f, 0, 0], model.Weights["Ln.bias"].Values);
        Noted(model, "Ln is taken for a LayerNorm without bias, by its name");
    }

    [Theory]
    [InlineData("attn.in_proj_weight", "It belongs to a MultiheadAttention")]
    [InlineData("h0", "It looks like a trained initial state")]
    [InlineData("fc.weight_scale", "It belongs to a quantised module")]
    public void Tensors_of_other_modules_are_named(string name, string what) =>
        Assert.Contains(what,
            Assert.Throws<InvalidDataException>(() => Import([.. Recurrent("lstm", 4, 3, 4, 1, 1), .. Tensors((name, [1, 4]))])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Two_tables_are_refused() => Assert.Contains(
        "'word_emb' and 'char_emb' are tables of tokens by their names; a model has one",
        Assert.Throws<InvalidDataException>(
            () => Import([.. Tensors(("word_emb.weight", [20, 8]), ("char_emb.weight", [5, 8])),
                .. Recurrent("lstm", 4, 8, 8, 1, 1)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Tied_weights_and_doubles_are_noted()
    {
        float[] values = [.. Enumerable.Range(0, 12).Select(k => (float)k)];
        var model = Import([new("embedding.weight", [4, 3], values), .. Recurrent("gru", 3, 3, 3, 1, 1),
            new("decoder.weight", [4, 3], values), SafeTensor.Of<double>("decoder.bias", [4], new double[4])]);
        Noted(model, "Embedding.weight is also Decoder.weight, value by value, as tied weights are");
        Noted(model, "1 of the file's tensors are F64; their values are rounded to float32");
    }

    [Fact]
    public void Trained_states_beside_a_part_are_noted() => Noted(
        PyTorchImporter.Import("test", [.. Recurrent("lstm", 4, 3, 4, 1, 1), .. Tensors(("h0", [1, 1, 4]), ("c0", [1, 1, 4]))], "lstm"),
        "'h0', 'c0' look like a trained initial state");

    private static ModelDescription Import(IReadOnlyList<SafeTensor> tensors) => PyTorchImporter.Import("test", tensors);

    private static void Refused(string name, string looks, string what, SafeTensor[] tensors)
    {
        var message = Assert.Throws<InvalidDataException>(() => Import(tensors)).Message;
        Assert.StartsWith($"'test': the tensors of '{name}' look like those of {looks}", message, StringComparison.Ordinal);
        Assert.Contains($"its name says that it is {what}", message, StringComparison.Ordinal);
        Assert.Contains("--part", message, StringComparison.Ordinal);
    }

    private static void Noted(ModelDescription model, string start, params string[] others)
    {
        var note = Assert.Single(model.Notes, n => n.StartsWith(start, StringComparison.Ordinal));
        Assert.All(others, other => Assert.Contains(other, note, StringComparison.Ordinal));
    }
}
