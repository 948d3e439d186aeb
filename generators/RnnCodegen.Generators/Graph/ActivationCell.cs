using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of an activation layer, y = f(x), as a cell without state and without products.</summary>
internal static class ActivationCell
{
    public static CellGraph Build(ActivationKind activation, int width)
    {
        var cell = new CellBuilder(["y"], width);
        var y = cell.Expressions.Activate(activation, cell.Input("y"));
        cell.Let("y", $"y = {CellBuilder.NameOf(activation)}(x)", y);
        if (activation != ActivationKind.Linear)
        {
            cell.Pointwise(width, new StageOutput("y", y, false));
        }

        return cell.Build();
    }
}
