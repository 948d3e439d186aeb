using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Samples;

/// <summary>One figure of a run, as text.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Value">Its value.</param>
/// <param name="Baseline">What stands beside it.</param>
/// <param name="Bar">The published value to reach.</param>
/// <param name="Met">Whether it was reached.</param>
public sealed record SampleScore(string Metric, string Value, string? Baseline, string? Bar, bool? Met);

/// <summary>What a recorded run measured: a file in samples/results.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Data">The data set it was given; null for what ships with it.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Machine">On what.</param>
/// <param name="Scores">Its figures.</param>
public sealed record SampleResult(
    string Sample, string? Data, int Seed, double Seconds, string Machine, IReadOnlyList<SampleScore> Scores)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>This process' machine in words.</summary>
    public static string ThisMachine
    {
        get
        {
            var width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
            var cores = Environment.ProcessorCount;
            return $"{RuntimeInformation.OSArchitecture}, vectors of {width} bits, {cores} core{(cores == 1 ? "" : "s")}";
        }
    }

    /// <summary>The command that makes this result, from the root of the repository.</summary>
    public string Command =>
        $"dotnet run -c Release --project samples/{Sample}{(Data is null ? "" : $" -- --data {Data}")}";

    /// <summary>Writes samples/results of the repository that the working folder is in.</summary>
    public void Save() => File.WriteAllText(
        Path.Combine(ResultFolder(Environment.CurrentDirectory), $"{Sample}{(Data is null ? "" : $".{Data}")}.json"),
        JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>All recorded results, by sample, what ships first.</summary>
    public static IReadOnlyList<SampleResult> ReadAll(string folder) =>
    [
        .. from path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
           let result = JsonSerializer.Deserialize<SampleResult>(File.ReadAllText(path), Format)!
           orderby result.Sample, result.Data
           select result,
    ];

    /// <summary>The results as a table in Markdown, one row a figure.</summary>
    public static string Table(IEnumerable<SampleResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var lines = new List<string>
        {
            "| command | time, s | measured | value | beside it | bar | |", "|---|---|---|---|---|---|---|",
        };
        foreach (var result in results)
        {
            lines.AddRange(result.Scores.Select((score, index) =>
                (index == 0 ? $"| `{result.Command}` | {result.Seconds} " : "| | ")
                + $"| {score.Metric} | {score.Value} | {score.Baseline} | {score.Bar} "
                + $"| {score.Met switch { null => "", true => "met", false => "missed" }} |"));
        }

        var machines = results.Select(result => result.Machine).Distinct().ToArray();
        lines.AddRange(["", $"Measured on: {string.Join("; ", machines)}. Each run used one core unless its sample says otherwise."]);
        return string.Join('\n', lines);
    }

    /// <summary>The folder samples/results of the repository around a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is not in a copy of the repository.</exception>
    public static string ResultFolder(string inside)
    {
        for (var folder = new DirectoryInfo(inside); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RnnCodegen.sln")))
            {
                return Directory.CreateDirectory(Path.Combine(folder.FullName, "samples", "results")).FullName;
            }
        }

        throw new DirectoryNotFoundException(
            $"'{inside}' is not in a copy of the repository, so there is no samples/results to record in.");
    }
}
