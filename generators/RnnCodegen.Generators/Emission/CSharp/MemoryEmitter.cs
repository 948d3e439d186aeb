using RnnCodegen.Generators.Graph;
using RnnCodegen.Generators.Planning;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the struct that names every matrix a call works on.</summary>
internal sealed class MemoryEmitter(SourceWriter writer, ModelPlan plan)
{
    public void Write()
    {
        writer.Line();
        writer.Line("/// <summary>The matrices of one call, row after row; rows start at multiples of 16 floats.</summary>");
        using (writer.Block("private struct Memory"))
        {
            foreach (var group in plan.Memory.Fields.GroupBy(f => f.Name))
            {
                writer.Line($"/// <summary>{group.First().Description}</summary>");
                writer.Line($"public float* {group.Key};");
            }

            foreach (var alias in plan.Graph.Nodes.OfType<DropoutNode>().Select(d => d.Output).Where(v => !plan.Memory.Fields.Any(f => f.Name == MemoryPlan.Name(v))))
            {
                writer.Line($"public float* {MemoryPlan.Name(alias)};");
            }

            Layout(MemoryRegion.Run, "Places the matrices of inference and returns the floats they take.");
            Layout(MemoryRegion.Tape, "Places what Forward keeps for Backward.");
            Layout(MemoryRegion.Training, "Places the temporary matrices of training.");
        }

        writer.Line();
        writer.Line("/// <summary>Time steps whose input products are computed together.</summary>");
        writer.Line($"private static int ChunkSteps(int steps, int batch) => Math.Min(steps, Math.Max(1, {plan.Memory.ChunkRows} / batch));");
    }

    private void Layout(MemoryRegion region, string summary)
    {
        var fields = plan.Memory.Fields.Where(f => f.Region == region).ToArray();
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Block($"public static long {region}(ref Memory m, float* start, int steps, int batch)"))
        {
            writer.Line("float* end = start;");
            if (fields.Any(f => f.Extent.PerRow > 0))
            {
                writer.Line("long rows = (long)steps * batch;");
            }

            if (fields.Any(f => f.Extent.PerChunkRow > 0))
            {
                writer.Line("long chunk = (long)ChunkSteps(steps, batch) * batch;");
            }

            foreach (var field in fields)
            {
                writer.Line($"m.{field.Name} = end;");
                writer.Line($"end += {Size(field.Extent)};");
            }

            if (region == MemoryRegion.Run)
            {
                foreach (var dropout in plan.Graph.Nodes.OfType<DropoutNode>())
                {
                    writer.Line($"m.{MemoryPlan.Name(dropout.Output)} = m.{MemoryPlan.Name(dropout.Input)};");
                }
            }

            writer.Line("return end - start;");
        }
    }

    private static string Size(Extent extent)
    {
        var terms = new List<string>();
        AddTerm(extent.PerRow, " * rows");
        AddTerm(extent.PerSample, " * (long)batch");
        AddTerm(extent.PerChunkRow, " * chunk");
        AddTerm(extent.Once, "");
        return terms.Count == 0 ? "0" : string.Join(" + ", terms);

        void AddTerm(int floats, string factor)
        {
            if (floats > 0)
            {
                terms.Add($"{floats}{factor}");
            }
        }
    }
}
