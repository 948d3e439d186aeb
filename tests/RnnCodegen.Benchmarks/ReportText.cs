using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Reports;
using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>The sections' Markdown.</summary>
internal static class ReportText
{
    /// <summary>One line of the machine's limits.</summary>
    public static string Limits(Roofline roofline) =>
        $"One core, {Roofline.VectorBits}-bit vectors: {roofline.Peak / 1e9:F0} GF/s; reads, GB/s: "
        + string.Join(", ", roofline.Levels.Select(l => $"{l.Name} {l.BytesPerSecond / 1e9:F0}")) + ".";

    /// <summary>A family of layers: a row a case, ours first, then the peers.</summary>
    public static ReportSection Layers(Family family, Summary summary, Roofline roofline, double difference)
    {
        var times = summary.Reports
            .Where(r => r.ResultStatistics is not null)
            .ToDictionary(r => Key((Row)r.BenchmarkCase.Parameters["Row"]), r => r.ResultStatistics!.Min * 1e-9);
        var workloads = Workload.Of(family).Where(w => times.Keys.Any(k => k.Workload == w));
        var peers = Engine.All.Where(e => e != Engine.Own && times.Keys.Any(k => k.Engine == e.Name)).Select(e => e.Name).ToList();
        var perStep = family is Family.Step or Family.Run;
        var (unit, scale) = perStep ? ("us a step", 1e6) : ("ms a call", 1e3);

        var text = Start(Title(family));
        text.AppendLine(Limits(roofline)).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Largest difference between engines: {difference:0.0E+0}. Times in {unit}.").AppendLine();
        text.AppendLine($"| case | RnnCodegen |{(perStep ? string.Empty : " GF/s |")} bound | of bound |{string.Concat(peers.Select(p => $" {p} |"))}");
        text.AppendLine($"|---|---|---|---|{(perStep ? string.Empty : "---|")}{string.Concat(peers.Select(_ => "---|"))}");
        foreach (var workload in workloads)
        {
            if (!times.TryGetValue((workload, Engine.Own.Name), out var own))
            {
                continue;
            }

            var bound = roofline.Bound(workload);
            text.Append(CultureInfo.InvariantCulture, $"| {workload.Size}{Shape(workload)} | {Number(own * scale)} |");
            text.Append(perStep ? string.Empty : $" {workload.Flops / own / 1e9:F0} |");
            text.Append(CultureInfo.InvariantCulture, $" {Number(bound * scale)}{Level(workload, roofline)} | {100 * bound / own:F0} % |");
            foreach (var peer in peers)
            {
                text.Append(times.TryGetValue((workload, peer), out var time) ? $" {Number(time * scale)} ({Ratio(time / own)}) |" : " - |");
            }

            text.AppendLine();
        }

        foreach (var missing in Engine.Missing)
        {
            text.AppendLine().AppendLine(missing);
        }

        return new ReportSection(family.ToString().ToLowerInvariant(), Finish(text));
    }

    /// <summary>The generator: times, and the size of what it writes.</summary>
    public static ReportSection Generator(Summary summary)
    {
        var text = Start("The generator");
        text.AppendLine("A driver over a compilation of one typical model (two GRU layers of 64 units and a head) and one other file.").AppendLine();
        text.AppendLine("| what | ms |").AppendLine("|---|---|");
        foreach (var report in summary.Reports.Where(r => r.ResultStatistics is not null))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {report.BenchmarkCase.Descriptor.WorkloadMethod.Name} | {Number(report.ResultStatistics!.Min * 1e-6)} |");
        }

        text.AppendLine().AppendLine("IL of the models of these benchmarks, in bytes: all, the body for each width, and the largest method.").AppendLine();
        text.AppendLine("| model | all | 512 bits | 256 bits | 128 bits | scalar | largest method |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (var model in IlSizes.Measure(typeof(LayerModels).Assembly.Location))
        {
            text.AppendLine($"| {model.Name} | {model.Total} | {string.Join(" | ", model.Bodies)} | {model.Largest} ({model.LargestName}) |");
        }

        return new ReportSection(BenchmarkOptions.Generator, Finish(text));
    }

    private static (Workload Workload, string Engine) Key(Row row) => (row.Workload, row.Engine.Name);

    private static string Title(Family family) => family switch
    {
        Family.Step => "Step: one step a call, one stream",
        Family.Run => $"Run: one sequence of {Workload.RunSteps} steps a call",
        Family.Batch => "Run: a batch of sequences a call",
        _ => "Forward and backward of a batch (gradients of weights, biases and input)",
    };

    private static string Shape(Workload workload) =>
        workload.Family is Family.Batch or Family.Train ? $" T={workload.Steps} B={workload.Batch}" : string.Empty;

    private static string Level(Workload workload, Roofline roofline)
    {
        var weights = workload.HiddenProducts + (workload.Family == Family.Step ? workload.InputProducts : 0);
        return workload.Batch > 1 ? string.Empty : $" ({roofline.LevelOf(weights * sizeof(float)).Name})";
    }

    private static StringBuilder Start(string title)
    {
        var options = BenchmarkOptions.Current;
        var text = new StringBuilder();
        text.AppendLine($"## {title}").AppendLine();
        text.Append($"{Processor()}, {Cores()}; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}. {DateTime.UtcNow:yyyy-MM-dd}.");
        text.AppendLine(options.Note.Length > 0 ? $" **{options.Note.TrimEnd('.')}.**" : string.Empty);
        text.AppendLine().AppendLine("```").AppendLine(Command(options)).AppendLine("```").AppendLine();
        return text;
    }

    private static string Command(BenchmarkOptions options)
    {
        var variables = string.Concat(new[] { "DOTNET_EnableAVX512", "DOTNET_EnableAVX2" }
            .Where(name => Environment.GetEnvironmentVariable(name) is not null)
            .Select(name => $"{name}={Environment.GetEnvironmentVariable(name)} "));
        var properties = string.Empty;
#if PEERS
        properties += " -p:Peers=true";
#endif
#if TORCH
        properties += " -p:Torch=true";
#endif
        var pin = Environment.ProcessorCount == 1 && OperatingSystem.IsLinux() ? "taskset -c 1 " : string.Empty;
        return $"{variables}{pin}dotnet run -c Release --project tests/RnnCodegen.Benchmarks{properties} -- {options.Selection}".TrimEnd(' ', '-');
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':')[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    // The runtime counts the cores this process may use.
    private static string Cores() => Environment.ProcessorCount == 1 ? "pinned to one core" : $"{Environment.ProcessorCount} cores";

    private static string Number(double value) =>
        value.ToString(value < 0.1 ? "F4" : value < 10 ? "F3" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString(value < 10 ? "F2" : "F0", CultureInfo.InvariantCulture) + "x";

    private static string Finish(StringBuilder text) => text.ToString().ReplaceLineEndings("\n");
}
