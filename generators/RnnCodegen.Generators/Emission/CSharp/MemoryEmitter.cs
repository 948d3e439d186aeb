using RnnCodegen.Generators.Lowering;
using RnnCodegen.Generators.Planning;
using RnnCodegen.Generators.Specs;

namespace RnnCodegen.Generators.Emission.CSharp;

/// <summary>Writes the struct that names every matrix a call works on.</summary>
internal sealed class MemoryEmitter(SourceWriter writer, ModelPlan plan, AxisText axes)
{
    public void Write()
    {
        writer.Line();
        writer.Line("/// <summary>The matrices of one call, row after row; rows start at multiples of 16 floats.</summary>");
        using (writer.Block("private struct Memory"))
        {
            foreach (var group in plan.Memory.Fields.GroupBy(f => f.Name))
            {
                writer.Line($"public float* {group.Key}; // {group.First().Description}");
            }

            if (plan.Memory.MatrixGradientsLength > 0)
            {
                writer.Line(
                    "public nint Low; // floats from a matrix's gradient to its low part, which sums of many rows have; 0 where " +
                    "they are few");
            }

            Layout(Region.Run, "Places the matrices of inference and returns the floats they take.");
            Layout(Region.Tape, "Places what Forward keeps for Backward.");
            Layout(Region.Training, "Places the temporary matrices of training.");
        }

        writer.Line();
        writer.Line("/// <summary>Time steps whose input products are computed together.</summary>");
        writer.Line(
            $"private static int ChunkSteps(int steps, int batch) => Math.Min(steps, Math.Max(1, {plan.Memory.ChunkRows} / batch));");
    }

    private void Layout(Region region, string summary)
    {
        var fields = plan.Memory.Fields.Where(f => f.Region == region).ToArray();
        writer.Line();
        writer.Line($"/// <summary>{summary}</summary>");
        using (writer.Method($"public static long {region}(ref Memory m, float* start, int steps, int batch)"))
        {
            writer.Line("float* end = start;");
            var all = plan.Graph.Axes;
            for (var k = 0; k < all.Count; k++)
            {
                var suffix = axes.Suffix(all[k]);
                if (k > 0)
                {
                    writer.Line($"int steps{suffix} = {axes.Window(all[k])}.Steps(steps{axes.Suffix(all[k].Source)});");
                }

                if (k > 0 || fields.Any(f => f.Extent.PerRow > 0))
                {
                    writer.Line($"long rows{suffix} = (long)steps{suffix} * batch;");
                }
            }

            if (fields.Any(f => f.Extent.PerChunkRow > 0))
            {
                writer.Line($"long chunk = (long)ChunkSteps({MostSteps(all)}, batch) * batch;");
            }

            foreach (var field in fields)
            {
                writer.Line($"m.{field.Name} = end;");
                writer.Line($"end += {Size(field.Extent)};");
            }

            if (region == Region.Training && plan.Memory.MatrixGradientsLength is > 0 and var gradients)
            {
                using (writer.Block($"if ((long)steps * batch > {plan.Memory.RowsWithoutLow})"))
                {
                    writer.Line("m.Low = (nint)(end - start);");
                    writer.Line($"end += {gradients};");
                }
            }

            writer.Line("return end - start;");
        }
    }

    /// <summary>The most steps of any axis: windows over padded sequences may be more than the steps they see.</summary>
    private string MostSteps(IReadOnlyList<TimeAxis> all)
    {
        var padded = all.Where(a => a.Windows.Any(w => w.PadLeft + w.PadRight >= w.Extent));
        return padded.Aggregate("steps", (most, axis) => $"Math.Max({most}, steps{axes.Suffix(axis)})");
    }

    private string Size(Extent extent)
    {
        var terms = new List<string>();
        AddTerm(extent.PerRow, $" * rows{axes.Suffix(extent.Axis ?? TimeAxis.Input)}");
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
