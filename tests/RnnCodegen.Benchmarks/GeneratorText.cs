using BenchmarkDotNet.Reports;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>The generator's section: times, and the size of what it writes.</summary>
internal static class GeneratorText
{
    /// <summary>The section.</summary>
    public static ReportSection Create(Summary summary, IReadOnlyList<CodeSize> sizes)
    {
        var text = Start("The generator");
        text.AppendLine("A driver over a compilation of one typical model (two GRU layers of 64 units and a head) and one other file.")
            .AppendLine();
        text.AppendLine(Head(["what", "ms"]));
        foreach (var report in summary.Reports.Where(r => r.ResultStatistics is not null))
        {
            text.AppendLine(Line([report.BenchmarkCase.Descriptor.WorkloadMethod.Name, Number(report.ResultStatistics!.Min * 1e-6)]));
        }

        text.AppendLine().AppendLine(
            $"""
            Bytes of each model of these benchmarks: IL of all, of the body for each width, and of the largest method; then the machine code
            that the JIT made of the body for {Roofline.VectorBits} bits, the one this machine uses, and the largest method of that.
            """).AppendLine();
        text.AppendLine(Head(
        [
            "model", "IL: all", "512 bits", "256 bits", "128 bits", "scalar", "largest method",
            $"machine code, {Roofline.VectorBits} bits", "largest method",
        ]));
        foreach (var model in sizes)
        {
            text.AppendLine(Line(
            [
                model.Name, $"{model.Il.Total}", .. model.Bodies.Select(b => $"{b}"), $"{model.Il.Largest} ({model.Il.LargestName})",
                $"{model.Native.Total}", $"{model.Native.Largest} ({model.Native.LargestName})",
            ]));
        }

        return new ReportSection(BenchmarkOptions.Generator, text.ToString());
    }
}
