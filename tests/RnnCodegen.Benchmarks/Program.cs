using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using RnnCodegen.Benchmarks;
using RnnCodegen.Benchmarks.Engines;

BenchmarkOptions options;
try
{
    options = BenchmarkOptions.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{BenchmarkOptions.Usage}");
    return 2;
}

var root = new DirectoryInfo(AppContext.BaseDirectory);
while (root is not null && !File.Exists(Path.Combine(root.FullName, "RnnCodegen.sln")))
{
    root = root.Parent;
}

var folder = root?.FullName ?? Environment.CurrentDirectory;
var roofline = Roofline.Measure();
Console.WriteLine(ReportText.Limits(roofline));
foreach (var missing in Engine.Missing)
{
    Console.WriteLine(missing);
}

// In this process: peers load once, and pinning it to a core pins all that is timed.
// Many short iterations: the best of them is one that no other process cut into.
var job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithWarmupCount(5)
    .WithIterationCount(31)
    .WithIterationTime(TimeInterval.FromMilliseconds(10))
    .WithMinInvokeCount(1)
    .WithUnrollFactor(1);
var config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine(folder, "artifacts", "benchmarks"));

var sections = new List<ReportSection>();
foreach (var name in options.Families)
{
    if (name == BenchmarkOptions.Generator)
    {
        sections.Add(ReportText.Generator(BenchmarkRunner.Run<GeneratorBenchmarks>(config)));
        continue;
    }

    var family = Enum.Parse<Family>(name, ignoreCase: true);
    if (!Row.Of(family).Any())
    {
        var sizes = string.Join(", ", Workload.Of(family).Select(w => w.Size));
        Console.Error.WriteLine($"No case of {name} contains '{options.Case}'; there are {sizes}.");
        return 2;
    }

    double difference;
    try
    {
        difference = Verification.Compare(family);
    }
    catch (InvalidOperationException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }

    Console.WriteLine($"{name}: all outputs agree within {difference:0.0E+0}");
    var summary = BenchmarkRunner.Run(family switch
    {
        Family.Step => typeof(StepBenchmarks),
        Family.Run => typeof(RunBenchmarks),
        Family.Batch => typeof(BatchBenchmarks),
        _ => typeof(TrainBenchmarks),
    }, config);
    if (summary.Reports.FirstOrDefault(r => !r.Success) is { } failed)
    {
        Console.Error.WriteLine($"{failed.BenchmarkCase.DisplayInfo} failed; its messages are above, and no report was written.");
        return 1;
    }

    sections.Add(ReportText.Layers(family, summary, roofline, difference));
}

foreach (var section in sections)
{
    Console.WriteLine(section.Text);
}

if (options.Report is not null || options.Case.Length == 0)
{
    var path = options.Report ?? Path.Combine(folder, "docs", "benchmarks.md");
    Report.Update(path, sections);
    Console.WriteLine($"Written: {path}");
}

return 0;
