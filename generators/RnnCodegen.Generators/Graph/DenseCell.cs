using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of a dense layer, y = f(W x + b), as a cell without state.</summary>
internal static class DenseCell
{
    public static CellGraph Build(DenseSpec spec)
    {
        var cell = new CellBuilder(["y"], spec.Units);
        var y = cell.Expressions.Activate(spec.Activation, cell.Input("y"));
        cell.Let("y", $"y = {CellBuilder.NameOf(spec.Activation)}(W x + b)", y);
        if (spec.Activation.Kind != ActivationKind.Linear)
        {
            cell.Pointwise(spec.Units, new StageOutput("y", y, false));
        }

        return cell.Build();
    }
}
