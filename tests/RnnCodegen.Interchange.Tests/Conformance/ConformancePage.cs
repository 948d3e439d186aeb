using System.Globalization;
using System.Text;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>docs/conformance.md, as a run makes it.</summary>
internal static class ConformancePage
{
    /// <summary>The column of both tables whose last digits differ from machine to machine.</summary>
    private const int DifferenceColumn = 4;

    private const string Introduction =
        """
        # Conformance

        What others computed, computed here: test cases of other projects and trained models with published outputs, as descriptions
        ([interchange.md](interchange.md)) that become generated code. The test run of `tests/RnnCodegen.Interchange.Tests` makes this page and fails
        where it no longer says what the run found; the differences alone are not compared, because they depend on the machine.

        Each case runs at all four SIMD widths, by `Run` and, where the model streams, by `Step`. The difference is the largest over all values of
        |computed - published| / max(1, |published|): absolute up to 1, relative above. The published files are not part of this repository; where the
        tests do not find them, they are skipped and say so.


        """;

    private const string WholeIntroduction =
        """

        ## Whole models

        Trained models as their files have them: one command reads each, and what it reads is run from the file's inputs to its outputs, at all widths
        and step by step where it streams, against what the file's own framework gave.

        | model | `rnncodegen` | what is in it | tolerance | largest difference | notes |
        |---|---|---|---|---|---|

        """;

    private const string TrapsIntroduction =
        """

        ## What would go wrong silently

        A reading that swaps gates or moves a bias still gives numbers. Each row reads a model above in a wrong way that the frameworks' differences invite,
        and the run requires the difference to be at least a hundred times the tolerance: so the table above could not have passed by chance.

        | what is read wrong | source | case | difference at least | difference | tolerance |
        |---|---|---|---|---|---|

        """;

    public static string Render(ConformanceRun run)
    {
        var text = new StringBuilder(Introduction);
        text.Append(
            "| source | cases or model | passed | tolerance | largest difference | what would show | notes " +
            "|\n|---|---|---|---|---|---|---|\n");
        foreach (var group in ConformanceSuite.Groups)
        {
            AppendGroup(text, group, run);
        }

        text.Append(WholeIntroduction);
        foreach (var (group, command) in WholeModels.All)
        {
            var difference = group.Cases.Max(c => run[c].Largest);
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {group.Source}: {group.Name} | `{command}` | {group.Covers} | {Digit(group.Tolerance)} | {Digit(difference)} | " +
                $"{group.Notes} |\n");
        }

        text.Append(TrapsIntroduction);
        foreach (var trap in Traps.All)
        {
            var difference = run[trap.Wrong].Largest;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {trap.Name} | {trap.Group.Source} | {trap.Right.Name} | {Digit(trap.AtLeast)} | {Digit(difference)} | " +
                $"{Digit(trap.Group.Tolerance)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The page with nothing in the columns of differences.</summary>
    public static string WithoutDifferences(string page) => string.Join('\n', page.Split('\n').Select(line =>
    {
        var cells = line.Split('|');
        if (line.StartsWith("| ", StringComparison.Ordinal) && cells.Length > DifferenceColumn + 2)
        {
            cells[DifferenceColumn + 1] = "";
        }

        return string.Join('|', cells);
    }));

    private static void AppendGroup(StringBuilder text, ConformanceGroup group, ConformanceRun run)
    {
        ConformanceCase[] ran = [.. group.Cases.Where(c => c.Reason is null)];
        var passed = group.Cases.Count == 0 ? "none" : $"{ran.Count(c => run[c].Largest <= group.Tolerance)} of {group.Cases.Count}";
        string[] reasons = [.. group.Cases.Where(c => c.Reason is not null).Select(c => $"{c.Name}: {c.Reason}")];
        var notes = string.Join(" ", reasons.Prepend(group.Notes).Where(note => note.Length > 0));
        var (tolerance, largest) = ran.Length == 0 ? ("", "") : (Digit(group.Tolerance), Digit(ran.Max(c => run[c].Largest)));
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {group.Source} | {group.Name} | {passed} | {tolerance} | {largest} | {group.Covers} | {notes} |\n");
    }

    private static string Digit(double value) => value == 0 ? "0" : value.ToString("0.#e-0", CultureInfo.InvariantCulture);
}
