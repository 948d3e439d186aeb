using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of a GRU, with the reset gate after or before the recurrent product: docs/math.md, "GRU".</summary>
internal static class GruCell
{
    public static CellGraph Build(GruSpec spec)
    {
        string[] gates = ["r", "z", "n"];
        var cell = new CellBuilder(gates, spec.Units);
        var e = cell.Expressions;

        var hPrevious = cell.State("h", spec.Units);
        var r = Gate("r");
        var z = Gate("z");
        if (spec.ResetAfter)
        {
            cell.HiddenProduct("U", hPrevious, "h", spec.Units, gates, "n");
            var sum = e.Add(e.Multiply(r, cell.Product("n")), cell.Input("n"));
            var n = cell.Gate("n", spec.Activation, spec.Clip, "W_n x + b_in + r * (U_n h' + b_hn)", sum);
            cell.Pointwise(spec.Units, NewHidden(n));
        }
        else
        {
            cell.HiddenProduct("U", hPrevious, "h", spec.Units, ["r", "z"]);
            var q = cell.Let("q", "q = r * h'", e.Multiply(r, hPrevious));
            cell.Pointwise(spec.Units, new("z", z, false), new("q", q, false));
            cell.HiddenProduct("V", q, "q", spec.Units, ["n"]);
            var n = cell.Gate("n", spec.Activation, spec.Clip, "W_n x + U_n q + b_n", e.Add(cell.Input("n"), cell.Product("n")));
            cell.Pointwise(spec.Units, NewHidden(n));
        }

        return cell.Build();

        Expr Gate(string name) => cell.Gate(
            name, spec.GateActivation, spec.Clip, $"W_{name} x + U_{name} h' + b_{name}", e.Add(cell.Input(name), cell.Product(name)));

        // h = (1 - z) n + z h', with one multiplication less
        StageOutput NewHidden(Expr n) =>
            cell.NewState("h", cell.Let("h", "h = (1 - z) * n + z * h'", e.Add(e.Multiply(z, e.Subtract(hPrevious, n)), n)));
    }
}
