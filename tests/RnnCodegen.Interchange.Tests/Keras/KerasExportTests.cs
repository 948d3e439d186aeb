using Xunit;
using static RnnCodegen.Interchange.Tests.Keras.KerasTestFile;

namespace RnnCodegen.Interchange.Tests.Keras;

/// <summary>What is written for Keras is read back as it was, layer by layer and bit by bit.</summary>
public class KerasExportTests
{
    [Fact]
    public void Each_layer_comes_back_as_it_was()
    {
        var model = Rows(5);
        AddRecurrent(model, "First",
            new LstmAttribute(4)
            {
                Bidirectional = true,
                Activation = Activation.Elu,
                Alpha = 0.5f,
                GateActivation = Activation.HardSigmoid
            }, 5);
        AddRecurrent(model, "Second", new GruAttribute(3), 8, keepsHiddenBias: true);
        AddRecurrent(model, "Third", new GruAttribute(3) { ResetAfter = false, GateActivation = Activation.LeakyRelu, GateAlpha = 0.3f },
            3);
        AddRecurrent(model, "Fourth", new ElmanAttribute(3) { Activation = Activation.Relu, Bias = false }, 3);
        model.Add("Sum", new AddAttribute("Third", "Fourth"));
        model.Add("Product", new MultiplyAttribute("Sum", "Second"));
        model.Add("Both", new ConcatAttribute("Product", RnnModelAttribute.Input));
        AddLayer(model, "Conv",
            new Conv1dAttribute(6, 3) { Dilation = 2, Stride = 2, Padding = TimePadding.Causal, Activation = Activation.Relu }, [6, 8, 3],
            [6]);
        AddLayer(model, "Same", new Conv1dAttribute(4, 2) { Padding = TimePadding.Same, Bias = false }, [4, 6, 2], null);
        AddLayer(model, "Scale", new AffineAttribute(), [4], [4]);
        model.Add("Window", new Pool1dAttribute(Pooling.Max, 3) { Stride = 2 });
        AddLayer(model, "Norm", new LayerNormAttribute { Epsilon = 1e-3f }, [4], [4]);
        model.Add("Drop", new DropoutAttribute(0.25f));
        model.Add("Squash", new ActivationAttribute(Activation.Tanh));
        AddLayer(model, "Slopes", new PReluAttribute(), [4], null);
        model.Add("Mean", new GlobalPoolAttribute(Pooling.Average));
        AddLayer(model, "Head", new DenseAttribute(2), [2, 4], [2]);
        AssertComesBack(model);
    }

    [Fact]
    public void Tokens_come_back()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { Output = OutputTransform.Softmax } };
        AddLayer(model, "Letters", new EmbeddingAttribute(7, 3), [7, 3], null);
        AddRecurrent(model, "Reader", new LstmAttribute(2) { ReturnSequences = false }, 3);
        AddLayer(model, "Head", new DenseAttribute(7), [7, 2], [7]);
        AssertComesBack(model);
    }

    [Fact]
    public void A_backward_layer_and_its_turn_come_back()
    {
        var model = Rows(3);
        AddRecurrent(model, "Back", new GruAttribute(2) { Reverse = true }, 3, keepsHiddenBias: true);
        model.Add("BackReversed", new ReverseTimeAttribute());
        AddLayer(model, "Head", new DenseAttribute(2), [2, 2], [2]);
        AssertComesBack(model);
    }

    [Fact]
    public void Stacked_layers_become_layers()
    {
        var model = Rows(3);
        AddRecurrent(model, "Stack", new LstmAttribute(2) { Layers = 2, Dropout = 0.5f, ReturnSequences = false }, 3);
        var back = KerasImporter.Import("stack.keras", KerasExporter.ToBytes(model));
        Assert.Equal([typeof(LstmAttribute), typeof(DropoutAttribute), typeof(LstmAttribute)],
            back.Layers.Select(l => l.Options.GetType()));
        Assert.Equal(model.Weight("Stack.weight_ih_l1"), back.Weight("Stack.weight_ih_l0"));
        Assert.Equal([true, false], back.Layers.Select(l => l.Options).OfType<LstmAttribute>().Select(l => l.ReturnSequences));
    }

    [Fact]
    public void Two_biases_of_an_Lstm_become_their_sum()
    {
        var model = Rows(3);
        AddRecurrent(model, "Lstm", new LstmAttribute(2), 3, keepsHiddenBias: true);
        var back = KerasImporter.Import("sum.keras", KerasExporter.ToBytes(model));
        Assert.Equal(model.Weight("Lstm.bias_ih_l0").Zip(model.Weight("Lstm.bias_hh_l0"), (a, b) => a + b), back.Weight("Lstm.bias_ih_l0"));
        Assert.Equal(new float[8], back.Weight("Lstm.bias_hh_l0"));
    }

    [Fact]
    public void A_file_is_replaced_whole()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            var model = Rows(3);
            AddLayer(model, "Head", new DenseAttribute(2), [2, 3], [2]);
            File.WriteAllText(path, "old");
            KerasExporter.Export(path, model);
            Assert.Equal(KerasExporter.ToBytes(model), File.ReadAllBytes(path));
            Assert.Equal(model.Weight("Head.weight"), KerasImporter.Import(path).Weight("Head.weight"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string, LayerAttribute> Refused => new()
    {
        { "no Projection", new LstmAttribute(2) { Projection = 1 } },
        { "no Peepholes", new LstmAttribute(2) { Peepholes = true } },
        { "no CoupledInputForget", new LstmAttribute(2) { CoupledInputForget = true } },
        { "no CellClip", new LstmAttribute(2) { CellClip = 1 } },
        { "no Clip", new GruAttribute(2) { Clip = 1 } },
        { "no LearnedInitialState", new GruAttribute(2) { LearnedInitialState = true } },
        { "a CellActivation other than Activation", new LstmAttribute(2) { CellActivation = Activation.Relu } },
        { "Reverse = true", new ElmanAttribute(2) { Reverse = true } },
        { "activation HardSigmoidKeras2 is not Keras 3's", new DenseAttribute(2) { Activation = Activation.HardSigmoidKeras2 } },
        { "its padding", new Conv1dAttribute(2, 2) { PadLeft = 1 } },
        { "no Zoneout", new LstmAttribute(2) { Zoneout = 0.5f } },
        { "no Normalization", new LstmAttribute(2) { Normalization = GateNormalization.PerGate } },
        { "no such layer in Keras", new MinGruAttribute(2) },
        { "no such layer in Keras", new MinLstmAttribute(2) },
        { "no such layer in Keras", new AttentionPoolAttribute() },
        { "no such layer in Keras", new ReverseTimeAttribute() },
        { "no such layer in Keras", new AttentionAttribute() },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_Keras_cannot_say_is_refused_by_name(string cause, LayerAttribute options)
    {
        var model = Rows(3);
        model.Add("Odd", options);
        var error = Assert.Throws<NotSupportedException>(() => KerasExporter.ToBytes(model));
        Assert.Contains("Layer 'Odd'", error.Message);
        Assert.Contains(cause, error.Message);
    }

    [Fact]
    public void A_missing_parameter_is_named()
    {
        var model = Rows(3);
        model.Add("Head", new DenseAttribute(2));
        Assert.Contains("'Head.weight'", Assert.Throws<ArgumentException>(() => KerasExporter.ToBytes(model)).Message);
        model.AddWeight("Head.weight", [3, 2], new float[6]);
        Assert.Contains("[2, 3] is expected", Assert.Throws<ArgumentException>(() => KerasExporter.ToBytes(model)).Message);
    }

    private static ModelDescription Rows(int inputs) => new() { Model = new RnnModelAttribute { InputSize = inputs } };

    private static void AddLayer(ModelDescription model, string name, LayerAttribute options, int[] weight, int[]? bias)
    {
        model.Add(name, options);
        AddWeight(model, $"{name}.weight", weight);
        if (bias is not null)
        {
            AddWeight(model, $"{name}.bias", bias);
        }
    }

    private static void AddRecurrent(ModelDescription model, string name, RecurrentAttribute options, int inputs,
        bool keepsHiddenBias = false)
    {
        model.Add(name, options);
        var rows = options.Units * (options switch { LstmAttribute => 4, GruAttribute => 3, _ => 1 });
        for (var layer = 0; layer < options.Layers; layer++)
        {
            foreach (var end in options.Bidirectional ? new[] { $"l{layer}", $"l{layer}_reverse" } : [$"l{layer}"])
            {
                AddWeight(model, $"{name}.weight_ih_{end}", [rows, layer == 0 ? inputs : options.Units]);
                AddWeight(model, $"{name}.weight_hh_{end}", [rows, options.Units]);
                if (options.Bias)
                {
                    AddWeight(model, $"{name}.bias_ih_{end}", [rows]);
                    model.AddWeight($"{name}.bias_hh_{end}", [rows], keepsHiddenBias ? Values(rows, model.Weights.Count) : new float[rows]);
                }
            }
        }
    }

    private static void AddWeight(ModelDescription model, string name, int[] shape) =>
        model.AddWeight(name, shape, Values(shape.Aggregate(1, (a, b) => a * b), model.Weights.Count + 1));

    private static void AssertComesBack(ModelDescription model)
    {
        var back = KerasImporter.Import("model.keras", KerasExporter.ToBytes(model));
        Assert.Equal((model.Model.InputSize, model.Model.Output), (back.Model.InputSize, back.Model.Output));
        Assert.Equal(model.Layers.Select(l => l.Name), back.Layers.Select(l => l.Name));
        foreach (var (expected, actual) in model.Layers.Zip(back.Layers))
        {
            Assert.Equal(expected.Options.GetType(), actual.Options.GetType());
            foreach (var property in expected.Options.GetType().GetProperties())
            {
                Assert.Equal(property.GetValue(expected.Options), property.GetValue(actual.Options));
            }
        }

        Assert.Equal(model.Weights.Keys.Order(), back.Weights.Keys.Order());
        Assert.All(model.Weights.Values, w => Assert.Equal(w.Values, back.Weights[w.Name].Values));
        Assert.All(model.Weights.Values, w => Assert.Equal(w.Shape, back.Weights[w.Name].Shape));
    }
}
