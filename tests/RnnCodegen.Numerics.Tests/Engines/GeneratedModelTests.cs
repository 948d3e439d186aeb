using RnnCodegen.Numerics.Tests.Models;
using RnnCodegen.Runtime;
using Xunit;

namespace RnnCodegen.Numerics.Tests.Engines;

/// <summary>The public face of a generated class: it says what it is and does what its core does.</summary>
public class GeneratedModelTests
{
    [Fact]
    public void Constants_are_the_models()
    {
        Assert.Equal((40, 33, 3 * 33 * (40 + 33 + 2)), (GruI40H33.InputSize, GruI40H33.OutputSize, GruI40H33.ParameterCount));
        Assert.Equal(GruI40H33.ParameterCount, new GruI40H33().Parameters.Count);
        Assert.InRange(GruI40H33.FlopsPerStep, 2 * 3 * 33 * (40 + 33), 2 * 3 * 33 * (40 + 33) + (40 * 33));
        Assert.True(GruI40H33.TapeBytes(20, 4) > GruI40H33.TapeBytes(10, 4));
    }

    [Fact]
    public void Layers_show_their_weights()
    {
        var model = new LstmProjectionStackedBidirectional(2);
        Assert.Equal("Cell", model.Cell.Name);
        Assert.Equal([132, 34], model.Cell[1, reverse: true].WeightInput.Shape);
        Assert.Equal([17, 33], model.Cell[0].Projection.Shape);
        Assert.Same(model.Parameters["Cell.weight_hh_l0"], model.Cell.WeightHidden);
    }

    [Fact]
    public void A_file_keeps_a_model()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var model = new Branches(7);
            model.Save(path);
            Assert.Equal(model.Parameters.Values.ToArray(), Branches.Load(path).Parameters.Values.ToArray());
            Assert.Throws<InvalidDataException>(() => Residual.Load(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_stream_is_the_run_step_by_step()
    {
        var model = new SigmoidTagger(4);
        var x = TestModel.Narrow(new Samples(2).Uniform(5 * 3));
        var y = new float[5];
        model.Run(x, y, 5);
        using var stream = model.CreateStream();
        var score = new float[1];
        for (var t = 0; t < 5; t++)
        {
            stream.Step(x.AsSpan(t * 3, 3), score);
            Near.Forward($"step {t}", score, [y[t]]);
        }
    }

    [Fact]
    public void A_model_that_cannot_stream_has_no_Step_and_no_stream()
    {
        var names = typeof(GruStackedBidirectional).GetMethods().Select(m => m.Name).ToHashSet();
        Assert.Contains("Run", names);
        Assert.DoesNotContain("Step", names);
        Assert.DoesNotContain("CreateStream", names);
        Assert.False(GruStackedBidirectionalDefinition.CanStream);
    }

    [Fact]
    public void A_model_uses_the_widest_vectors_of_the_machine()
    {
        var expected = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 512
            : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 256
            : System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated ? 128 : 32;
        Assert.Equal(expected, 32 * (int)CoreOf(new GruStacked(1)).Width);
    }

    private static ModelDefinition GruStackedBidirectionalDefinition => DefinitionOf<GruStackedBidirectional>();

    private static ModelCore CoreOf<TModel>(TModel model)
        where TModel : class, IRnnModel<TModel> => model.Core;

    private static ModelDefinition DefinitionOf<TModel>()
        where TModel : class, IRnnModel<TModel> => TModel.Definition;
}
