using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Layers;
using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.Cuda;

/// <summary>Spells a model's device code and how it is launched, in the plain form: a kernel a pass.</summary>
internal static class InterimProgram
{
    public static void Write(SourceWriter writer, ModelProgram program, ParameterTable parameters)
    {
        var graph = program.Graph;
        var text = CudaEmitter.Emit(program, name => parameters[name].Offset, parameters.Count);
        foreach (var pass in new[] { "step", "run", "forward", "backward" })
        {
            text = text.Replace(
                $" {pass}(const Call call)\n{{",
                $" {pass}(const Call* where, Turn turn)\n{{\n    Call call = *where;\n    call.samples = turn.samples;");
        }

        text = "struct Turn { int chunk, chunkSteps, step, samples; };\n" + text;
        const string Cuda = "global::RnnCodegen.Cuda.";
        var quotes = "\"\"\"";
        using (writer.Block($"public static readonly {Cuda}CudaProgram Cuda = new()", "};"))
        {
            writer.Line($"Text = global::System.Text.Encoding.UTF8.GetString({quotes}");
            foreach (var line in text.TrimEnd('\n').Split('\n'))
            {
                writer.Line(line);
            }

            writer.Line($"{quotes}u8),");
            using (writer.Block($"Buffers = new {Cuda}CudaBuffer[]", "},"))
            {
                foreach (var buffer in program.Buffers)
                {
                    var (role, of) = RoleOf(buffer);
                    var axis = buffer.Axis is null ? -1 : graph.Axes.ToList().IndexOf(buffer.Axis);
                    var width = buffer.Shape.Size * buffer.Shape.Parts;
                    writer.Line($"new({Cuda}CudaRole.{role}, {Cuda}CudaRows.{buffer.Rows}, {width}, {axis}, {of}),");
                }
            }

            var axes = graph.Axes.Select(a => $"new {Cuda}CudaWindow[] {{ " + string.Join(", ",
                a.Windows.Select(w => $"new({w.Extent}, {w.Stride}, {w.PadLeft + w.PadRight})")) + " }");
            writer.Line($"Axes = new[] {{ {string.Join(", ", axes)} }},");
            var keys = graph.Nodes.OfType<AttentionNode>().Select(n => n.KeyWeight is null ? 0 : n.KeyWidth).ToList();
            writer.Line($"KeyWidths = new int[] {{ {string.Join(", ", keys)} }},");
            foreach (var (name, kernel) in new[] { ("Step", "step"), ("Run", "run"), ("Forward", "forward"), ("Backward", "backward") })
            {
                var launch = kernel == "step" && program.Step is null ? "" :
                    $"new {Cuda}CudaLaunch(\"{kernel}\", {Cuda}CudaGrid.Samples, {CudaPrelude.Threads}) " +
                    $"{{ WritesParts = {(kernel == "backward" ? "true" : "false")} }}";
                writer.Line($"{name} = new {Cuda}CudaOperation[] {{ {launch} }},");
            }
        }

        (string Role, int Of) RoleOf(Lowering.Buffer buffer) => buffer.Role switch
        {
            BufferRole.Tensor or BufferRole.Input or BufferRole.Output or BufferRole.InputGradient or BufferRole.OutputGradient =>
                (buffer.Role.ToString(), -1),
            BufferRole.State or BufferRole.StateGradient =>
                (buffer.Role.ToString(), graph.States.ToList().IndexOf((StateVector)buffer.Owner)),
            BufferRole.VectorGradient => (
                "VectorGradient", parameters[(string)program.Vectors.First(v => v.Gradient == buffer).Tensor.Owner].Offset),
            _ => (buffer.Region == Region.Tape ? "Kept" : "Temporary", -1),
        };
    }
}
