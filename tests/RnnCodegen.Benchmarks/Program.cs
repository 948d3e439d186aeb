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
var report = options.Report ?? Path.Combine(folder, "docs", "benchmarks.md");
IReadOnlyList<CodeSize> sizes = options.Families.Contains(BenchmarkOptions.Generator) ? CodeSizes.Measure(typeof(CodeSizes).Assembly) : [];
var roofline = Roofline.Measure();
Console.WriteLine(FamilyText.Limits(roofline));
foreach (var missing in Engine.Missing)
{
    Console.WriteLine(missing);
}

// In this process: peers load once, and pinning it to a core pins all that is timed.
// Many short iterations: the best of them is one that no other process cut into.
var job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithWarmupCount(5)
    .WithIterationCount(93)
    .WithIterationTime(TimeInterval.FromMilliseconds(10))
    .WithMinInvokeCount(1)
    .WithUnrollFactor(1);
var config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine(folder, "artifacts", "benchmarks"));

var results = new List<FamilyResult>();
var sections = new List<ReportSection>();
foreach (var name in options.Families)
{
    if (name == BenchmarkOptions.Generator)
    {
        sections.Add(GeneratorText.Create(BenchmarkRunner.Run<GeneratorBenchmarks>(config), sizes));
        continue;
    }

    if (name == BenchmarkOptions.Trained)
    {
#if PEERS
        (OnnxTrainedBenchmarks.All, var absent) = TrainedModel.Find(Environment.GetEnvironmentVariable("RNNCODEGEN_DATA"));
        if (OnnxTrainedBenchmarks.All.Count > 0)
        {
            sections.Add(OnnxTrainedBenchmarks.Text(BenchmarkRunner.Run<OnnxTrainedBenchmarks>(config), absent));
            continue;
        }
#endif
        Console.WriteLine($"The family {name} needs -p:Peers=true, and RNNCODEGEN_DATA to name the folder of trained models.");
        continue;
    }

    if (name == BenchmarkOptions.Silence)
    {
        sections.Add(SilenceText.Create(BenchmarkRunner.Run<SilenceBenchmarks>(config)));
        continue;
    }

    if (name == BenchmarkOptions.Cost)
    {
        // Cycles are counted at the peak's rate, and what is measured beside them may meet a better moment than one measurement of it.
        for (var again = 0; again < 4; again++)
        {
            roofline.MeasureAgain();
        }

        sections.Add(CostText.Create(roofline));
        continue;
    }

    if (name == BenchmarkOptions.Load)
    {
        sections.Add(LoadText.Create(BenchmarkRunner.Run<LoadBenchmarks>(config)));
        continue;
    }

    if (name == BenchmarkOptions.Curves)
    {
        if (Engine.Peers.FirstOrDefault(e => e.Name == Engine.TorchSharp) is not { } peer)
        {
            var needs = $"The family {name} needs {Engine.TorchSharp}. {string.Join(' ', Engine.Missing)}";
            if (options.Families != BenchmarkOptions.AllFamilies)
            {
                Console.Error.WriteLine(needs);
                return 2;
            }

            Console.WriteLine(needs);
            continue;
        }

        try
        {
            sections.Add(CurvesText.Create([.. LearningCurve.Workloads.Select(w => LearningCurve.Measure(w, peer))], peer.Name));
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }

        continue;
    }

    var family = Family.Current = Family.All.First(f => f.Name == name);
    if (family.Cores > Environment.ProcessorCount)
    {
        var needs = $"The family {name} needs {family.Cores} cores, and this process has {Environment.ProcessorCount}: run it " +
            "without pinning.";
        if (options.Families != BenchmarkOptions.AllFamilies)
        {
            Console.Error.WriteLine(needs);
            return 2;
        }

        Console.WriteLine(needs);
        continue;
    }

    if (!family.Rows.Any())
    {
        Console.Error.WriteLine(
            $"No case of {name} contains '{options.Case}'; there are {string.Join(", ", family.Workloads.Select(w => w.Name))}.");
        return 2;
    }

    Dictionary<(Workload Workload, Engine Engine), double> differences;
    try
    {
        differences = Verification.Compare(family);
    }
    catch (InvalidOperationException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }

    Console.WriteLine($"{name}: all results agree within {differences.Values.Max():0.0E+0}");
    var summary = BenchmarkRunner.Run<CallBenchmarks>(config);
    if (summary.Reports.FirstOrDefault(r => !r.Success) is { } failed)
    {
        Console.Error.WriteLine($"{failed.BenchmarkCase.DisplayInfo} failed; its messages are above, and no report was written.");
        return 1;
    }

    foreach (var workload in family.Workloads)
    {
        roofline.Bound(workload);
    }

    roofline.MeasureAgain();
    var result = new FamilyResult(family, roofline, summary, differences);
    results.Add(result);
    sections.Add(family == Family.Scaling ? ScalingText.Create(result) : FamilyText.Create(result));
}

if (results.Count > 0)
{
    sections.Insert(0, TargetsText.Create(results, Report.Section(report, TargetsText.Name)));
}

foreach (var section in sections)
{
    Console.WriteLine(section.Text);
}

if (options.Report is not null || options.Case.Length == 0)
{
    Report.Update(report, sections);
    Console.WriteLine($"Written: {report}");
}

return 0;
