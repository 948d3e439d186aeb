using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of a GRU, with the reset gate after or before the recurrent product: docs/math.md, "GRU".</summary>
internal static class GruCell
{
    public static CellGraph Build(GruSpec spec, bool training = false)
    {
        string[] gates = ["r", "z", "n"];
        var isNormalised = spec.Normalization != GateNormalizationKind.None;
        var cell = new CellBuilder(gates, spec.Units, training: training, isNormalised: isNormalised);

        var hPrevious = cell.State("h", spec.Units);
        var (operand, operandName, drop) = cell.Dropped("h", spec.Units, hPrevious, spec.RecurrentDropout);
        var (input, hidden) = isNormalised ? Normalised() : (cell.Input, cell.Product);
        var r = Gate("r");
        var z = Gate("z");
        if (spec.ResetAfter)
        {
            cell.HiddenProduct("U", operand, operandName, spec.Units, gates, "n");
            var n = cell.Gate("n", spec.Activation, spec.Clip, r * hidden("n") + input("n"));
            cell.Pointwise(spec.Units, NewHidden(n));
        }
        else
        {
            cell.HiddenProduct("U", operand, operandName, spec.Units, ["r", "z"]);
            var q = cell.Let("q", r * hPrevious * drop);
            cell.Pointwise(spec.Units, new("z", z, false), new("q", q, false));
            cell.HiddenProduct("V", q, "q", spec.Units, ["n"]);
            var n = cell.Gate("n", spec.Activation, spec.Clip, input("n") + hidden("n"));
            cell.Pointwise(spec.Units, NewHidden(n));
        }

        return cell.Build();

        Expr Gate(string name) => cell.Gate(name, spec.GateActivation, spec.Clip, input(name) + hidden(name));

        // h = (1 - z) n + z h', with one multiplication less
        StageOutput NewHidden(Expr n) =>
            cell.NewState("h", cell.Let("h", cell.Zoneout("h", spec.Units, hPrevious, z * (hPrevious - n) + n, spec.Zoneout)));

        (Func<string, Expr> Input, Func<string, Expr> Hidden) Normalised()
        {
            var isJoint = spec.Normalization == GateNormalizationKind.Joint;
            var (gammaX, gammaH) = (cell.GateParameter("gamma_x", "norm_ih"), cell.GateParameter("gamma_h", "norm_hh"));
            var x = cell.NormalisedGates("X", cell.Input, gates, isJoint, spec.NormalizationEpsilon);
            var h = new Dictionary<string, Expr>();
            foreach (var product in spec.ResetAfter ? [gates] : new string[][] { ["r", "z"], ["n"] })
            {
                foreach (var gate in cell.NormalisedGates("H", cell.Product, product, isJoint, spec.NormalizationEpsilon))
                {
                    h.Add(gate.Key, gate.Value);
                }
            }

            Func<string, Expr> biasX = spec.Bias ? cell.GateParameter("b_i", "bias_ih") : _ => cell.Zero;
            Func<string, Expr> biasH = spec.Bias ? cell.GateParameter("b_h", "bias_hh") : _ => cell.Zero;
            return (name => gammaX(name) * x[name] + biasX(name), name => gammaH(name) * h[name] + biasH(name));
        }
    }
}
