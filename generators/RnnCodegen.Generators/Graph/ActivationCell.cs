using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Graph;

/// <summary>The equation of a function of each element, y = f(x), as a cell without state and without products.</summary>
internal static class ActivationCell
{
    /// <param name="activation">The function.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="argument">What the equation calls its argument.</param>
    public static CellGraph Build(ActivationSpec activation, int width, string argument = "x")
    {
        var cell = new CellBuilder(["y"], width, argument);
        var y = cell.Let("y", cell.Input("y").Activate(activation));
        if (activation.Kind != ActivationKind.Linear)
        {
            cell.Pointwise(width, new StageOutput("y", y, false));
        }

        return cell.Build();
    }
}
