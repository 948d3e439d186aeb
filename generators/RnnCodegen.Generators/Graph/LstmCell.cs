using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of an LSTM: docs/math.md, "LSTM".</summary>
internal static class LstmCell
{
    public static CellGraph Build(LstmSpec spec)
    {
        string[] gates = spec.CoupledInputForget ? ["i", "g", "o"] : ["i", "f", "g", "o"];
        var cell = new CellBuilder(gates, spec.Units);

        var hPrevious = cell.State("h", spec.HiddenSize);
        var cPrevious = cell.State("c", spec.Units);
        cell.HiddenProduct("U", hPrevious, "h", spec.HiddenSize, gates);

        var i = Gate("i", cPrevious);
        var f = spec.CoupledInputForget ? cell.Let("f", 1 - i) : Gate("f", cPrevious);
        var g = cell.Gate("g", spec.Activation, spec.Clip, cell.Sum("g"));
        var c = cell.Let("c", (f * cPrevious + i * g).Clip(spec.CellClip));
        var o = Gate("o", c);
        var s = cell.Let("s", c.Activate(spec.CellActivation));
        var m = o * s;

        if (spec.Projection == 0)
        {
            cell.Pointwise(spec.Units, cell.NewState("c", c), cell.NewState("h", cell.Let("h", m)));
        }
        else
        {
            cell.Let("m", m);
            cell.Pointwise(spec.Units, cell.NewState("c", c), new("m", m, false));
            cell.ProjectionProduct("p", spec.Projection, m, "m");
            cell.Pointwise(spec.Projection, cell.NewState("h", cell.Product("p")));
        }

        return cell.Build();

        Expr Gate(string name, Expr peeked)
        {
            var sum = cell.Sum(name);
            return cell.Gate(name, spec.GateActivation, spec.Clip, spec.Peepholes ? cell.Peephole(name) * peeked + sum : sum);
        }
    }
}
