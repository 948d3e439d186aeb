using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of an LSTM: docs/math.md, "LSTM".</summary>
internal static class LstmCell
{
    public static CellGraph Build(LstmSpec spec, bool training = false)
    {
        string[] gates = spec.CoupledInputForget ? ["i", "g", "o"] : ["i", "f", "g", "o"];
        var isNormalised = spec.Normalization != GateNormalizationKind.None;
        var cell = new CellBuilder(gates, spec.Units, training: training, isNormalised: isNormalised);

        var hPrevious = cell.State("h", spec.HiddenSize);
        var cPrevious = cell.State("c", spec.Units);
        var (operand, operandName, _) = cell.Dropped("h", spec.HiddenSize, hPrevious, spec.RecurrentDropout);
        cell.HiddenProduct("U", operand, operandName, spec.HiddenSize, gates);
        var sum = isNormalised ? Normalised() : cell.Sum;

        var i = Gate("i", cPrevious);
        var f = spec.CoupledInputForget ? cell.Let("f", 1 - i) : Gate("f", cPrevious);
        var g = cell.Gate("g", spec.Activation, spec.Clip, sum("g"));
        var c = cell.Let("c", (f * cPrevious + i * g).Clip(spec.CellClip));
        var o = Gate("o", c);
        var cNext = cell.NewState("c", cell.Zoneout("c", spec.Units, cPrevious, c, spec.CellZoneout));
        StageOutput[] made = [cNext];
        if (isNormalised)
        {
            // The cell must be there whole before it is normalised.
            cell.Pointwise(spec.Units, cNext, new("cNew", c, false), new("o", o, false));
            made = [];
        }

        var s = cell.Let("s", (isNormalised ? NormalisedCell() : c).Activate(spec.CellActivation));
        var m = o * s;
        if (spec.Projection == 0)
        {
            cell.Pointwise(spec.Units, [.. made, NewHidden(m)]);
        }
        else
        {
            cell.Let("m", m);
            cell.Pointwise(spec.Units, [.. made, new("m", m, false)]);
            cell.ProjectionProduct("p", spec.Projection, m, "m");
            cell.Pointwise(spec.Projection, NewHidden(cell.Product("p")));
        }

        return cell.Build();

        StageOutput NewHidden(Expr h) => cell.NewState("h", cell.Let("h", cell.Zoneout("h", spec.HiddenSize, hPrevious, h, spec.Zoneout)));

        Expr Peephole(string name) => cell.Parameter($"p_{name}", $"weight_c{name}", spec.Units, $"peephole_{name}");

        Expr Gate(string name, Expr peeked) =>
            cell.Gate(name, spec.GateActivation, spec.Clip, spec.Peepholes ? Peephole(name) * peeked + sum(name) : sum(name));

        Func<string, Expr> Normalised()
        {
            var isJoint = spec.Normalization == GateNormalizationKind.Joint;
            var (gammaX, gammaH) = (cell.GateParameter("gamma_x", "norm_ih"), cell.GateParameter("gamma_h", "norm_hh"));
            var x = cell.NormalisedGates("X", cell.Input, gates, isJoint, spec.NormalizationEpsilon);
            var h = cell.NormalisedGates("H", cell.Product, gates, isJoint, spec.NormalizationEpsilon);
            var bias = spec.Bias ? cell.GateParameter("b", "bias_ih") : _ => cell.Zero;
            return name => gammaX(name) * x[name] + gammaH(name) * h[name] + bias(name);
        }

        Expr NormalisedCell()
        {
            var gamma = cell.Parameter("gamma_c", "norm_c", spec.Units);
            var beta = cell.Parameter("beta_c", "norm_c_bias", spec.Units);
            return gamma * cell.Normalise([c], spec.Units, spec.NormalizationEpsilon, "C").Single() + beta;
        }
    }
}
