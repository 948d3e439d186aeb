using System.CommandLine;
using LstmVsGru;
using RnnCodegen;
using Samples;
using Spectre.Console;

// Elman, LSTM, GRU and minGRU on the same problems: learning rates are tuned, then each is trained with several seeds, then a report is
// written. Every training is a line of a file: started again, the program does what is missing. Trainings spread over threads of this
// machine, over ranks (mpirun -n 8 dotnet LstmVsGru.dll) or over the jobs of an array, which run a part at a time (--part).
var full = new Option<bool>("--full") { Description = "The whole study, half an hour of one core, in place of the quick one." };
var data = new Option<string?>("--data")
{
    Description = "Folder with the data sets sentiment-dev and tinyshakespeare, in place of texts that ship.",
};
var folder = new Option<string?>("--out") { Description = "Folder of results and report; artifacts/lstmvsgru/quick or full unless given." };
var seeds = new Option<int?>("--seeds") { Description = "Seeds of each comparison; 2, or 5 of the full study." };
var only = new Option<string?>("--only") { Description = "Only problems whose name has these words, e.g. copying." };
var part = new Option<string?>("--part") { Description = "One part only: tune, compare or report. A part needs the ones before." };
part.AcceptOnlyFromAmong("tune", "compare", "report");
var jobs = new Option<int?>("--jobs") { Description = "Jobs of the array, where its scheduler does not say (Kubernetes)." };
var threads = new Option<int>("--threads") { Description = "Trainings at the same time; one a processor unless given." };
var report = new Option<string?>("--report") { Description = "Path of the report in Markdown; report.md of the folder unless given." };
var root = new RootCommand("Compares LSTM, GRU, Elman and minGRU.") { full, data, folder, seeds, only, part, jobs, threads, report };
root.SetAction(parsed =>
{
    var isFull = parsed.GetValue(full);
    var dataFolder = parsed.GetValue(data) is { } named ? SampleData.Folder(named) : null;
    var problems = isFull ? Curriculum.Full(dataFolder) : Curriculum.Quick(dataFolder);
    problems = [.. problems.Where(problem => problem.Name.Contains(parsed.GetValue(only) ?? "", StringComparison.OrdinalIgnoreCase))];
    var study = new Study(
        problems,
        isFull ? [3e-3, 1e-2, 3e-2] : [3e-3, 1e-2],
        [.. Enumerable.Range(1, parsed.GetValue(seeds) ?? (isFull ? 5 : 2))],
        BothSizes: isFull,
        Path.GetFullPath(parsed.GetValue(folder) ?? Path.Combine("artifacts", "lstmvsgru", isFull ? "full" : "quick")));
    using var world = Mpi.TryStart(out _);
    var worker = world.Size > 1
        ? SweepWorker.OnRank(world)
        : SweepWorker.OnJobArray(parsed.GetValue(jobs)) ?? SweepWorker.OnThreads(parsed.GetValue(threads));
    var parts = parsed.GetValue(part) is { } one ? [one] : new[] { "tune", "compare", "report" };
    if (parts.Length > 1 && world.Size == 1 && worker.Count > 1)
    {
        AnsiConsole.MarkupLine("[red]The jobs of an array do not wait for each other: give them a part at a time, --part tune first.[/]");
        return 1;
    }

    if (parts.Contains("tune"))
    {
        StudyProgress.Run("tuning", study.Tune(), study.Tuning, worker);
        world.AllReduceSum(new float[1]);                                       // all ranks' results are there
    }

    if (parts.Contains("compare"))
    {
        StudyProgress.Run("comparing", study.Compare(), study.Comparison, worker);
        world.AllReduceSum(new float[1]);
    }

    if (parts.Contains("report") && world.Rank == 0)
    {
        var markdown = parsed.GetValue(report) ?? Path.Combine(study.Folder, "report.md");
        string[] used = [.. isFull ? ["--full"] : Array.Empty<string>(), .. dataFolder is null ? Array.Empty<string>() : ["--data DATA"]];
        var command = $"dotnet run -c Release --project samples/LstmVsGru{(used.Length == 0 ? "" : $" -- {string.Join(' ', used)}")}";
        var costs = Contender.OfCosts().Select(Cost.Of).ToArray();
        Console.WriteLine($"report: {StudyReport.Write(study, costs, command, markdown)}, {markdown}");
    }

    return 0;
});
return root.Parse(args).Invoke();
