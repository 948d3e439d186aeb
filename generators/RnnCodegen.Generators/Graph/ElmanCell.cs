using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of an Elman network: docs/math.md, "Elman".</summary>
internal static class ElmanCell
{
    public static CellGraph Build(ElmanSpec spec, bool training = false)
    {
        string[] gates = ["a"];
        var cell = new CellBuilder(gates, spec.Units, training: training);
        var hPrevious = cell.State("h", spec.Units);
        var (operand, operandName, _) = cell.Dropped("h", spec.Units, hPrevious, spec.RecurrentDropout);
        cell.HiddenProduct("U", operand, operandName, spec.Units, gates);
        var candidate = cell.Gate(spec.Zoneout > 0 ? "a" : "h", spec.Activation, spec.Clip, cell.Sum("a"));
        cell.Pointwise(spec.Units, cell.NewState("h", cell.Let("h", cell.Zoneout("h", spec.Units, hPrevious, candidate, spec.Zoneout))));
        return cell.Build();
    }
}
