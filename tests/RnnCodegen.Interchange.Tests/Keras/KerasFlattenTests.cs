using RnnCodegen.Interchange.Tests.Onnx;
using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>Rows of all steps that a Flatten joins, and outputs that a Reshape folds.</summary>
public class KerasFlattenTests
{
    private const int Steps = 4;
    private const int Inputs = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_dense_layer_behind_a_flatten_reads_all_steps(bool hasDropout)
    {
        var (kernel, bias) = (Values(Steps * Inputs * 2, 1), Values(2, 2));
        object[] layers =
        [
            Input(), Layer("Flatten", new { name = "flat" }),
            .. hasDropout ? (object[])[Layer("Dropout", new { name = "drop", rate = 0.5 })] : [],
            Layer("Dense", new { name = "head", units = 2, activation = "softmax" }),
        ];
        var model = KerasImporter.Import("m.h5",
            Hdf5(Sequential(layers), "3.5.0", ("head", [("kernel", [Steps * Inputs, 2], kernel), ("bias", [2], bias)])));

        var x = Rows.Of(Steps, 2, Inputs, (t, b, i) => Math.Sin((t * 5) + (b * 3) + i));
        var actual = DescriptionReference.Run(model, x);
        Assert.Equal((1, 2, 2), (actual.Steps, actual.Batch, actual.Width));
        for (var b = 0; b < 2; b++)
        {
            var sums = Enumerable.Range(0, 2).Select(u => bias[u] + Enumerable.Range(0, Steps * Inputs)
                .Sum(k => x[k / Inputs, b, k % Inputs] * kernel[(k * 2) + u])).ToArray();
            var total = sums.Sum(Math.Exp);
            Assert.All(Enumerable.Range(0, 2), u => Assert.Equal(Math.Exp(sums[u]) / total, actual[0, b, u], 1e-6));
        }

        Assert.Contains(model.Notes, n => n.Contains("rows of 4 steps at once", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_layers_do_not_read_joined_steps()
    {
        foreach (var layers in new object[][]
        {
            [Input(), Layer("Flatten", new { name = "flat" })],
            [Input(), Layer("Flatten", new { name = "flat" }), Layer("Activation", new { name = "f", activation = "relu" })],
        })
        {
            var error = Assert.Throws<InvalidDataException>(() => KerasImporter.Import("m.h5", Hdf5(Sequential(layers), "3.5.0")));
            Assert.Contains("takes the rows of 4 steps joined to one (Flatten)", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new[] { 2, 3 }, true)]
    [InlineData(new[] { -1, 3 }, true)]
    [InlineData(new[] { 2, 4 }, false)]
    [InlineData(new[] { -1, 4 }, false)]
    public void A_reshape_of_the_outputs_row_is_a_note(int[] shape, bool fits)
    {
        var file = Hdf5(
            Sequential(
                Layer("InputLayer", new { name = "in", batch_shape = new int?[] { null, 6 } }),
                Layer("Dense", new { name = "head", units = 6 }), Layer("Reshape", new { name = "folded", target_shape = shape })),
            "3.5.0", ("head", [("kernel", [6, 6], Values(36)), ("bias", [6], new float[6])]));
        if (fits)
        {
            Assert.Contains(KerasImporter.Import("m.h5", file).Notes, n => n.Contains("'folded'", StringComparison.Ordinal)
                && n.Contains("an output row of 6 features is", StringComparison.Ordinal));
        }
        else
        {
            Assert.Throws<InvalidDataException>(() => KerasImporter.Import("m.h5", file));
        }
    }

    private static object Input() => Layer("InputLayer", new { name = "in", batch_shape = new int?[] { null, Steps, Inputs } });
}
