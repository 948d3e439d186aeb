using RnnCodegen.Reference;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Rows of doubles [T, B, F]; T is 1 where there is a row a sequence.</summary>
internal sealed record Rows(double[] Values, int Steps, int Batch, int Width)
{
    public double this[int step, int sample, int feature] => Values[(((step * Batch) + sample) * Width) + feature];

    public static Rows Of(int steps, int batch, int width, Func<int, int, int, double> value)
    {
        var values = new double[steps * batch * width];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = value(k / width / batch, k / width % batch, k % width);
        }

        return new Rows(values, steps, batch, width);
    }
}

/// <summary>What a description means, by the reference in double precision.</summary>
internal static class DescriptionReference
{
    public static Rows Run(ModelDescription model, Rows input)
    {
        var reference = Model(model);
        var takesTokens = model.Layers[0].Options is EmbeddingAttribute { Column: < 0 };
        var run = new ReferenceRun(reference, new ReferenceCall(input.Steps, input.Batch)
        {
            Input = takesTokens ? null : input.Values,
            Tokens = takesTokens ? Array.ConvertAll(input.Values, v => (int)v) : null,
            Parameters = reference.Parameters.ToDictionary(p => p.Name, p => Values(model, p)),
        });
        var (values, width) = (run.TransformedOutput, reference.Widths[^1]);
        return new Rows(values, values.Length / input.Batch / width, input.Batch, width);
    }

    /// <summary>Gives a model random weights of the shapes that its layers ask for.</summary>
    public static ModelDescription Fill(ModelDescription model, int seed)
    {
        var random = new Random(seed);
        foreach (var tensor in Model(model).Parameters)
        {
            model.AddWeight(tensor.Name, tensor.Shape,
                [.. Enumerable.Range(0, tensor.Length).Select(_ => (float)((random.NextDouble() * 1.4) - 0.7))]);
        }

        return model;
    }

    private static ReferenceModel Model(ModelDescription model) =>
        new(model.Model.InputSize, model.Model.MemorySize,
            [.. model.Layers.Select(l => new ReferenceLayer(l.Name, l.Options))]) { Output = model.Model.Output };

    private static double[] Values(ModelDescription model, ReferenceTensor tensor)
    {
        var weight = model.Weights[tensor.Name];
        Xunit.Assert.Equal(tensor.Shape, weight.Shape);
        return Array.ConvertAll(weight.Values, v => (double)v);
    }
}
