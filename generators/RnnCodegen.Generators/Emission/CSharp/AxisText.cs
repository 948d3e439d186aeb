using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Spells the steps of each axis: of the input's they are steps from first on, a call and its lengths; of the k-th axis after it the same names with
/// the number k.
/// </summary>
internal sealed class AxisText(ModelPlan plan)
{
    private ModelGraph Graph => plan.Graph;

    /// <summary>Declarations of all that a body may use: of an axis after those of the axis that its windows see.</summary>
    public string[] Locals
    {
        get
        {
            var locals = new List<string> { "nint batch = call.Batch;", "nint rows = steps * batch;" };
            for (var k = 1; k < Graph.Axes.Count; k++)
            {
                var (source, window) = (Suffix(Graph.Axes[k].Source), Window(Graph.Axes[k]));
                locals.Add($"int first{k} = {window}.Steps(first{source});");
                locals.Add($"int steps{k} = {window}.Steps(first{source} + steps{source}) - first{k};");
                locals.Add($"nint rows{k} = steps{k} * batch;");
                locals.Add($"ModelCall call{k} = call.WithLengths(TimeWindows.Lengths(call{source}.Lengths, call.Batch, {window}, (int*)m.{KernelNames.Lengths}{k}));");
            }

            return [.. locals];
        }
    }

    public string Steps(Value value) => $"steps{Suffix(value.Axis!)}";

    public string First(Value value) => $"first{Suffix(value.Axis!)}";

    public string Call(Value value) => $"call{Suffix(value.Axis!)}";

    /// <summary>Rows of a value: one a step and sample, or one a sample.</summary>
    public string Rows(Value value) => value.Axis is { } axis ? $"rows{Suffix(axis)}" : "batch";

    /// <summary>The window that makes an axis.</summary>
    public string Window(TimeAxis axis) => plan.Names.Window(Graph.Nodes.OfType<WindowNode>().First(w => w.Output.Axis!.Equals(axis) && !w.Window.KeepsSteps));

    /// <summary>Declares the windows.</summary>
    public void WriteWindows(SourceWriter writer)
    {
        foreach (var node in Graph.Nodes.OfType<WindowNode>())
        {
            var w = node.Window;
            writer.Line();
            writer.Line($"/// <summary>{node.Name}: windows of {w.Size} steps{(w.Dilation > 1 ? $", {w.Dilation} apart" : "")}, one every {w.Stride}.</summary>");
            writer.Line($"private static readonly TimeWindow {plan.Names.Window(node)} = new({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight});");
        }
    }

    public string Suffix(TimeAxis axis)
    {
        var index = Graph.Axes.ToList().IndexOf(axis);
        return index == 0 ? "" : $"{index}";
    }
}
