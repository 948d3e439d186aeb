using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of an Elman network: docs/math.md, "Elman".</summary>
internal static class ElmanCell
{
    public static CellGraph Build(ElmanSpec spec)
    {
        string[] gates = ["a"];
        var cell = new CellBuilder(gates, spec.Units);
        var hPrevious = cell.State("h", spec.Units);
        cell.HiddenProduct("U", hPrevious, "h", spec.Units, gates);
        var h = cell.Gate("h", spec.Activation, spec.Clip, cell.Sum("a"));
        cell.Pointwise(spec.Units, cell.NewState("h", h));
        return cell.Build();
    }
}
