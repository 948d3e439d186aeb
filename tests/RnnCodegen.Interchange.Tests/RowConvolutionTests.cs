using RnnCodegen.Interchange.Onnx;
using RnnCodegen.Interchange.Tests.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests;

/// <summary>Convolutions inside rows as matrices, and matrices that are such convolutions.</summary>
public class RowConvolutionTests
{
    [Theory]
    [InlineData(false, "2 3 0 0 2 3 0 0 2")]
    [InlineData(true, "2 3 0 0 2 3 0 3 2")]
    public void Keras_gets_the_matrix(bool mirrors, string matrix)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add("Front", new RowConv1dAttribute(1, 2) { PadRight = 1, Mirror = mirrors, Activation = Activation.Relu });
        model.AddWeight("Front.weight", [1, 1, 2], [2, 3]);
        model.AddWeight("Front.bias", [1], [5]);
        var back = KerasImporter.Import("rows.keras", KerasExporter.ToBytes(model));
        Assert.Equal(Same.Text(new DenseAttribute(3) { Activation = Activation.Relu }), Same.Text(Assert.Single(back.Layers).Options));
        Assert.Equal(matrix, string.Join(' ', back.Weights["Front.weight"].Values));
        Assert.Equal([5, 5, 5], back.Weights["Front.bias"].Values);
    }

    [Theory]
    [InlineData("a convolution", true)]
    [InlineData("one number that is another", false)]
    [InlineData("one bias that is another", false)]
    [InlineData("as many numbers as the kernel has", false)]
    [InlineData("zeros alone", false)]
    public void A_matrix_is_a_convolution_where_all_of_it_is(string way, bool isFound)
    {
        var options = new RowConv1dAttribute(2, 4) { Channels = 2, Stride = 2, PadLeft = 1, PadRight = 1, Mirror = true };
        var width = way == "as many numbers as the kernel has" ? 6 : 20;
        float[] kernel = [.. Enumerable.Range(1, 16).Select(k => way == "zeros alone" ? 0 : k / 7f)];
        var (matrix, bias) = (RowConvolutions.Matrix(options, width, kernel), RowConvolutions.Bias(options, width, [1, 2]));
        matrix[^1] *= way == "one number that is another" ? 1.5f : 1;
        bias[1] *= way == "one bias that is another" ? 1.5f : 1;
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = width } };
        model.Add("Front", new DenseAttribute(bias.Length) { Activation = Activation.Tanh });
        model.AddWeight("Front.weight", [bias.Length, width], matrix);
        model.AddWeight("Front.bias", [bias.Length], bias);
        var back = OnnxImporter.Read(OnnxExporter.ToBytes(model, out _), "rows.onnx");
        options.Activation = Activation.Tanh;
        Assert.Equal(
            Same.Text(isFound ? options : new DenseAttribute(bias.Length) { Activation = Activation.Tanh }),
            Same.Text(Assert.Single(back.Layers).Options));
        Assert.Equal(isFound ? kernel : matrix, back.Weights["Front.weight"].Values);
    }
}
