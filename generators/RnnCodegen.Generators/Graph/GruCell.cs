using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of a GRU, with the reset gate after or before the recurrent product: docs/math.md, "GRU".</summary>
internal static class GruCell
{
    public static CellGraph Build(GruSpec spec, bool training = false)
    {
        string[] gates = ["r", "z", "n"];
        var cell = new CellBuilder(gates, spec.Units, training: training);

        var hPrevious = cell.State("h", spec.Units);
        var (operand, operandName, drop) = cell.Dropped("h", spec.Units, hPrevious, spec.RecurrentDropout);
        var r = Gate("r");
        var z = Gate("z");
        if (spec.ResetAfter)
        {
            cell.HiddenProduct("U", operand, operandName, spec.Units, gates, "n");
            var n = cell.Gate("n", spec.Activation, spec.Clip, r * cell.Product("n") + cell.Input("n"));
            cell.Pointwise(spec.Units, NewHidden(n));
        }
        else
        {
            cell.HiddenProduct("U", operand, operandName, spec.Units, ["r", "z"]);
            var q = cell.Let("q", r * hPrevious * drop);
            cell.Pointwise(spec.Units, new("z", z, false), new("q", q, false));
            cell.HiddenProduct("V", q, "q", spec.Units, ["n"]);
            var n = cell.Gate("n", spec.Activation, spec.Clip, cell.Sum("n"));
            cell.Pointwise(spec.Units, NewHidden(n));
        }

        return cell.Build();

        Expr Gate(string name) => cell.Gate(name, spec.GateActivation, spec.Clip, cell.Sum(name));

        // h = (1 - z) n + z h', with one multiplication less
        StageOutput NewHidden(Expr n) =>
            cell.NewState("h", cell.Let("h", cell.Zoneout("h", spec.Units, hPrevious, z * (hPrevious - n) + n, spec.Zoneout)));
    }
}
