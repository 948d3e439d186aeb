using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Tests.Graph;

/// <summary>The backward pass of a whole model: the order of its nodes, and who overwrites, who adds and who needs zeros first.</summary>
public class ModelGradientTests
{
    [Fact]
    public void The_first_to_write_a_gradient_overwrites_it_and_the_others_add()
    {
        // x is read by E and S, E by M (twice) and S.
        var gradient = Of(
            new ElmanSpec("E", "public", Sources(-1), 4, 1, false, 0, true, true, ActivationKind.Tanh),
            new AddSpec("S", "public", Sources(0, -1)),
            new MultiplySpec("M", "public", Sources(0, 1, 0)));
        Assert.Equal(
            ["M: E, S, +E", "S: +E, x", "EL0: +x"],
            gradient.Nodes.Select(
                n => $"{n.Node.Name}: {string.Join(", ", n.Writes.Select(w => $"{(w.Adds ? "+" : "")}{Short(w.Value)}"))}"));
        Assert.All(gradient.Nodes, n => Assert.Empty(n.NeedPadding));
        Assert.All(gradient.Nodes, n => Assert.Empty(n.NeedZeros));
    }

    [Fact]
    public void What_writes_features_alone_needs_zeros_behind_them()
    {
        var gradient = Of(
            new DenseSpec("D", "public", Sources(-1), 4, ActivationKind.Linear, true),
            new ConcatSpec("J", "public", Sources(0, -1)));
        Assert.Equal(["D, x", ""], gradient.Nodes.Select(n => string.Join(", ", n.NeedPadding.Select(Short))));
    }

    /// <summary>One walk along a row for all layers that take it for itself and are read by the next alone.</summary>
    [Fact]
    public void Layers_of_rows_join_the_one_that_they_alone_read()
    {
        var graph = Build(
            new DenseSpec("D", "public", Sources(-1), 4, ActivationKind.Linear, true),
            new LayerNormSpec("N", "public", Sources(0), 1e-5f),
            new ActivationLayerSpec("A", "public", Sources(1), ActivationKind.Tanh),
            new AddSpec("S", "public", Sources(2, -1)),
            new AffineSpec("F", "public", Sources(3)),
            new PReluSpec("P", "public", Sources(4)),
            new MultiplySpec("M", "public", Sources(3, 5)));
        Assert.Equal(["D", "S", "P", "M"], graph.Nodes.Select(n => n.Name));
        Assert.Equal(["Linear", "LayerNorm", "Tanh"], Assert.IsType<DenseNode>(graph.Nodes[0]).Functions.Select(f => f.Name));
        Assert.Equal(["Affine", "PRelu"], Assert.IsType<RowNode>(graph.Nodes[2]).Functions.Select(f => f.Name));
        Assert.Equal(["x", "A", "S", "P", "M"], graph.Values.Select(v => v.Name));
    }

    [Fact]
    public void What_adds_to_some_rows_starts_from_zeros_and_needs_no_padding_beside()
    {
        var gradient = Of(
            new DenseSpec("D", "public", Sources(-1), 4, ActivationKind.Linear, true),
            new GlobalPoolSpec("P", "public", Sources(0), PoolingKind.Average));
        Assert.Equal(["", "D", ""], gradient.Nodes.Select(n => string.Join(", ", n.NeedZeros.Select(Short))));
        Assert.All(gradient.Nodes, n => Assert.Empty(n.NeedPadding));
    }

    private static EquatableArray<int> Sources(params int[] sources) => sources.ToEquatableArray();

    private static string Short(Value value) => value.Name.Replace("L0", "", StringComparison.Ordinal);

    private static ModelGradient Of(params LayerSpec[] layers) => ModelGradient.Of(Build(layers));

    private static ModelGraph Build(params LayerSpec[] layers) => ModelGraphBuilder.Build(
        new ModelSpec("", default, "M", 4, OutputTransformKind.None, ActivationAccuracyKind.Accurate, layers.ToEquatableArray()));
}
