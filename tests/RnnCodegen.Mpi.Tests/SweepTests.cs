using RnnCodegen.Tests.Training;
using Xunit;

namespace RnnCodegen.Ranks.Tests;

public sealed class SweepTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<(string, int)> _trained = [];

    private string Study => _folder.File("study.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Threads_do_every_task_once_and_a_second_start_does_none(int threads)
    {
        var results = Create().Run(Study, SweepWorker.OnThreads(threads));
        Assert.Equal(6, results.Count);
        Assert.Equal(6, _trained.Distinct().Count());
        Assert.Empty(Create().Run(Study, SweepWorker.OnThreads(threads)));
        Assert.Equal(6, _trained.Count);
        Assert.Equal(6, File.ReadAllLines(Study).Length);
        var merged = Sweep.Merge(Study);
        Assert.Equal([("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2)], merged.Select(r => (r.Setting, r.Seed)));
        Assert.Equal(2.5, merged[3]["value"]);
        Assert.True(double.IsNaN(merged[3]["none"]));
    }

    [Fact]
    public void Ranks_share_the_tasks_and_merge_joins_their_files()
    {
        ThreadGroup.Run(4, world => Create().Run(Study, SweepWorker.OnRank(world)).Count);
        Assert.False(File.Exists(Study));
        Assert.Equal(4, Directory.GetFiles(_folder.Path).Length);
        Assert.Equal(6, _trained.Distinct().Count());
        Assert.Equal(6, _trained.Count);
        Assert.Equal(6, Sweep.Merge(Study).Count);
        Assert.Equal(6, File.ReadAllLines(Study).Length);

        // On another number of workers, what is done is still done.
        Assert.Empty(Create().Run(Study, new SweepWorker(0, 2, 1)));
    }

    [Fact]
    public void A_line_that_was_cut_off_and_a_task_that_failed_are_done_again()
    {
        var fails = true;
        IReadOnlyList<MetricValue> Train(string setting, int seed) => setting == "b" && fails
            ? throw new InvalidOperationException("not today")
            : [new("value", seed)];
        var results = new Sweep<string>(["a", "b"], [1], Train).Run(Study, SweepWorker.OnThreads(1));
        Assert.Equal("InvalidOperationException: not today", results.Single(r => r.Setting == "b").Error);
        File.AppendAllText(Study, "{\"setting\":\"c\",\"se");
        fails = false;
        Assert.Equal(["b", "c"],
            new Sweep<string>(["a", "b", "c"], [1], Train).Run(Study, SweepWorker.OnThreads(1)).Select(r => r.Setting).Order());
        var merged = Sweep.Merge(Study);
        Assert.Equal(["a", "b", "c"], merged.Select(r => r.Setting));
        Assert.All(merged, r => Assert.Null(r.Error));
    }

    [Fact]
    public void A_file_that_is_something_else_is_refused_by_line()
    {
        File.WriteAllText(Study, "{\"setting\":\"a\",\"seed\":1,\"values\":{},\"seconds\":1}\n{\"epoch\":3}\n");
        var error = Assert.Throws<InvalidDataException>(() => Create().Run(Study, SweepWorker.OnThreads()));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Sweep.Merge(_folder.File("other.jsonl")));
    }

    [Fact]
    public void Settings_that_could_not_be_told_apart_are_refused() =>
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => new Sweep<string>(["a", "a"], [1], (_, _) => [])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=6 SLURM_ARRAY_TASK_COUNT=4", null, 2, 4)]
    [InlineData("SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=4 SLURM_ARRAY_TASK_COUNT=3",
        null, 2, 3)]
    [InlineData("JOB_COMPLETION_INDEX=7", 8, 7, 8)]
    public void A_job_of_an_array_finds_its_part(string environment, int? count, int index, int of) =>
        Assert.Equal(new SweepWorker(index, of, 1), SweepWorker.OnJobArray(Variables(environment), count, 1));

    [Theory]
    [InlineData("JOB_COMPLETION_INDEX=7", null)]
    [InlineData("JOB_COMPLETION_INDEX=7", 7)]
    [InlineData("SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=3", null)]
    public void An_array_whose_size_is_not_known_or_has_gaps_is_refused(string environment, int? count) =>
        Assert.Throws<ArgumentException>(() => SweepWorker.OnJobArray(Variables(environment), count, 1));

    [Fact]
    public void A_process_of_no_array_is_told_so() => Assert.Null(SweepWorker.OnJobArray(_ => null, 3, 1));

    private Sweep<string> Create() => new(["a", "b", "c"], [1, 2], (setting, seed) =>
    {
        lock (_trained)
        {
            _trained.Add((setting, seed));
        }

        return [new("value", seed + 0.5), new("none", double.NaN)];
    });

    private static Func<string, string?> Variables(string text)
    {
        var pairs = text.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => pairs.GetValueOrDefault(name);
    }
}
