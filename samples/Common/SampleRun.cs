using System.CommandLine;

namespace Samples;

/// <summary>One run of a sample: its options, and what it measured.</summary>
public sealed class SampleRun
{
    private readonly ParseResult _parsed;
    private readonly string _output;
    private readonly List<SampleScore> _scores = [];

    internal SampleRun(ParseResult parsed, string output) => (_parsed, _output) = (parsed, output);

    /// <summary>Folder of the data set that was asked for; null for what ships with the sample.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Whether to train for seconds only.</summary>
    public bool IsShort { get; init; }

    /// <summary>Seed of all random numbers.</summary>
    public int Seed { get; init; }

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<SampleScore> Scores => _scores;

    /// <summary>The value of an option that the sample added.</summary>
    public T? Value<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>Path of a file to write.</summary>
    public string File(string name) => Path.Combine(_output, name);

    /// <summary>Adds a figure to the table that is printed at the end.</summary>
    /// <param name="metric">What was measured, on what, e.g. <c>accuracy, speakers kept apart</c>.</param>
    /// <param name="value">The value as text, e.g. <c>96.3 %</c>.</param>
    /// <param name="baseline">What stands beside it, e.g. <c>repeat last: 1.29</c>.</param>
    /// <param name="bar">The published value to reach, e.g. <c>&gt;= 95 %</c>.</param>
    /// <param name="met">Whether it was reached; null where there is no bar, or a short run or other data cannot reach it.</param>
    public void Score(string metric, string value, string? baseline = null, string? bar = null, bool? met = null) =>
        _scores.Add(new(metric, value, baseline, bar, met));
}
