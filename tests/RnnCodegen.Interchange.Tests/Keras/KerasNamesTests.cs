using System.Text;
using PureHDF;
using RnnCodegen.Interchange.Tests.Archives;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>Layers are found in files of weights alone and in archives of other programs, whatever happened to the names.</summary>
public class KerasNamesTests
{
    private static readonly float[] s_first = KerasTestFile.Values(6, 1);
    private static readonly float[] s_second = KerasTestFile.Values(6, 2);

    [Fact]
    public void Weights_alone_are_read_with_the_json_of_their_model()
    {
        var model = KerasImporter.Import("w.h5", Weights("dense", "dense_1"), Architecture("dense", "dense_1"));
        Assert.Equal(Transposed(s_first, 3, 2), model.Weight("Dense.weight"));
        Assert.Empty(model.Notes);

        var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("w.h5", Weights("dense", "dense_1")));
        Assert.Contains("--architecture model.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dense_7", "dense_8")]
    [InlineData("dense_1", "dense_2")]
    [InlineData("dense_9", "dense_10")]
    public void Layers_whose_names_differ_in_a_number_are_matched_in_order(string first, string second)
    {
        var model = KerasImporter.Import("w.h5", Weights(first, second), Architecture("dense", "dense_1"));

        Assert.Equal(Transposed(s_first, 3, 2), model.Weight("Dense.weight"));
        Assert.Equal(Transposed(s_second, 2, 3), model.Weight("Dense1.weight"));
        Assert.Contains($"The weights of 'dense', 'dense_1' are those of '{first}', '{second}' in the file", model.Notes.Single(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_are_not_matched_where_their_number_or_shape_differs()
    {
        var fewer = KerasTestFile.Hdf5(null, "2.11.0", ("dense_4", [("kernel:0", [3, 2], s_first), ("bias:0", [2], [0, 0])]));
        var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("w.h5", fewer, Architecture("dense", "dense_1")));
        Assert.Contains("the model has 2 layers called 'dense' with a number, dense, dense_1, and the file 1, dense_4", error.Message,
            StringComparison.Ordinal);

        var swapped = KerasTestFile.Hdf5(null, "2.11.0",
            ("dense_4", [("kernel:0", [2, 3], s_second), ("bias:0", [3], [0, 0, 0])]),
            ("dense_5", [("kernel:0", [3, 2], s_first), ("bias:0", [2], [0, 0])]));
        error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("w.h5", swapped, Architecture("dense", "dense_1")));
        Assert.Contains("has the shape [2, 3], but the layer's options ask for [3, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_jsons_own_version_counts_before_that_of_the_weights()
    {
        // hard_sigmoid is x / 6 + 0.5 in Keras 3, and 0.2 x + 0.5 before it.
        var json = KerasTestFile.Sequential(
            KerasTestFile.Layer("InputLayer", new { name = "in", batch_shape = new int?[] { null, null, 3 } }),
            KerasTestFile.Layer("Dense", new { name = "dense", units = 2, activation = "hard_sigmoid" }));
        var weights = KerasTestFile.Hdf5(null, "2.11.0", ("dense", [("kernel:0", [3, 2], s_first), ("bias:0", [2], [0, 0])]));

        Assert.Equal(Activation.HardSigmoid, Function(json[..^1] + """, "keras_version": "3.5.0"}"""));
        Assert.Equal(Activation.HardSigmoidKeras2, Function(json));

        Activation Function(string text) =>
            ((DenseAttribute)KerasImporter.Import("w.h5", weights, text).Layers.Single().Options).Activation;
    }

    [Theory]
    [InlineData("layers\\dense\\vars", "layers\\dense_1\\vars")]
    [InlineData("layers/dense\\vars", "layers/dense_1\\vars")]
    [InlineData("layers\\dense/vars", "layers\\dense_1/vars")]
    [InlineData("_layer_checkpoint_dependencies\\dense\\vars", "_layer_checkpoint_dependencies\\dense_1\\vars")]
    public void Names_of_groups_that_were_joined_with_backslashes_are_taken_apart(string first, string second)
    {
        var model = KerasImporter.Import("m.keras", Archive("", Variables(first, second)));
        Assert.Equal(Transposed(s_first, 3, 2), model.Weight("Dense.weight"));
        Assert.Equal(Transposed(s_second, 2, 3), model.Weight("Dense1.weight"));
    }

    [Theory]
    [InlineData("m/")]
    [InlineData(".\\")]
    [InlineData("./")]
    [InlineData("a\\b\\")]
    public void Archives_whose_files_are_in_a_folder_are_read(string folder)
    {
        var archive = Archive(folder, Variables("layers/dense/vars", "layers/dense_1/vars"));
        Assert.Equal(Transposed(s_first, 3, 2), KerasImporter.Import("m.keras", archive).Weight("Dense.weight"));

        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, archive);
            Assert.Equal("Keras archive", ModelFile.Open(path).Format);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_archive_of_two_models_is_refused()
    {
        var json = Encoding.UTF8.GetBytes(Architecture("dense", "dense_1"));
        var error = Assert.Throws<InvalidDataException>(
            () => KerasImporter.Import("m.keras", ZipBytes.Of(("a/config.json", json), ("b/config.json", json))));
        Assert.Contains("there are 2 entries 'config.json'", error.Message, StringComparison.Ordinal);
    }

    private static string Architecture(string first, string second) => KerasTestFile.Sequential(
        KerasTestFile.Layer("InputLayer", new { name = "in", batch_shape = new int?[] { null, null, 3 } }),
        KerasTestFile.Layer("Dense", new { name = first, units = 2 }), KerasTestFile.Layer("Dense", new { name = second, units = 3 }));

    private static byte[] Weights(string first, string second) => KerasTestFile.Hdf5(null, "2.11.0",
        (first, [("kernel:0", [3, 2], s_first), ("bias:0", [2], [0, 0])]),
        (second, [("kernel:0", [2, 3], s_second), ("bias:0", [3], [0, 0, 0])]));

    private static byte[] Archive(string folder, byte[] weights) => ZipBytes.Of(
        (folder + "metadata.json", """{"keras_version": "3.5.0"}"""u8.ToArray()),
        (folder + "config.json", Encoding.UTF8.GetBytes(Architecture("dense", "dense_1"))), (folder + "model.weights.h5", weights));

    /// <summary>Variables as Keras 3 writes them; a slash makes a group in a group, a backslash stays in the name of one.</summary>
    private static byte[] Variables(string first, string second)
    {
        var file = new H5File();
        foreach (var (path, shape, values) in new[] { (first, new ulong[] { 3, 2 }, s_first), (second, [2, 3], s_second) })
        {
            var group = path.Split('/').Aggregate((H5Group)file, (parent, name) =>
            {
                parent.TryAdd(name, new H5Group());
                return (H5Group)parent[name];
            });
            group["0"] = new H5Dataset(values, fileDims: shape);
            group["1"] = new H5Dataset(new float[shape[1]], fileDims: [shape[1]]);
        }

        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    private static float[] Transposed(float[] values, int rows, int columns) => GateBlocks.Transpose(values, rows, columns);
}
