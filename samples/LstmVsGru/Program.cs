using System.Globalization;
using LstmVsGru;
using RnnCodegen;

// Is an LSTM or a GRU better at a small task, and with which learning rate? Each pair, with a few seeds, is a task of a sweep:
//   dotnet LstmVsGru.dll study.jsonl                    on threads of this machine
//   mpirun -n 8 dotnet LstmVsGru.dll study.jsonl        on eight ranks
//   sbatch --array=0-7 --wrap "dotnet LstmVsGru.dll study.jsonl"
//   dotnet LstmVsGru.dll merge study.jsonl              joins the files and prints a table
// Started again, it does what is missing.
var merges = args is ["merge", ..];
var rest = merges ? args[1..] : args;
var path = rest.Length > 0 ? rest[0] : "study.jsonl";
var seeds = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 2;
if (merges)
{
    Print(Sweep.Merge(path));
    return;
}

var sweep = new Sweep<Setting>(
    [.. from cell in new[] { "LSTM", "GRU" } from rate in new[] { 3e-3, 1e-2 } select new Setting(cell, rate)],
    [.. Enumerable.Range(1, seeds)], Train);
using var world = Mpi.TryStart(out _);

// JOBS: how many jobs an array has, where its scheduler does not say (Kubernetes).
var jobs = int.TryParse(Environment.GetEnvironmentVariable("JOBS"), out var given) ? given : (int?)null;
var worker = world.Size > 1 ? SweepWorker.OnRank(world) : SweepWorker.OnJobArray(jobs) ?? SweepWorker.OnThreads();
var results = sweep.Run(path, worker, new Line());
Console.WriteLine($"worker {worker.Index} of {worker.Count}: {results.Count} of {sweep.Count} tasks done now");
if (worker.Count == 1)
{
    Print(Sweep.Merge(path));
}

static IReadOnlyList<MetricValue> Train(Setting setting, int seed) => setting.Cell == "LSTM"
    ? TrainModel(new LstmRecall(seed), setting, seed)
    : TrainModel(new GruRecall(seed), setting, seed);

static IReadOnlyList<MetricValue> TrainModel<TModel>(TModel model, Setting setting, int seed)
    where TModel : class, IRnnModel<TModel>
{
    var accuracy = new Accuracy();
    var trainer = new Trainer<TModel>(model, Loss.CrossEntropy, new AdamW(setting.LearningRate))
    {
        Seed = seed, ClipNorm = 1, Metrics = [accuracy],
    };
    var result = trainer.Fit(Recall.Create(512, seed: 1), Recall.Create(256, seed: 2), epochs: 20);
    return [new("loss", result.ValidationLosses[^1]), .. result.Metrics];
}

static void Print(IReadOnlyList<SweepResult> results)
{
    Console.WriteLine($"{"setting",-26} {"seeds",5} {"accuracy",9} {"loss",8}");
    foreach (var group in results.GroupBy(r => r.Setting))
    {
        var good = group.Where(r => r.Error is null).ToArray();
        Console.WriteLine(good.Length == 0
            ? $"{group.Key,-26} failed: {group.First().Error}"
            : FormattableString.Invariant(
                $"{group.Key,-26} {good.Length,5} {good.Average(r => r["accuracy"]),9:P1} {good.Average(r => r["loss"]),8:F4}"));
    }
}

/// <summary>What is compared.</summary>
internal sealed record Setting(string Cell, double LearningRate)
{
    public override string ToString() => FormattableString.Invariant($"{Cell}, learning rate {LearningRate}");
}

/// <summary>Prints each result as it comes.</summary>
internal sealed class Line : IProgress<SweepResult>
{
    public void Report(SweepResult value) => Console.WriteLine(
        FormattableString.Invariant(
            $"{value.Setting} seed {value.Seed}: {value.Error ?? $"accuracy {value["accuracy"]:P1}"} in {value.Seconds:F1} s"));
}
