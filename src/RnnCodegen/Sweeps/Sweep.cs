using System.Diagnostics;

namespace RnnCodegen;

/// <summary>
/// The same training for each of a list of settings, with a number of seeds each. Results are lines of a file, written as they come; a
/// sweep that is started again does only what is not in it yet. It runs on threads of one machine, on the ranks of an MPI job, or as a job
/// array; see <see cref="SweepWorker"/>.
/// </summary>
/// <typeparam name="TSetting">A setting; its words (a record has good ones) name it in the results and must be unique.</typeparam>
public sealed class Sweep<TSetting>
    where TSetting : notnull
{
    private readonly (TSetting Setting, string Words, int Seed)[] _tasks;
    private readonly Func<TSetting, int, IReadOnlyList<MetricValue>> _train;

    /// <summary>A sweep.</summary>
    /// <param name="settings">The settings to try.</param>
    /// <param name="seeds">Seeds of each setting, e.g. 1 to 5.</param>
    /// <param name="train">Trains with a setting and a seed and returns what to compare; called on several threads at once where the worker
    /// has them.</param>
    /// <exception cref="ArgumentException">There is nothing to do, or two settings have the same words.</exception>
    public Sweep(IReadOnlyList<TSetting> settings, IReadOnlyList<int> seeds, Func<TSetting, int, IReadOnlyList<MetricValue>> train)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(train);
        _train = train;

        // Setting by setting within a seed, so that workers get settings of every kind.
        _tasks = [.. seeds.SelectMany(seed => settings.Select(setting => (setting, $"{setting}", seed)))];
        if (_tasks.Length == 0)
        {
            throw new ArgumentException("Give at least one setting and one seed.", nameof(settings));
        }

        var twice = _tasks.GroupBy(task => (task.Words, task.Seed)).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new ArgumentException(
                $"Setting '{twice.Key.Words}' with seed {twice.Key.Seed} is there twice; its results could not be told apart.",
                nameof(settings));
        }
    }

    /// <summary>Number of tasks.</summary>
    public int Count => _tasks.Length;

    /// <summary>
    /// Does this worker's tasks that have no result yet, in the file of any worker. A training that throws is a result with an error, which
    /// the others do not wait for, and which is tried again the next time.
    /// </summary>
    /// <param name="path">The joined file, e.g. <c>study.jsonl</c>; one of
    /// several workers writes <c>study.2-of-8.jsonl</c> beside it.</param>
    /// <param name="worker">Which tasks, and on how many threads.</param>
    /// <param name="progress">Told of each result as it comes.</param>
    /// <param name="cancellation">Begins no further task.</param>
    /// <returns>The results of this call.</returns>
    /// <exception cref="InvalidDataException">A file holds something else.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is in the file.</exception>
    public IReadOnlyList<SweepResult> Run(
        string path, SweepWorker worker, IProgress<SweepResult>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (worker.Count < 1 || worker.Index < 0 || worker.Index >= worker.Count || worker.Threads < 1)
        {
            throw new ArgumentException(
                $"There is no worker {worker.Index} of {worker.Count} with {worker.Threads} threads.", nameof(worker));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var done = SweepFile.All(path).SelectMany(SweepFile.Read).Where(r => r.Error is null).Select(r => (r.Setting, r.Seed)).ToHashSet();
        var mine = _tasks.Where((task, i) => i % worker.Count == worker.Index && !done.Contains((task.Words, task.Seed))).ToArray();
        var results = new List<SweepResult>();
        using var file = SweepFile.Append(SweepFile.Of(path, worker));
        var options = new ParallelOptions { MaxDegreeOfParallelism = worker.Threads, CancellationToken = cancellation };
        Parallel.ForEach(mine, options, task =>
        {
            var result = Train(task.Setting, task.Words, task.Seed);
            lock (results)
            {
                file.Write(SweepFile.Line(result).Span);
                results.Add(result);
                progress?.Report(result);
            }
        });
        return results;
    }

    private SweepResult Train(TSetting setting, string words, int seed)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return new SweepResult(words, seed, _train(setting, seed), clock.Elapsed.TotalSeconds, null);
        }
        catch (Exception e)
        {
            return new SweepResult(words, seed, [], clock.Elapsed.TotalSeconds, $"{e.GetType().Name}: {e.Message}");
        }
    }
}

/// <summary>Operations on the results of a <see cref="Sweep{TSetting}"/>.</summary>
public static class Sweep
{
    /// <summary>
    /// Joins the files of all workers into one, a line per task, in the order of settings and seeds; what has been joined before stays. The
    /// files stay, too.
    /// </summary>
    /// <param name="path">The joined file, as it was given to Run.</param>
    /// <returns>All results; of a task that failed and was tried again, the one that did not fail.</returns>
    /// <exception cref="FileNotFoundException">There are no results.</exception>
    /// <exception cref="InvalidDataException">A file holds something else.</exception>
    public static IReadOnlyList<SweepResult> Merge(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var files = SweepFile.All(path);
        if (files.Length == 0)
        {
            throw new FileNotFoundException(
                $"There is neither '{path}' nor a file of one of its workers ('{SweepFile.Of(path, new SweepWorker(0, 2, 1))}').", path);
        }

        var results = files.SelectMany(SweepFile.Read)
            .GroupBy(result => (result.Setting, result.Seed))
            .Select(group => group.FirstOrDefault(result => result.Error is null) ?? group.Last())
            .OrderBy(result => result.Setting, StringComparer.Ordinal).ThenBy(result => result.Seed).ToArray();
        AtomicFile.Write(path, stream =>
        {
            foreach (var result in results)
            {
                stream.Write(SweepFile.Line(result).Span);
            }
        });
        return results;
    }
}
