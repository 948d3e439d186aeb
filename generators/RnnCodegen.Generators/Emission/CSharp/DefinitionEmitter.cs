using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes what the runtime needs to know of a model, and the choice of its body.</summary>
internal sealed class DefinitionEmitter(SourceWriter writer, ModelGraph graph, ParameterTable parameters, IReadOnlyList<Machine> targets)
{
    private readonly ModelSpec _spec = graph.Spec;

    public void Write()
    {
        writer.Line("/// <summary>Names and sizes.</summary>");
        using (writer.Block("public static readonly ModelDefinition Definition = new()", "};"))
        {
            writer.Line($"Name = \"{_spec.HintName}\",");
            writer.Line($"InputSize = {_spec.InputSize},");
            writer.Line($"Vocabulary = {graph.Vocabulary},");
            WriteCategories();
            writer.Line($"OutputSize = {graph.Output.Width},");
            writer.Line($"OutputIsSequence = {(graph.Output.IsSequence ? "true" : "false")},");
            writer.Line($"CanStream = {(graph.CanStream ? "true" : "false")},");
            writer.Line($"FlopsPerStep = {graph.FlopsPerStep},");
            WriteTime();
            WriteMemory();
            writer.Line($"Output = OutputTransform.{_spec.Output},");
            if (_spec.OutputActivation != ActivationKind.Linear)
            {
                writer.Line($"OutputActivation = global::RnnCodegen.Activation.{_spec.OutputActivation},");
            }

            using (writer.Block("Parameters = new ParameterInfo[]", "},"))
            {
                foreach (var p in parameters.Items)
                {
                    var forget = p.ForgetOffset >= 0 ? $", {p.ForgetOffset}, {p.ForgetLength}" : "";
                    var kernel = p.Kernel > 0 ? $" {{ Kernel = {p.Kernel} }}" : "";
                    var offset = $"{RuntimeTypes.Offsets}.{p.OffsetName}";
                    writer.Line(
                        $"new(\"{p.Name}\", ParameterRole.{p.Role}, {offset}, {p.Rows}, {p.Columns}, {p.FanIn}{forget}){kernel},");
                }
            }

            using (writer.Block("State = new StateSlot[]", "},"))
            {
                foreach (var s in graph.States)
                {
                    var initial = s.InitialParameter is { } name ? $", {RuntimeTypes.Offsets}.{parameters[name].OffsetName}" : "";
                    writer.Line($"new(\"{s.Name}\", {s.Size}{initial}),");
                }
            }
        }

        WriteKernels();
        WriteOffsets();
    }

    /// <summary>Where each tensor starts, for the lines above and for the bodies.</summary>
    private void WriteOffsets()
    {
        if (parameters.Items.Count == 0)
        {
            return;
        }

        writer.Line();
        writer.Line("/// <summary>Where each trained tensor starts among the parameters and among their gradients, in floats.</summary>");
        using (writer.Block($"private static class {RuntimeTypes.Offsets}"))
        {
            foreach (var p in parameters.Items)
            {
                writer.Line($"public const int {p.OffsetName} = {p.Offset};");
            }
        }
    }

    /// <summary>What the runtime must know of columns of ids, in the order in which kernels count them.</summary>
    private void WriteCategories()
    {
        if (graph.Categories.Any())
        {
            var columns = graph.Categories.Select(e => $"new(\"{e.Name}\", {e.Spec.Column}, {e.Spec.Vocabulary})");
            writer.Line($"Categories = new CategoryColumn[] {{ {string.Join(", ", columns)} }},");
        }
    }

    /// <summary>What the runtime must know where the output's steps are not the input's.</summary>
    private void WriteTime()
    {
        if (graph.Axes.Count == 1)
        {
            return;
        }

        writer.Line($"StepRows = {graph.StepRows},");
        writer.Line($"LeastSteps = {graph.Axes.Max(a => a.LeastInput)},");
        if (graph.Output.Axis is { Windows.Count: > 0 } axis)
        {
            var windows = axis.Windows.Select(w => $"new({w.Size}, {w.Stride}, {w.Dilation}, {w.PadLeft}, {w.PadRight})");
            writer.Line($"OutputWindows = new TimeWindow[] {{ {string.Join(", ", windows)} }},");
        }
    }

    /// <summary>What the runtime must know to prepare the memory that layers attend to.</summary>
    private void WriteMemory()
    {
        if (_spec.MemorySize == 0)
        {
            return;
        }

        writer.Line($"MemorySize = {_spec.MemorySize},");
        var names = graph.Nodes.OfType<AttentionNode>().Select(a => $"\"{a.Name}\"");
        writer.Line($"AttentionLayers = new string[] {{ {string.Join(", ", names)} }},");
        var keys = graph.Nodes.OfType<AttentionNode>().Where(a => a.KeyWeight is not null)
            .Select(a => $"new({RuntimeTypes.Offsets}.{parameters[$"{a.Name}.{a.KeyWeight}"].OffsetName}, {a.KeyWidth})").ToList();
        if (keys.Count > 0)
        {
            writer.Line($"MemoryKeys = new MemoryKeys[] {{ {string.Join(", ", keys)} }},");
        }
    }

    private void WriteKernels()
    {
        writer.Line();
        writer.Line(
            "/// <summary>The body for the widest vectors of this machine. The JIT and the AOT compiler know these properties, so that " +
            "only one body remains.</summary>");
        writer.Line("public static ModelKernels CreateKernels() =>");
        foreach (var target in targets.Where(t => t.Lanes > 1))
        {
            writer.Line($"    {target.Name}.IsHardwareAccelerated ? new {KernelsEmitter.ClassName(target)}() :");
        }

        var names = string.Join(", ", targets.Select(t => t.Name));
        writer.Line(targets.Contains(Machine.Scalar)
            ? $"    new {KernelsEmitter.ClassName(Machine.Scalar)}();"
            : $"    throw new global::System.PlatformNotSupportedException(\"The build has bodies for {names} only, and this machine has " +
                "no such vectors: add Scalar to RnnTargets.\");");
        writer.Line();
        writer.Line("/// <summary>The body for a width, whatever the machine has.</summary>");
        writer.Line("public static ModelKernels CreateKernels(SimdWidth width) => width switch");
        using (writer.Block("", "};"))
        {
            foreach (var target in targets)
            {
                writer.Line($"SimdWidth.{target.Name} => new {KernelsEmitter.ClassName(target)}(),");
            }

            writer.Line(targets.Count == Machine.All.Count
                ? "_ => throw new global::System.ArgumentOutOfRangeException(\"width\", width, \"Use a member of SimdWidth.\"),"
                : $"_ => throw new global::System.ArgumentOutOfRangeException(\"width\", width, \"The build has bodies for {names} only: " +
                    "add others to RnnTargets.\"),");
        }
    }
}
