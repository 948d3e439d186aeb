using System.Globalization;
using RnnCodegen.Benchmarks.Engines;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>A family's section: a row a case, ours first, then what it is compared with.</summary>
internal static class FamilyText
{
    /// <summary>One line of the machine's limits.</summary>
    public static string Limits(Roofline roofline) =>
        $"One core, {Roofline.VectorBits}-bit vectors: {roofline.Peak / 1e9:F0} GF/s; reads, GB/s: "
        + string.Join(", ", roofline.Levels.Select(l => $"{l.Name} {l.BytesPerSecond / 1e9:F0}")) + ".";

    /// <summary>The section.</summary>
    public static ReportSection Create(FamilyResult result)
    {
        var family = result.Family;
        var columns = Columns(result);
        var text = Start(family.Title);
        text.AppendLine(Limits(result.Roofline)).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Agreement(result)} Times in {family.Unit.Name}.").AppendLine();
        text.AppendLine(Head([.. columns.Select(c => c.Name)]));
        foreach (var workload in result.Workloads)
        {
            text.AppendLine(Line(columns.Select(c => c.Value(workload))));
        }

        foreach (var missing in family.OfVariants ? [] : Engine.Missing)
        {
            text.AppendLine().AppendLine(missing);
        }

        return new ReportSection(family.Name, text.ToString());
    }

    private static List<(string Name, Func<Workload, string> Value)> Columns(FamilyResult result)
    {
        var family = result.Family;
        var scale = family.Unit.PerSecond;
        string Time(Workload w, double seconds) => Number(seconds * scale / (family.PerStep ? w.StepsPerCall : 1));
        List<(string Name, Func<Workload, string> Value)> columns =
        [
            ("case", family.Label),
            (Engine.Own.Name, w => Time(w, result.Own(w)!.Value)),
        ];
        if (!family.PerStep)
        {
            columns.Add(("GF/s", w => (w.Flops / result.Own(w)!.Value / 1e9).ToString("F0", CultureInfo.InvariantCulture)));
        }

        columns.Add(("bound", w => Time(w, result.Roofline.Bound(w).Seconds) + Reads(result.Roofline, w)));
        columns.Add(("of bound", w => Percent(result.Roofline.Bound(w).Seconds / result.Own(w)!.Value)));
        foreach (var other in result.Others)
        {
            // Peers: how many times ours they take. Our own code asked to compute otherwise: how many times faster that is.
            columns.Add((other.Name, w => result.Seconds(w, other) is { } seconds
                ? $"{Time(w, seconds)} ({Ratio(other.IsOwn ? result.Own(w)!.Value / seconds : seconds / result.Own(w)!.Value)})"
                : "-"));
            if (other.IsOwn)
            {
                columns.Add(("difference", w => result.Difference(w, other).ToString("0.0E+0", CultureInfo.InvariantCulture)));
            }
        }

        return columns;
    }

    private static string Agreement(FamilyResult result) => result.Family.OfVariants
        ? "In brackets, how many times faster; *difference* is the largest to the first column's results. Two runs of each gave " +
            "the same bits."
        : FormattableString.Invariant($"Largest difference, to double precision and between engines: {result.LargestDifference:0.0E+0}.");

    private static string Reads(Roofline roofline, Workload workload)
    {
        var bytes = roofline.Bound(workload).ReadBytes;
        return bytes == 0
            ? string.Empty
            : FormattableString.Invariant($" ({bytes / 1024.0:F0} KB at {roofline.ReadRate(bytes) / 1e9:F0} GB/s)");
    }
}
