using RnnCodegen.Tool.Compilation;
using Xunit;

namespace RnnCodegen.Tool.Tests;

public class DescriptionTests
{
    [Fact]
    public void A_class_read_back_is_written_as_it_was()
    {
        var model = new ModelDescription
        {
            Model = new RnnModelAttribute { InputSize = 4, Output = OutputTransform.Sigmoid, ActivationAccuracy = ActivationAccuracy.Fast }
        };
        model.Add("Zulu", new DenseAttribute(6) { Activation = Activation.LeakyRelu, Alpha = 0.2f });
        model.Add("Encoder", new LstmAttribute(6) { Layers = 2, Bidirectional = true, Bias = false });
        model.Add("Alpha", new DenseAttribute(12) { From = "Zulu", WeightFormat = WeightFormat.BFloat16 });
        model.Add("Sum", new AddAttribute("Alpha", "Encoder"));
        var built = ModelCompiler.Compile((model, "A.Model")).Single();

        var read = DescriptionReader.Read(built.Type, new ParameterSet(built.Definition.Parameters));

        Assert.Equal(ClassWriter.Write(model, "A.Model"), ClassWriter.Write(read, "A.Model"));
        Assert.Equal(built.Definition.Parameters.Select(p => p.Name), read.Weights.Keys);
    }

    [Fact]
    public void A_class_that_is_no_model_is_refused() =>
        Assert.Contains("[RnnModel]", Assert.Throws<ArgumentException>(() => DescriptionReader.Read(typeof(string))).Message);

    [Fact]
    public void Shapes_follow_layers_over_time()
    {
        var model = new ModelDescription { Model = new RnnModelAttribute { InputSize = 4 } };
        model.Add("A", new Conv1dAttribute(8, 3));
        model.Add("B", new Conv1dAttribute(8, 3) { PadLeft = 1 });
        model.Add("C", new Conv1dAttribute(6, 5) { Padding = TimePadding.Causal, Stride = 2 });
        model.Add("D", new Pool1dAttribute(Pooling.Max, 3));
        model.Add("E", new LstmAttribute(5) { Bidirectional = true, Projection = 2 });
        model.Add("F", new ConcatAttribute("D", "E"));
        model.Add("G", new GlobalPoolAttribute(Pooling.Max));

        Assert.Equal(
            ["[T - 2, B, 8]", "[T - 3, B, 8]", "[ceil((T - 3) / 2), B, 6]", "[floor(ceil((T - 3) / 2) / 3), B, 6]",
             "[floor(ceil((T - 3) / 2) / 3), B, 4]", "[floor(ceil((T - 3) / 2) / 3), B, 10]", "[B, 10]"],
            LayerShapes.Of(model).Select(s => s.ToString()));
    }
}
