using BenchmarkDotNet.Reports;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>The section of streams of silence.</summary>
internal static class SilenceText
{
    /// <summary>The section.</summary>
    public static ReportSection Create(Summary summary)
    {
        var text = Start("Step: a stream of silence after sound");
        text.AppendLine(
            """
            A layer of 64 inputs and 128 units without biases. *Silence* is a step of zeros, 20,000 steps after the last sound, when a state that is left to decay
            is subnormal for good; *Sound* is a step of random rows. Times in us a step; a ratio above 1 is what silence would cost.
            """).AppendLine();
        text.AppendLine(Head(["layer", "weights", "vectors", "Sound", "Silence", "Silence / Sound"]));
        foreach (var group in summary.Reports.Where(r => r.ResultStatistics is not null).GroupBy(CaseOf))
        {
            var (sound, silence) = (Best(nameof(SilenceBenchmarks.Sound)), Best(nameof(SilenceBenchmarks.Silence)));
            text.AppendLine(Line([.. group.Key.Split(' '), Number(sound * 1e-3), Number(silence * 1e-3), Ratio(silence / sound)]));

            double Best(string method) => group.First(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method).ResultStatistics!.Min;
        }

        return new ReportSection(BenchmarkOptions.Silence, text.ToString());
    }

    private static string CaseOf(BenchmarkReport report)
    {
        var parameters = report.BenchmarkCase.Parameters;
        return $"{parameters[nameof(SilenceBenchmarks.Layer)]} {parameters[nameof(SilenceBenchmarks.Weights)]} " +
            $"{parameters[nameof(SilenceBenchmarks.Width)]}";
    }
}
