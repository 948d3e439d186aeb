using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of a dense layer, y = f(W x + b): its product is done before, over all rows at once.</summary>
internal static class DenseCell
{
    public static CellGraph Build(DenseSpec spec) => ActivationCell.Build(spec.Activation, spec.Units, "W x + b");
}
