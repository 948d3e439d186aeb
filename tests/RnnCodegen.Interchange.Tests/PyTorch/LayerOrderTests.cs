using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.PyTorchImporterTests;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>
/// In which order the layers of a state dict compute: what the file, the numbers in the names, the widths and the user say of it.
/// </summary>
public sealed class LayerOrderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("net.{0}")]
    [InlineData("fc{0}")]
    [InlineData("l{0}.linear")]
    [InlineData("block_{0}_fc")]
    public void Numbers_in_names_count_as_numbers(string name)
    {
        // y = 2 (x) + 1: the last but one layer doubles, the last adds.
        var tensors = Enumerable.Range(0, 11).SelectMany(k => Linear(string.Format(null, name, k), k == 9 ? 2 : 1, k == 10 ? 1 : 0))
            .ToList();
        foreach (var sorted in (List<SafeTensor>[])[tensors, [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)],
            [.. tensors.AsEnumerable().Reverse()]])
        {
            var model = ImportSorted(sorted);
            Assert.Equal([3f, 5, 7], Run(model, [1, 2, 3]));
        }

        Assert.Contains("fits the numbers", Wiring(ImportSorted([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_dict_that_was_sorted_since_is_told_by_its_tensors()
    {
        SafeTensor[] made = [.. Recurrent("lstm", 4, 8, 8, 1, 1),
            .. Tensors(("ln.weight", [8]), ("ln.bias", [8]), ("fc.weight", [8, 8]), ("fc.bias", [8]))];
        var model = PyTorchImporter.Import("test", made);
        Assert.Equal(["Lstm", "Ln", "Fc"], model.Layers.Select(l => l.Name));
        Assert.Contains("other orders would fit their widths too, which --order could say", Wiring(model), StringComparison.Ordinal);

        SafeTensor[] sorted = [.. made.OrderBy(t => t.Name, StringComparer.Ordinal)];
        var message = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", sorted)).Message;
        Assert.Contains("'test': nothing tells the order of its layers", message, StringComparison.Ordinal);
        Assert.Contains("--order fc,ln,lstm, if that is it", message, StringComparison.Ordinal);
        Assert.Equal(["Lstm", "Ln", "Fc"], PyTorchImporter.Import("test", sorted, order: ["lstm", "ln", "fc"]).Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_file_sorted_by_type_and_name_tells_nothing()
    {
        // As the safetensors library sorts: the larger types first.
        var half = Recurrent("lstm", 4, 8, 8, 1, 1)
            .Select(t => SafeTensor.Of<Half>(t.Name, t.Shape, t.ToFloats().Select(v => (Half)v).ToArray())).OrderBy(t => t.Name,
                StringComparer.Ordinal);
        SafeTensor[] tensors = [.. Tensors(("fc.bias", [8]), ("fc.weight", [8, 8])), .. half];
        Assert.Contains("nothing tells the order", Assert.Throws<InvalidDataException>(() => ImportSorted(tensors)).Message,
            StringComparison.Ordinal);

        // Two matrices: by name or by chance, in a format that sorts, and as made in one that does not.
        var plain = Tensors(("a.weight", [4, 4]), ("b.weight", [4, 4]), ("c.weight", [2, 4]), ("c.bias", [2]));
        Assert.Contains("nothing tells the order",
            Assert.Throws<InvalidDataException>(() => ImportSorted([.. plain.OrderBy(t => t.Name, StringComparer.Ordinal)])).Message,
            StringComparison.Ordinal);
        Assert.Equal(["A", "B", "C"], PyTorchImporter.Import("test", plain).Layers.Select(l => l.Name));
    }

    [Fact]
    public void Widths_that_allow_one_order_need_no_other_word()
    {
        SafeTensor[] tensors = [.. Tensors(("fc.weight", [5, 16]), ("fc.bias", [5]), ("embedding.weight", [30, 8])),
            .. Recurrent("lstm", 4, 8, 16, 2, 1), .. Tensors(("norm.weight", [16]), ("norm.bias", [16]))];
        var model = ImportSorted([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)]);
        Assert.Equal(["Embedding", "Lstm", "Norm", "Fc"], model.Layers.Select(l => l.Name));
        Assert.Contains("no other does", Wiring(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_whose_name_says_nothing_is_told_by_the_widths()
    {
        SafeTensor[] tensors = [.. Tensors(("tokens.weight", [30, 8])), .. Recurrent("lstm", 4, 8, 16, 1, 1),
            .. Tensors(("head.weight", [30, 16]), ("head.bias", [30]))];
        var model = ImportSorted([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)]);
        Assert.Equal(["Tokens", "Lstm", "Head"], model.Layers.Select(l => l.Name));
        Assert.IsType<EmbeddingAttribute>(model.Layers[0].Options);

        // The matrices of one list follow each other, so the first is no table, as in a file of the modules' own order.
        foreach (var list in new[]
        {
            ImportSorted(Tensors(("net.0.weight", [4, 4]), ("net.1.weight", [4, 4]))),
            PyTorchImporter.Import("test", Tensors(("net.0.weight", [6, 4]), ("net.1.weight", [4, 6])))
        })
        {
            Assert.All(list.Layers, l => Assert.True(l.Options is DenseAttribute { Bias: false }));
            Assert.Contains(list.Notes,
                n => n.Contains("taken for a Linear without bias: an Embedding has such a tensor too", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Parts_of_one_module_stand_together()
    {
        SafeTensor[] tensors = [.. Linear("encoder.0", 1, 0, 4, 8), .. Linear("encoder.1", 1, 0, 8, 8), .. Linear("decoder.0", 1, 0, 8, 8),
            .. Linear("decoder.1", 1, 0, 8, 5)];
        Assert.Equal(["Encoder0", "Encoder1", "Decoder0", "Decoder1"],
            ImportSorted([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)]).Layers.Select(l => l.Name));

        // A list of normalisations stands between the parts of another list.
        SafeTensor[] lists = [.. Linear("convs.0", 1, 0, 4, 8), .. Linear("convs.1", 1, 0, 8, 8),
            .. Tensors(("norms.0.weight", [8]), ("norms.0.bias", [8]), ("norms.1.weight", [8]), ("norms.1.bias", [8]))];
        SafeTensor[] sorted = [.. lists.OrderBy(t => t.Name, StringComparer.Ordinal)];
        Assert.Contains("--order", Assert.Throws<InvalidDataException>(() => ImportSorted(sorted)).Message, StringComparison.Ordinal);
        Assert.Equal(
            ["Convs0", "Norms0", "Convs1", "Norms1"],
            ImportSorted(sorted, "convs.0", "norms.0", "convs.1", "norms.1").Layers.Select(l => l.Name));
    }

    [Fact]
    public void Numbers_that_contradict_the_file_are_refused()
    {
        SafeTensor[] tensors = [.. Linear("fc2", 2, 0), .. Linear("fc1", 1, 1)];
        Assert.Contains("the file and the numbers in the names say different ones",
            Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", tensors)).Message, StringComparison.Ordinal);
        Assert.Equal(["Fc2", "Fc1"], PyTorchImporter.Import("test", tensors, order: ["fc2", "fc1"]).Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_name_in_the_order_may_stand_for_all_that_is_part_of_it()
    {
        SafeTensor[] tensors = [.. Linear("decoder.0", 1, 0), .. Linear("decoder.1", 2, 0), .. Linear("encoder.0", 3, 0),
            .. Linear("encoder.1", 1, 1)];
        SafeTensor[] sorted = [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)];
        Assert.Contains("nothing tells the order", Assert.Throws<InvalidDataException>(() => ImportSorted(sorted)).Message,
            StringComparison.Ordinal);
        var model = ImportSorted(sorted, "encoder", "decoder");
        Assert.Equal(["Encoder0", "Encoder1", "Decoder0", "Decoder1"], model.Layers.Select(l => l.Name));
        Assert.Contains("in the order that is said, Encoder0, ", Wiring(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the order names 'x', which is no module with weights; there are 'a', 'b'", "a", "b", "x")]
    [InlineData("the order does not name 'b'", "a")]
    [InlineData("the order names 'a' twice", "a", "b", "a")]
    [InlineData("the order names '', which is no module", "a", "", "b")]
    [InlineData("the order that is said does not fit: A reads rows of 4 where the layer before it writes rows of 6", "b", "a")]
    public void An_order_that_cannot_be_is_refused_by_name(string message, params string[] order)
    {
        SafeTensor[] tensors = [.. Linear("a", 1, 0, 4, 5), .. Linear("b", 1, 0, 5, 6)];
        var error = Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import("test", tensors, order: order)).Message;
        Assert.StartsWith($"'test': {message}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_and_what_it_is_part_of_are_not_both_in_an_order() => Assert.Contains(
        "the order names 'a' and each module in it", Assert.Throws<InvalidDataException>(
            () => PyTorchImporter.Import("test", [.. Linear("a.b", 1, 0), .. Linear("c", 1, 0)], order: ["a", "a.b", "c"])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Files_of_this_project_say_their_order()
    {
        // Two layers without biases, whose names alone would be in any order.
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 4 } };
        foreach (var name in new[] { "Alpha", "Beta", "Gamma" })
        {
            model.Add(name, new DenseAttribute(4) { Bias = false });
            model.AddWeight($"{name}.weight", [4, 4], [.. Enumerable.Range(0, 16).Select(k => k + (name.Length / 8f))]);
        }

        var path = Path.Combine(_folder, "weights.safetensors");
        model.SaveWeights(path);
        Assert.Equal(["Alpha", "Beta", "Gamma"], PyTorchImporter.Import(path).Layers.Select(l => l.Name));
        Assert.Contains("the file's metadata says", Wiring(ModelFile.Open(path).Model!), StringComparison.Ordinal);
        Assert.Equal(["Gamma", "Beta", "Alpha"], ModelFile.Open(path, order: ["Gamma", "Beta", "Alpha"]).Model!.Layers.Select(l => l.Name));

        // Metadata of other modules than the file's is none.
        var tensors = SafeTensorsFile.Read(path).Tensors;
        SafeTensorsFile.Write(path, tensors, new Dictionary<string, string> { ["rnncodegen.layers"] = "Alpha,Beta" });
        Assert.Contains("nothing tells the order", Assert.Throws<InvalidDataException>(() => PyTorchImporter.Import(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_no_weights_have_are_noted()
    {
        var model = PyTorchImporter.Import("test", [.. Linear("net.0", 1, 0), .. Linear("net.3", 2, 0)]);
        Assert.Contains(model.Notes, n => n.StartsWith("Modules without weights stand at 'net.1', 'net.2'", StringComparison.Ordinal));
    }

    internal static ModelDescription ImportSorted(IReadOnlyList<SafeTensor> tensors, params string[] order) =>
        PyTorchImporter.Import("test", tensors, "", order.Length == 0 ? null : order, TensorOrder.MostlySorted);

    /// <summary>A Linear that multiplies by a factor and adds a number.</summary>
    internal static SafeTensor[] Linear(string name, float factor, float shift, int inputs = 3, int outputs = 3) =>
    [
        new($"{name}.weight", [outputs, inputs],
            Enumerable.Range(0, outputs * inputs).Select(k => k / inputs == k % inputs ? factor : 0f).ToArray()),
        new($"{name}.bias", [outputs], Enumerable.Repeat(shift, outputs).ToArray()),
    ];

    private static string Wiring(ModelDescription model) => Assert.Single(model.Notes,
        n => n.StartsWith("A state dict does not tell how layers are joined", StringComparison.Ordinal));

    /// <summary>What a chain of dense layers makes of a row.</summary>
    private static float[] Run(ModelDescription model, float[] row)
    {
        foreach (var layer in model.Layers)
        {
            var (weight, bias) = (model.Weights[$"{layer.Name}.weight"], model.Weights[$"{layer.Name}.bias"].Values);
            row = [.. Enumerable.Range(0, bias.Length)
                .Select(o => bias[o] + Enumerable.Range(0, row.Length).Sum(i => weight.Values[(o * row.Length) + i] * row[i]))];
        }

        return row;
    }
}
