using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>
/// Spells the steps of each axis: of the input's they are steps from first on, a call and its lengths; of the k-th axis after it the same
/// names with the number k.
/// </summary>
internal sealed class AxisText
{
    private readonly ModelPlan _plan;
    private readonly List<Local> _locals = [];
    private readonly Dictionary<string, Local> _byName = [];

    public AxisText(ModelPlan plan)
    {
        _plan = plan;
        Declare("batch", "nint batch = call.Batch;");
        Declare("rows", "nint rows = steps * batch;", "batch");
        for (var k = 1; k < plan.Graph.Axes.Count; k++)
        {
            var (source, window) = (Suffix(plan.Graph.Axes[k].Source), Window(plan.Graph.Axes[k]));
            Declare($"first{k}", $"int first{k} = {window}.Steps(first{source});", $"first{source}");
            Declare($"steps{k}", $"int steps{k} = {window}.Steps(first{source} + steps{source}) - first{k};", $"first{source}",
                $"steps{source}", $"first{k}");
            Declare($"rows{k}", $"nint rows{k} = steps{k} * batch;", $"steps{k}", "batch");
            Declare($"call{k}",
                $"ModelCall call{k} = call.WithLengths(TimeWindows.Lengths(call{source}.Lengths, call.Batch, {window}, " +
                $"(int*)m.Lengths{k}));", $"call{source}");
        }
    }

    /// <summary>All that a body may use: of an axis after those of the axis that its windows see.</summary>
    public IReadOnlyList<Local> Locals => _locals;

    /// <summary>A local; null of a name that is a parameter.</summary>
    public Local? Find(string name) => _byName.TryGetValue(name, out var local) ? local : null;

    /// <summary>The window that makes an axis.</summary>
    public string Window(TimeAxis axis) =>
        _plan.Names.Window(_plan.Graph.Nodes.OfType<WindowNode>().First(w => w.Output.Axis!.Equals(axis) && !w.Window.KeepsSteps));

    /// <summary>Declares the windows.</summary>
    public void WriteWindows(SourceWriter writer)
    {
        foreach (var node in _plan.Graph.Nodes.OfType<WindowNode>())
        {
            var w = node.Window;
            writer.Line();
            writer.Line(
                $"/// <summary>{node.Name}: windows of {w.Size} steps{(w.Dilation > 1 ? $", {w.Dilation} apart" : "")}, one " +
                $"every {w.Stride}.</summary>");
            writer.Line(
                $"private static readonly TimeWindow {_plan.Names.Window(node)} = " +
                $"new({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight});");
        }
    }

    public string Suffix(TimeAxis axis)
    {
        var index = _plan.Graph.Axes.ToList().IndexOf(axis);
        return index == 0 ? "" : $"{index}";
    }

    private void Declare(string name, string declaration, params string[] needs)
    {
        var local = new Local(name, declaration, [.. needs.Select(Find).OfType<Local>()]);
        _locals.Add(local);
        _byName.Add(name, local);
    }
}
