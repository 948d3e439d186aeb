using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>The table of targets: what was measured, from the families of this run, and from the report for the others.</summary>
internal static class TargetsText
{
    /// <summary>The section's name.</summary>
    public const string Name = "targets";

    private const string NotMeasured = "- | - |";

    /// <summary>The section.</summary>
    /// <param name="results">The families of this run.</param>
    /// <param name="old">The section as the report has it; empty where it has none.</param>
    public static ReportSection Create(IReadOnlyList<FamilyResult> results, string old)
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine($"## Targets{(Suffix.Length == 0 ? string.Empty : $" ({Roofline.VectorBits}-bit vectors)")}").AppendLine();
        text.AppendLine("What the project sets itself, one thread unless a row says otherwise; each is measured in its section.")
            .AppendLine();
        text.AppendLine(Head(["section", "case", "what", "target", "measured", "met"]));
        foreach (var target in Targets.All)
        {
            var measure = target.Measure;
            var row = $"{Line([target.Family.Name, target.Family.Label(target.Workload), measure.Name, measure.Show(target.AtLeast)])} ";
            var value = results.FirstOrDefault(r => r.Family == target.Family) is { } result
                ? measure.Value(result, target.Workload)
                : null;
            text.Append(row)
                .AppendLine(value is { } measured
                    ? $"{measure.Show(measured)} | {(measured >= target.AtLeast ? "yes" : "**missed**")} |"
                    : Old(old, row));
        }

        return new ReportSection(Name, text.ToString());
    }

    private static string Old(string old, string row) =>
        old.Split('\n').FirstOrDefault(line => line.StartsWith(row, StringComparison.Ordinal)) is { } line
            ? line[row.Length..].Trim()
            : NotMeasured;
}
