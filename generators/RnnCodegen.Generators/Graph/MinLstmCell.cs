using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equations of a minimal LSTM, without a product inside the time loop: docs/math.md, "minLSTM".</summary>
internal static class MinLstmCell
{
    public static CellGraph Build(MinLstmSpec spec)
    {
        var cell = new CellBuilder(["f", "i", "g"], spec.Units);
        var hPrevious = cell.State("h", spec.Units);

        // f / (f + i) with f = sigmoid(a), i = sigmoid(e): neither a division nor a sum of gates, which could both be 0 in float
        var a = cell.Input("f").Clip(spec.Clip);
        var e = cell.Input("i").Clip(spec.Clip);
        var f = cell.Let("f", (Softplus(-e) - Softplus(-a)).Activate(ActivationKind.Sigmoid));
        var g = cell.Gate("g", spec.Activation, spec.Clip, cell.Input("g"));

        // h = f h' + (1 - f) g, with one multiplication less
        cell.Pointwise(spec.Units, cell.NewState("h", cell.Let("h", f * (hPrevious - g) + g)));
        return cell.Build();
    }

    private static Expr Softplus(Expr x) => x.Activate(ActivationKind.Softplus);
}
