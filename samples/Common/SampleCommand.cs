using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;

namespace Samples;

/// <summary>
/// A sample's command line: <c>--data</c> for a public data set in place of what ships with the sample, <c>--short</c> for a run of
/// seconds, <c>--seed</c>, <c>--out</c>, and options of its own.
/// </summary>
public sealed class SampleCommand
{
    private readonly string _name;
    private readonly RootCommand _root;
    private readonly Option<string?> _data;
    private readonly Option<bool> _short = new("--short") { Description = "Stop after a few seconds of training: the figures are worse." };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random numbers.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _out = new("--out") { Description = "Folder of what is written; artifacts/NAME unless given." };
    private readonly Option<bool> _record = new("--record") { Description = "Keep the figures in samples/results, for samples/README.md." };

    /// <summary>A sample.</summary>
    /// <param name="name">The project's name.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="data">What <c>--data</c> takes: the name of a data set's folder, and where it comes from.</param>
    public SampleCommand(string name, string description, string data)
    {
        _name = name;
        _data = new("--data") { Description = data };
        _root = new(description) { _data, _short, _seed, _out, _record };
    }

    /// <summary>Adds an option of the sample's own; <see cref="SampleRun.Value"/> reads it.</summary>
    public SampleCommand Add(Option option)
    {
        _root.Add(option);
        return this;
    }

    /// <summary>Parses the arguments, runs the sample, and prints its scores as a table.</summary>
    /// <returns>The process' exit code: 1 where a score that has to be reached was not, or the arguments or data cannot be used.</returns>
    public int Run(string[] arguments, Action<SampleRun> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _root.SetAction(parsed =>
        {
            try
            {
                var data = parsed.GetValue(_data) is { } named ? SampleData.Folder(named) : null;
                var output = parsed.GetValue(_out) ?? Path.Combine("artifacts", _name.ToLowerInvariant());
                var run = new SampleRun(parsed, Directory.CreateDirectory(output).FullName)
                {
                    DataFolder = data, IsShort = parsed.GetValue(_short), Seed = parsed.GetValue(_seed),
                };
                var watch = Stopwatch.StartNew();
                body(run);
                Finish(run, parsed.GetValue(_record), watch.Elapsed);
                return run.Scores.All(score => score.Met != false) ? 0 : 1;
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException)
            {
                AnsiConsole.MarkupLine($"[red]{Markup.Escape(exception.Message)}[/]");
                return 1;
            }
        });
        return _root.Parse(arguments).Invoke();
    }

    private void Finish(SampleRun run, bool isRecorded, TimeSpan elapsed)
    {
        var table = new Table().RoundedBorder().AddColumns("measured", "value", "beside it", "bar", "");
        foreach (var score in run.Scores)
        {
            table.AddRow(
                Markup.Escape(score.Metric), Markup.Escape(score.Value),
                Markup.Escape(score.Baseline ?? ""), Markup.Escape(score.Bar ?? ""),
                score.Met switch { null => "", true => "[green]met[/]", false => "[red]missed[/]" });
        }

        AnsiConsole.Write(table);
        if (isRecorded)
        {
            var set = run.DataFolder is { } folder ? Path.GetFileName(folder) : null;
            new SampleResult(_name, set, run.Seed, Math.Round(elapsed.TotalSeconds), SampleResult.ThisMachine, [.. run.Scores]).Save();
        }
    }
}
