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
        var e = cell.Expressions;

        var hPrevious = cell.State("h", spec.HiddenSize);
        var cPrevious = cell.State("c", spec.Units);
        cell.HiddenProduct("U", hPrevious, "h", spec.HiddenSize, gates);

        var i = Gate("i", cPrevious, "c'");
        var f = spec.CoupledInputForget
            ? cell.Let("f", "f = 1 - i", e.Subtract(e.Constant(1), i))
            : Gate("f", cPrevious, "c'");
        var g = cell.Gate("g", spec.Activation, spec.Clip, "W_g x + U_g h' + b_g", e.Add(cell.Input("g"), cell.Product("g")));
        var c = cell.Let(
            "c", $"c = {CellBuilder.Bounded("f * c' + i * g", spec.CellClip)}", e.Clip(e.Add(e.Multiply(f, cPrevious), e.Multiply(i, g)), spec.CellClip));
        var o = Gate("o", c, "c");
        var s = cell.Let("s", $"s = {CellBuilder.NameOf(spec.CellActivation)}(c)", e.Activate(spec.CellActivation, c));
        var m = e.Multiply(o, s);

        if (spec.Projection == 0)
        {
            cell.Pointwise(spec.Units, cell.NewState("c", c), cell.NewState("h", cell.Let("h", "h = o * s", m)));
        }
        else
        {
            cell.Let("m", "m = o * s", m);
            cell.Pointwise(spec.Units, cell.NewState("c", c), new("m", m, false));
            cell.ProjectionProduct("p", spec.Projection, m, "m");
            cell.Pointwise(spec.Projection, cell.NewState("h", cell.Product("p")));
        }

        return cell.Build();

        Expr Gate(string name, Expr peeked, string peekedName)
        {
            var pre = e.Add(cell.Input(name), cell.Product(name));
            if (spec.Peepholes)
            {
                pre = e.Add(e.Multiply(cell.Peephole(name), peeked), pre);
            }

            var peephole = spec.Peepholes ? $" + p_{name} * {peekedName}" : "";
            return cell.Gate(name, spec.GateActivation, spec.Clip, $"W_{name} x + U_{name} h' + b_{name}{peephole}", pre);
        }
    }
}
