using Microsoft.ML.OnnxRuntime;
using RnnCodegen.Interchange.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Embeddings that read columns of the input: written for ONNX, and refused by name where a format has no such layer.</summary>
public class CategoryExportTests
{
    [Theory]
    [InlineData(4, 2, 0)]
    [InlineData(4, 0, 3)]
    [InlineData(2, 0, 1)]
    public void Onnx_runtime_computes_what_the_model_does(int inputSize, int first, int second)
    {
        var model = Model(inputSize, new EmbeddingAttribute(5, 3) { Column = first }, new EmbeddingAttribute(4, 2) { Column = second },
            new DenseAttribute(3));
        var random = new Random(3);
        var input = Rows.Of(7, 2, inputSize,
            (_, _, i) => i == first ? random.Next(5) : i == second ? random.Next(4) : (float)random.NextDouble());
        using var session = new InferenceSession(OnnxExporter.ToBytes(model, out _));
        using var x = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(input.Values, v => (float)v), [7, 2, inputSize]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, new Dictionary<string, OrtValue> { ["input"] = x }, ["output"]);
        var expected = DescriptionReference.Run(model, input).Values;
        Assert.All(
            expected.Zip(outputs[0].GetTensorDataAsSpan<float>().ToArray()), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Fact]
    public void Keras_is_refused_by_name()
    {
        var model = Model(3, new EmbeddingAttribute(5, 3) { Column = 1 }, new DenseAttribute(3));
        Assert.Contains(
            "Column: a Keras layer reads ids from an input of their own",
            Assert.Throws<NotSupportedException>(() => KerasExporter.ToBytes(model)).Message);
    }

    private static ModelDescription Model(int inputSize, params LayerAttribute[] layers)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = inputSize } };
        for (var k = 0; k < layers.Length; k++)
        {
            model.Add($"L{k}", layers[k]);
        }

        return DescriptionReference.Fill(model, seed: 1);
    }
}
