using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Layers;

/// <summary>Every kind of layer answers for itself, and for no other.</summary>
public class LayerKindTests
{
    private static readonly Type[] s_specs = [.. typeof(LayerSpec).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(LayerSpec)) && !t.IsAbstract)];

    public static TheoryData<string> Attributes => [.. RuntimeAttributes.Select(t => t.Name)];

    private static IEnumerable<Type> RuntimeAttributes => typeof(LayerAttribute).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(LayerAttribute)) && !t.IsAbstract);

    [Theory]
    [MemberData(nameof(Attributes))]
    public void Each_layer_attribute_has_a_kind_and_a_view(string attribute)
    {
        var kind = LayerKind.Find(attribute);

        Assert.NotNull(kind);
        Assert.NotNull(typeof(LayerAttribute).Assembly.GetType($"RnnCodegen.{kind.View}"));
    }

    [Fact]
    public void Each_kind_is_of_one_attribute_and_one_spec()
    {
        Assert.Equal(RuntimeAttributes.Count(), s_specs.Length);
        Assert.All(s_specs, s => Assert.NotNull(s.GetProperty(nameof(LayerSpec.Kind))!.DeclaringType == s ? s : null));
    }

    [Fact]
    public void Layers_are_sealed_so_that_none_answers_for_another() => Assert.All(s_specs, s => Assert.True(s.IsSealed, s.Name));

    [Fact]
    public void Parameters_are_counted_in_more_than32_bits()
    {
        LayerSpec gru = new GruSpec(
            "A", "", new[] { ModelSpec.Input }.ToEquatableArray(), 65_536, 64, true, 0, true, true, true, ActivationKind.Sigmoid,
            ActivationKind.Tanh);

        var each = 3L * 65_536 * (65_536 + 2);
        Assert.Equal((128 * each) + (2 * 3L * 65_536 * 65_536) + (126 * 3L * 65_536 * 131_072), gru.ParameterCount(65_536));
    }

    [Fact]
    public void The_table_has_the_layers_tensors_one_after_the_other()
    {
        var source = new[] { ModelSpec.Input }.ToEquatableArray();
        LayerSpec[] layers =
        [
            new LstmSpec("A", "", source, 5, 2, true, 0, true, true, 3, true, false, ActivationKind.Sigmoid,
                ActivationKind.Tanh) { LearnedInitialState = true },
            new DenseSpec("B", "", new[] { 0 }.ToEquatableArray(), 4, ActivationKind.Linear, true),
        ];
        var model = new ModelSpec("", default, "M", 7, OutputTransformKind.None, ActivationAccuracyKind.Accurate,
            layers.ToEquatableArray());
        var table = new ParameterTable(model);

        Assert.Equal(layers[0].ParameterCount(7) + layers[1].ParameterCount(6), table.Count);
        Assert.Equal(table.Items.Skip(1).Select(p => p.Offset), table.Items.Take(table.Items.Count - 1).Select(p => p.Offset + p.Length));
        Assert.Equal("A.weight_ih_l0", table.Items[0].Name);
        Assert.All(ModelGraphBuilder.Build(model).States, s => Assert.Equal(s.Size, table[s.InitialParameter!].Length));
    }
}
