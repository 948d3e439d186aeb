using RnnCodegen.Interchange.Onnx;
using Xunit;

namespace RnnCodegen.Interchange.Tests.Onnx;

/// <summary>Exported models: what they compute in ONNX Runtime, and what they are when they are read back.</summary>
public class ExportTests
{
    /// <summary>Absolute; the values are within [-10, 10] and computed in float by ONNX Runtime.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Names() => [.. ExampleModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reading_back_gives_the_same_layers_and_weights(string name)
    {
        var model = ExampleModels.Create(name);
        var copy = OnnxImporter.Read(OnnxExporter.ToBytes(model, out _), "copy.onnx");
        Same.Assert(model, copy);
        Assert.Equal([RowAxis.Time, RowAxis.Batch], copy.Signature!.InputAxes.Take(2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Onnx_runtime_computes_what_the_model_means(string name)
    {
        var model = ExampleModels.Create(name);
        foreach (var isBatchFirst in new[] { false, true })
        {
            var file = OnnxExporter.ToBytes(model, out _, new OnnxExportOptions { IsBatchFirst = isBatchFirst });
            var copy = OnnxImporter.Read(file, "copy.onnx");
            Assert.Equal(isBatchFirst, copy.Signature!.IsBatchFirst);
            foreach (var (steps, batch) in new[] { (11, 3), (12, 1), (12, 2) })
            {
                var input = OnnxRuntimeModel.Input(model, steps, batch);
                var expected = DescriptionReference.Run(model, input);
                var actual = OnnxRuntimeModel.Run(file, copy.Signature, input);
                Assert.InRange(OnnxRuntimeModel.Difference(expected, actual), 0, Tolerance);
            }
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_projection_is_written_as_a_dense_layer(bool isBidirectional, bool returnsSequences)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add("Encoder",
            new LstmAttribute(5)
            {
                Projection = 2,
                Layers = 2,
                Bidirectional = isBidirectional,
                ReturnSequences = returnsSequences,
                Peepholes = true
            });
        DescriptionReference.Fill(model, 3);
        var file = OnnxExporter.ToBytes(model, out var notes);
        Assert.Contains(notes, n => n.Contains("projection of 'Encoder'", StringComparison.Ordinal));

        var copy = OnnxImporter.Read(file, "copy.onnx");
        Assert.Equal(["Encoder", "Encoder_2", "Encoder_3", "Encoder_4"], copy.Layers.Select(l => l.Name));
        var input = OnnxRuntimeModel.Input(model, 6, 2);
        var expected = DescriptionReference.Run(model, input);
        Assert.InRange(OnnxRuntimeModel.Difference(expected, OnnxRuntimeModel.Run(file, copy.Signature!, input)), 0, Tolerance);
        Assert.InRange(OnnxRuntimeModel.Difference(expected, DescriptionReference.Run(copy, input)), 0, Tolerance);
    }

    /// <summary>The operators of these functions are later than the version that files are written in.</summary>
    [Theory]
    [InlineData(Activation.Silu)]
    [InlineData(Activation.Mish)]
    [InlineData(Activation.Gelu)]
    [InlineData(Activation.GeluTanh)]
    public void A_function_that_is_a_product_is_written_as_one(Activation activation)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add("Front", new Conv1dAttribute(4, 2) { Activation = activation });
        model.Add("Function", new ActivationAttribute(activation));
        model.Add("Head", new DenseAttribute(2) { Activation = activation });
        DescriptionReference.Fill(model, 6);
        var file = OnnxExporter.ToBytes(model, out _);
        var copy = OnnxImporter.Read(file, "copy.onnx");
        var input = OnnxRuntimeModel.Input(model, 6, 2);
        var expected = DescriptionReference.Run(model, input);
        Assert.InRange(OnnxRuntimeModel.Difference(expected, OnnxRuntimeModel.Run(file, copy.Signature!, input)), 0, Tolerance);
        Assert.InRange(OnnxRuntimeModel.Difference(expected, DescriptionReference.Run(copy, input)), 0, Tolerance);
        Assert.All(copy.Layers, l => Assert.True(l.Options is Conv1dAttribute or DenseAttribute or ActivationAttribute));
    }

    [Fact]
    public void Dropout_is_left_out_and_said_so()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        model.Add("Encoder", new GruAttribute(4) { Layers = 2, Dropout = 0.5f });
        model.Add("Drop", new DropoutAttribute(0.5f));
        model.Add("Head", new DenseAttribute(2));
        DescriptionReference.Fill(model, 4);
        var copy = OnnxImporter.Read(OnnxExporter.ToBytes(model, out var notes), "copy.onnx");
        Assert.Equal(["Encoder", "Head"], copy.Layers.Select(l => l.Name));
        Assert.Equal(2, notes.Count(n => n.Contains("ropout", StringComparison.Ordinal)));
        Assert.Equal(0, ((GruAttribute)copy.Layers[0].Options).Dropout);
    }

    [Fact]
    public void A_file_is_replaced_whole()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllText(path, "old");
            var model = ExampleModels.Create("gru");
            Assert.Empty(OnnxExporter.Write(model, path));
            Same.Assert(model, OnnxImporter.Read(path));
            Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string, LayerAttribute[], string> Refused() => new()
    {
        { "a cell clip", [new LstmAttribute(3) { CellClip = 3 }], "'L0' cannot be exported to ONNX: CellClip = 3" },
        { "a projection with a learned state", [new LstmAttribute(3) { Projection = 2, LearnedInitialState = true }], "'L0' cannot be " +
            "exported to ONNX: Projection" },
        { "a state that stays", [new ElmanAttribute(3) { Zoneout = 0.1f }], "'L0' cannot be exported to ONNX: Zoneout" },
        { "normalised gates", [new GruAttribute(3) { Normalization = GateNormalization.Joint }],
            "'L0' cannot be exported to ONNX: Normalization" },
        { "a cell of another kind", [new MinGruAttribute(3)], "'L0' cannot be exported to ONNX: MinGru" },
        { "another minimal cell", [new MinLstmAttribute(3)], "'L0' cannot be exported to ONNX: MinLstm" },
        { "attention", [new GruAttribute(3), new AttentionAttribute()], "'L1' cannot be exported to ONNX: Attention" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_Onnx_cannot_say_is_refused(string what, LayerAttribute[] layers, string message)
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 3 } };
        foreach (var (options, k) in layers.Select((l, k) => (l, k)))
        {
            model.Add($"L{k}", options);
            if (options is GruAttribute)
            {
                DescriptionReference.Fill(model, 1);
            }
        }

        Assert.True(Assert.Throws<NotSupportedException>(() => OnnxExporter.ToBytes(model, out _)).Message.Contains(message,
            StringComparison.Ordinal), what);
    }

    [Fact]
    public void Missing_and_wrong_weights_are_named()
    {
        var model = ExampleModels.Create("gru");
        model.Weights.Remove("Encoder.bias_hh_l0", out var bias);
        Assert.Contains("needs tensor 'Encoder.bias_hh_l0' [15]",
            Assert.Throws<ArgumentException>(() => OnnxExporter.ToBytes(model, out _)).Message);
        model.AddWeight("Encoder.bias_hh_l0", [3, 5], bias!.Values);
        Assert.Contains("'Encoder.bias_hh_l0' must have shape [15], but has [3, 5]",
            Assert.Throws<ArgumentException>(() => OnnxExporter.ToBytes(model, out _)).Message);
    }

    [Fact]
    public void A_model_that_reads_a_memory_is_refused()
    {
        var model = ExampleModels.Create("gru");
        model.Model.MemorySize = 4;
        Assert.Contains("memory of 4 features", Assert.Throws<NotSupportedException>(() => OnnxExporter.ToBytes(model, out _)).Message);
    }
}
