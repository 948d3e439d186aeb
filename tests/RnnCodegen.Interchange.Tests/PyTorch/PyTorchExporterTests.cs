using Xunit;
using static RnnCodegen.Interchange.Tests.PyTorch.PyTorchImporterTests;

namespace RnnCodegen.Interchange.Tests.PyTorch;

/// <summary>Models as PyTorch's state dicts, and back again.</summary>
public sealed class PyTorchExporterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rnncodegen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.PTH")]
    [InlineData("model.safetensors")]
    public void A_model_goes_out_and_comes_back_the_same(string file)
    {
        var model = Model();
        var path = Path.Combine(_folder, file);
        PyTorchExporter.Export(path, model);
        var back = PyTorchImporter.Import(path);
        Assert.Equal(model.Model.InputSize, back.Model.InputSize);
        Assert.Equal(model.Layers.Select(l => l.Name), back.Layers.Select(l => l.Name));
        foreach (var (layer, other) in model.Layers.Zip(back.Layers))
        {
            Assert.Equal(Describe(layer.Options), Describe(other.Options));
        }

        Assert.Equal(model.Weights.Keys, back.Weights.Keys);
        foreach (var weight in model.Weights.Values)
        {
            Assert.Equal(weight.Shape, back.Weights[weight.Name].Shape);
            Assert.Equal(weight.Values.Select(BitConverter.SingleToInt32Bits),
                back.Weights[weight.Name].Values.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Another_ending_is_refused()
    {
        Assert.Contains("should end with .pt", Assert.Throws<ArgumentException>(
            () => PyTorchExporter.Export(Path.Combine(_folder, "model.bin"), Model())).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public static TheoryData<string, LayerAttribute> Obstacles => new()
    {
        { "LearnedInitialState", new LstmAttribute(3) { LearnedInitialState = true } },
        { "Reverse", new GruAttribute(3) { Reverse = true } },
        { "(Clip)", new LstmAttribute(3) { Clip = 5 } },
        { "Peepholes", new LstmAttribute(3) { Peepholes = true } },
        { "CoupledInputForget", new LstmAttribute(3) { CoupledInputForget = true } },
        { "CellClip", new LstmAttribute(3) { CellClip = 3 } },
        { "GateActivation", new LstmAttribute(3) { GateActivation = Activation.HardSigmoid } },
        { "CellActivation", new LstmAttribute(3) { CellActivation = Activation.Linear } },
        { "ResetAfter", new GruAttribute(3) { ResetAfter = false } },
        { "GateActivation", new GruAttribute(3) { Activation = Activation.Relu } },
        { "Activation", new ElmanAttribute(3) { Activation = Activation.Sigmoid } },
        { "Affine", new AffineAttribute() },
        { "Attention", new AttentionAttribute() },
        { "AttentionPool", new AttentionPoolAttribute() },
        { "Zoneout", new LstmAttribute(3) { CellZoneout = 0.1f } },
        { "Zoneout", new GruAttribute(3) { Zoneout = 0.1f } },
        { "Normalization", new LstmAttribute(3) { Normalization = GateNormalization.PerGate } },
        { "Normalization", new GruAttribute(3) { Normalization = GateNormalization.Joint } },
        { "MinGru", new MinGruAttribute(3) },
        { "MinLstm", new MinLstmAttribute(3) },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void What_PyTorch_lacks_is_refused_by_name(string option, LayerAttribute layer)
    {
        var model = new ModelDescription();
        model.Add("Odd", layer);
        var message = Assert.Throws<NotSupportedException>(() => PyTorchExporter.Tensors(model)).Message;
        Assert.StartsWith("The layer 'Odd' cannot be written for PyTorch: ", message, StringComparison.Ordinal);
        Assert.Contains(option, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_code_in_PyTorch_is_no_obstacle()
    {
        var model = new ModelDescription();
        model.Add("Drop", new DropoutAttribute(0.5f));
        model.Add("Relu", new ActivationAttribute(Activation.Relu));
        model.Add("Rnn", new ElmanAttribute(3) { Activation = Activation.Relu });
        Assert.Empty(PyTorchExporter.Tensors(model));
    }

    [Fact]
    public void A_convolution_inside_rows_is_a_Conv1d()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 8 } };
        model.Add("Front", new RowConv1dAttribute(3, 2) { Channels = 2, Bias = false });
        model.AddWeight("Front.weight", [3, 2, 2], [.. Enumerable.Range(0, 12).Select(k => (float)k)]);
        var tensor = Assert.Single(PyTorchExporter.Tensors(model));
        Assert.Equal(("Front.weight", "3 2 2"), (tensor.Name, string.Join(' ', tensor.Shape)));
    }

    private static ModelDescription Model()
    {
        var model = new ModelDescription();
        model.Add("Embedding", new EmbeddingAttribute(11, 6));
        model.Add("Conv", new Conv1dAttribute(7, 3));
        model.Add("Encoder", new LstmAttribute(5) { Layers = 2, Bidirectional = true });
        model.Add("Middle", new GruAttribute(4));
        model.Add("Plain", new ElmanAttribute(4) { Layers = 2 });
        model.Add("Slopes", new PReluAttribute());
        model.Add("Norm", new LayerNormAttribute());
        model.Add("Head", new DenseAttribute(2));
        model.Add("Last", new DenseAttribute(3) { Bias = false });
        foreach (var tensor in (SafeTensor[])[
            .. Tensors(("Embedding.weight", [11, 6]), ("Conv.weight", [7, 6, 3]), ("Conv.bias", [7])),
            .. Recurrent("Encoder", 4, 7, 5, 2, 2), .. Recurrent("Middle", 3, 10, 4, 1, 1),
            .. Recurrent("Plain", 1, 4, 4, 2, 1),
            .. Tensors(("Slopes.weight", [4]), ("Norm.weight", [4]), ("Norm.bias", [4]), ("Head.weight", [2, 4]), ("Head.bias", [2]),
                ("Last.weight", [3, 2]))])
        {
            model.AddWeight(tensor.Name, tensor.Shape, tensor.ToFloats());
        }

        model.Weights["Head.bias"].Values[0] = -0f;
        model.Weights["Head.bias"].Values[1] = float.Epsilon;
        return model;
    }

    /// <summary>An attribute's type and all it says.</summary>
    private static string Describe(LayerAttribute layer) => layer.GetType().Name + string.Join(
        ", ", layer.GetType().GetProperties().Where(p => p.Name != "TypeId").OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $" {p.Name}={p.GetValue(layer)}"));
}
