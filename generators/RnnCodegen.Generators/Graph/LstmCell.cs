using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of an LSTM: docs/math.md, "LSTM".</summary>
internal static class LstmCell
{
    public static CellGraph Build(LstmSpec spec, bool training = false)
    {
        string[] gates = spec.CoupledInputForget ? ["i", "g", "o"] : ["i", "f", "g", "o"];
        var cell = new CellBuilder(gates, spec.Units, training: training);

        var hPrevious = cell.State("h", spec.HiddenSize);
        var cPrevious = cell.State("c", spec.Units);
        var (operand, operandName, _) = cell.Dropped("h", spec.HiddenSize, hPrevious, spec.RecurrentDropout);
        cell.HiddenProduct("U", operand, operandName, spec.HiddenSize, gates);

        var i = Gate("i", cPrevious);
        var f = spec.CoupledInputForget ? cell.Let("f", 1 - i) : Gate("f", cPrevious);
        var g = cell.Gate("g", spec.Activation, spec.Clip, cell.Sum("g"));
        var c = cell.Let("c", (f * cPrevious + i * g).Clip(spec.CellClip));
        var o = Gate("o", c);
        var s = cell.Let("s", c.Activate(spec.CellActivation));
        var m = o * s;
        var cNext = cell.Zoneout("c", spec.Units, cPrevious, c, spec.CellZoneout);

        if (spec.Projection == 0)
        {
            cell.Pointwise(spec.Units, cell.NewState("c", cNext), NewHidden(m));
        }
        else
        {
            cell.Let("m", m);
            cell.Pointwise(spec.Units, cell.NewState("c", cNext), new("m", m, false));
            cell.ProjectionProduct("p", spec.Projection, m, "m");
            cell.Pointwise(spec.Projection, NewHidden(cell.Product("p")));
        }

        return cell.Build();

        StageOutput NewHidden(Expr h) => cell.NewState("h", cell.Let("h", cell.Zoneout("h", spec.HiddenSize, hPrevious, h, spec.Zoneout)));

        Expr Gate(string name, Expr peeked)
        {
            var sum = cell.Sum(name);
            return cell.Gate(name, spec.GateActivation, spec.Clip, spec.Peepholes ? cell.Peephole(name) * peeked + sum : sum);
        }
    }
}
