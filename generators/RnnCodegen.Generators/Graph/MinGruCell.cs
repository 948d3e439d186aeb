using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of a minimal GRU, without a product inside the time loop: docs/math.md, "minGRU".</summary>
internal static class MinGruCell
{
    public static CellGraph Build(MinGruSpec spec)
    {
        var cell = new CellBuilder(["z", "n"], spec.Units);
        var hPrevious = cell.State("h", spec.Units);
        var z = cell.Gate("z", ActivationKind.Sigmoid, spec.Clip, cell.Input("z"));
        var n = cell.Gate("n", spec.Activation, spec.Clip, cell.Input("n"));

        // h = (1 - z) h' + z n, with one multiplication less
        cell.Pointwise(spec.Units, cell.NewState("h", cell.Let("h", z * (n - hPrevious) + hPrevious)));
        return cell.Build();
    }
}
