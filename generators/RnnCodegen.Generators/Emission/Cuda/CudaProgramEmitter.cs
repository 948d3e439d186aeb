using RnnCodegen.Generators.Emission.CSharp;
using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning.Cuda;
using RnnCodegen.Generators.Specs;
using Buffer = RnnCodegen.Generators.Lowering.Buffer;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Writes what the engine needs to know of a model's device code: its matrices and its launches, and the text itself.</summary>
internal sealed class CudaProgramEmitter(SourceWriter writer, DevicePlan plan, ParameterTable parameters)
{
    private const string Space = "global::RnnCodegen.Cuda";

    private readonly List<TimeAxis> _axes = [.. plan.Program.Graph.Axes];

    public void Write()
    {
        // Made when it is asked for: a program on the CPU has no use for it.
        writer.Line($"private static {Space}.CudaProgram s_cuda;");
        writer.Line();
        writer.Line("/// <summary>The device code, and how its passes are launched.</summary>");
        using (writer.Block($"public static {Space}.CudaProgram Cuda => s_cuda ??= new()", "};"))
        {
            writer.Line("Text = CudaText,");
            writer.Line($"Images = typeof({EmissionText.CodeOf(plan.Program.Graph.Spec)}).Assembly,");
            if (plan.Precision != CudaPrecisionKind.Float32)
            {
                writer.Line($"Precision = global::RnnCodegen.CudaPrecision.{plan.Precision},");
            }

            WriteAll("Buffers", "CudaBuffer", plan.Program.Buffers.Select(Describe));
            using (writer.Block($"Axes = new {Space}.CudaWindow[][]", "},"))
            {
                foreach (var axis in _axes)
                {
                    var windows = axis.Windows.Select(w => $"new({w.Extent}, {w.Stride}, {w.PadLeft + w.PadRight})");
                    writer.Line($"new {Space}.CudaWindow[] {{ {string.Join(", ", windows)} }},");
                }
            }

            var keyWidths = plan.Attentions.Select(a => a.KeyWeight is null ? 0 : a.KeyWidth);
            writer.Line($"KeyWidths = new int[] {{ {string.Join(", ", keyWidths)} }},");
            var attentionAxes = plan.Attentions.Select(a => a.Query.Axis is { } axis ? _axes.IndexOf(axis) : -1);
            writer.Line($"AttentionAxes = new int[] {{ {string.Join(", ", attentionAxes)} }},");
            WriteOperations("Keys", plan.Keys);
            WriteOperations("Step", plan.Step);
            WriteOperations("Run", plan.Run);
            WriteOperations("Forward", plan.Forward);
            WriteOperations("Backward", plan.Backward);
        }

        writer.Line();
        // Bytes, not a string: those of a program have a limit of 16 MB in all.
        writer.Line("private static string CudaText => global::System.Text.Encoding.UTF8.GetString(\"\"\"");
        foreach (var line in new CudaEmitter(plan, name => parameters[name].Offset, parameters.Count).Emit().TrimEnd('\n').Split('\n'))
        {
            writer.Line(line);
        }

        writer.Line("\"\"\"u8);");
    }

    private void WriteAll(string property, string type, IEnumerable<string> items)
    {
        using (writer.Block($"{property} = new {Space}.{type}[]", "},"))
        {
            foreach (var item in items)
            {
                writer.Line($"{item},");
            }
        }
    }

    private string Describe(Buffer buffer)
    {
        var of = buffer.Role switch
        {
            BufferRole.State or BufferRole.StateGradient => ((StateVector)buffer.Owner).Index,
            BufferRole.VectorGradient => parameters[(string)plan.Program.Vectors.Single(v => v.Gradient == buffer).Tensor.Owner].Offset,
            _ => -1,
        };
        var role = buffer.Role switch
        {
            BufferRole.Tensor or BufferRole.Input or BufferRole.Output or BufferRole.InputGradient or BufferRole.OutputGradient
                or BufferRole.State or BufferRole.StateGradient or BufferRole.VectorGradient => $"{buffer.Role}",
            BufferRole.Lengths or BufferRole.AttentionSums => "Tensor",
            _ => buffer.Region == Region.Tape ? "Kept" : "Temporary",
        };
        var rows = buffer.Rows;
        var axis = buffer.Axis is { } a ? _axes.IndexOf(a) : -1;
        var width = buffer.Shape.Size * buffer.Shape.Parts * buffer.Times;
        return $"new({Space}.CudaRole.{role}, {Space}.CudaRows.{rows}, {width}, {axis}, {of})";
    }

    private void WriteOperations(string property, IReadOnlyList<DeviceOperation> operations)
    {
        using (writer.Block($"{property} = new {Space}.CudaOperation[]", "},"))
        {
            WriteList(operations);
        }
    }

    private void WriteList(IReadOnlyList<DeviceOperation> operations)
    {
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case DeviceChunks chunks:
                    var axis = _axes.IndexOf(chunks.Loop.Axis);
                    WriteLoop($"new {Space}.CudaChunks({axis}, {Bool(chunks.Loop.IsDescending)}", chunks.Operations);
                    break;
                case DeviceSteps steps:
                    WriteLoop($"new {Space}.CudaSteps({Bool(steps.Loop.IsDescending)}", steps.Operations);
                    break;
                case DeviceChoice choice:
                    using (writer.Block($"new {Space}.CudaChoice(new {Space}.CudaOperation[]"))
                    {
                        WriteList(choice.WithClusters);
                    }

                    using (writer.Block($", new {Space}.CudaOperation[]", "}),"))
                    {
                        WriteList(choice.Without);
                    }

                    break;
                case DeviceKernel kernel:
                    WriteLaunch(kernel);
                    break;
            }
        }
    }

    private void WriteLoop(string start, IReadOnlyList<DeviceOperation> operations)
    {
        using (writer.Block($"{start}, new {Space}.CudaOperation[]", "}),"))
        {
            WriteList(operations);
        }
    }

    private void WriteLaunch(DeviceKernel kernel)
    {
        var properties = new List<string>();
        if (kernel.Form is KernelForm.Product or KernelForm.WeightGradient)
        {
            var (rows, columns, inputs) = kernel.Instructions.Single() switch
            {
                Multiply m => (m.Rows, Columns(m.Weights), 0),
                MultiplyBack m => (m.Rows, m.Weights.Inputs, 0),
                AddWeightGradients g => (g.Rows, Columns(g.Weights), g.Weights.Inputs),
                var other => throw new InvalidOperationException($"{other.GetType().Name} is no product."),
            };
            if (kernel.Scope.IsStep && rows.Kind == RowsKind.Steps)
            {
                rows = Lowering.Rows.Stream(plan.Program.Graph.StepRows / rows.Axis!.Scale).Each(rows.Times);
            }

            properties.Add($"Rows = {Space}.CudaRowsKind.{rows.Kind}");
            Number("RowsOf", rows.Axis is { } axis ? _axes.IndexOf(axis) : rows.Count);
            if (rows.Times > 1)
            {
                Number("Times", rows.Times);
            }

            Number("Columns", columns);
            Number("Inputs", inputs);
            Number("Tile", plan.Machine.Tile);
        }

        if (kernel.Resident is { } resident)
        {
            properties.Add($"Cluster = {resident.Cluster}, Samples = {resident.Samples}, SharedBytes = {resident.SharedBytes}");
        }

        if (kernel.WritesParts)
        {
            properties.Add("WritesParts = true");
        }

        if (kernel.IsForInputGradient)
        {
            properties.Add("IsForInputGradient = true");
        }

        if (kernel.FewRowsName is { } few)
        {
            properties.Add($"FewRowsKernel = \"{few}\"");
        }

        var grid = kernel.Form switch
        {
            KernelForm.Product => "Tiles",
            KernelForm.WeightGradient => "WeightTiles",
            KernelForm.Resident => "Clusters",
            _ => "Samples",
        };
        var rest = properties.Count == 0 ? "" : $" {{ {string.Join(", ", properties)} }}";
        writer.Line($"new {Space}.CudaLaunch(\"{kernel.Name}\", {Space}.CudaGrid.{grid}, {plan.Machine.Threads}){rest},");

        void Number(string property, int value)
        {
            if (value != 0)
            {
                properties.Add($"{property} = {value}");
            }
        }
    }

    private static int Columns(Weights w) => w.Units * w.Blocks.Count;

    private static string Bool(bool value) => value ? "true" : "false";
}
