using System.Globalization;
using BenchmarkDotNet.Reports;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>The section of loading: times, and what is allocated.</summary>
internal static class LoadText
{
    /// <summary>The section.</summary>
    public static ReportSection Create(Summary summary)
    {
        var text = Start("Loading weights");
        text.AppendLine(
            """
            *Read* brings the file's bytes from the page cache into memory that is there; *Map* opens the file and checks its header; *Load* also checks names,
            shapes and that each value is finite, and copies the values into a model's parameters. Times in ms; *allocated* is what a Load leaves to the
            garbage collector beside the parameters.
            """).AppendLine();
        text.AppendLine(Head(["MB", "Read", "Map", "Load", "Load / Read", "allocated, KB"]));
        foreach (var size in summary.Reports.Where(r => r.ResultStatistics is not null)
            .GroupBy(r => (int)r.BenchmarkCase.Parameters[nameof(LoadBenchmarks.Megabytes)]))
        {
            var (read, map, load) = (Of(nameof(LoadBenchmarks.Read)), Of(nameof(LoadBenchmarks.Map)), Of(nameof(LoadBenchmarks.Load)));
            var bytes = load.GcStats.GetBytesAllocatedPerOperation(load.BenchmarkCase) ?? 0;
            text.AppendLine(Line(
            [
                size.Key.ToString(CultureInfo.InvariantCulture), Milliseconds(read), Milliseconds(map), Milliseconds(load),
                Ratio(load.ResultStatistics!.Min / read.ResultStatistics!.Min), Number(bytes / 1024.0),
            ]));

            BenchmarkReport Of(string method) => size.First(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);
        }

        return new ReportSection(BenchmarkOptions.Load, text.ToString());
    }

    private static string Milliseconds(BenchmarkReport report) => Number(report.ResultStatistics!.Min * 1e-6);
}
