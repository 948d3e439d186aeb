using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.Benchmarks;

/// <summary>A part of the report.</summary>
/// <param name="Name">A family's name, or that of the table of targets.</param>
/// <param name="Text">Markdown.</param>
internal sealed record ReportSection(string Name, string Text)
{
    /// <summary>Files that the text shows, by their path from the report's folder.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// What the names of sections and files end with where the widest vectors are not of 512 bits, so that one report holds several widths.
    /// </summary>
    public static string Suffix => Roofline.VectorBits switch { 512 => string.Empty, 256 => ".avx2", var bits => $".{bits}" };

    /// <summary>Heading, machine, date and command.</summary>
    public static StringBuilder Start(string title)
    {
        var options = BenchmarkOptions.Current;
        var text = new StringBuilder();
        text.AppendLine($"## {title}{(Suffix.Length == 0 ? string.Empty : $" ({Roofline.VectorBits}-bit vectors)")}").AppendLine();
        text.Append(
            $"{Processor()}, {Cores()}; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}. " +
            $"{DateTime.UtcNow:yyyy-MM-dd}.");
        text.AppendLine(options.Note.Length > 0 ? $" **{options.Note.TrimEnd('.')}.**" : string.Empty);
        return text.AppendLine().AppendLine("```").AppendLine(Command(options)).AppendLine("```").AppendLine();
    }

    /// <summary>A line of a table.</summary>
    public static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>The two lines above a table's rows.</summary>
    public static string Head(IReadOnlyCollection<string> cells) => $"{Line(cells)}\n|{string.Concat(cells.Select(_ => "---|"))}";

    /// <summary>Three or four digits.</summary>
    public static string Number(double value) =>
        value.ToString(value < 0.1 ? "F4" : value < 10 ? "F3" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);

    /// <summary>How many times.</summary>
    public static string Ratio(double value) => value.ToString(value < 10 ? "F2" : "F0", CultureInfo.InvariantCulture) + "x";

    /// <summary>A share of 1.</summary>
    public static string Percent(double value) => (100 * value).ToString("F0", CultureInfo.InvariantCulture) + " %";

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
        var pin = BenchmarkOptions.IsPinned && OperatingSystem.IsLinux() ? "taskset -c 1 " : string.Empty;
        return $"{variables}{pin}dotnet run -c Release --project tests/RnnCodegen.Benchmarks{properties} -- {options.Selection}".TrimEnd(
            ' ', '-');
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':')[1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Cores() => BenchmarkOptions.IsPinned ? "pinned to one core" : $"{Environment.ProcessorCount} cores";
}
