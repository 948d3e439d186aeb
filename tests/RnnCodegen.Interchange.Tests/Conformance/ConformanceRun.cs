using System.Collections.Concurrent;
using RnnCodegen.Runtime;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>What became of a case at all widths.</summary>
/// <param name="Largest">Largest difference; infinite where something failed.</param>
/// <param name="Detail">Where that difference is, or what failed.</param>
internal sealed record Outcome(double Largest, string Detail);

/// <summary>All cases and wrong readings, compiled once and run once; the tests read the outcomes.</summary>
internal sealed class ConformanceRun
{
    private static readonly Lazy<ConformanceRun> s_shared = new(() => new());

    private readonly ConcurrentDictionary<ConformanceCase, Outcome> _outcomes = new();

    private ConformanceRun()
    {
        ConformanceCase[] cases = [.. ConformanceSuite.AllGroups.SelectMany(group => group.Cases)];
        ConformanceCase[] misread = [.. Traps.All.Select(trap => trap.Wrong)];
        ConformanceCase[] built = [.. cases.Concat(misread).AsParallel().Where(CanBuild)];
        var classes = ModelClasses.Compile(built.SelectMany(c => c.Models));

        // A wrong reading is far off at any width; the narrowest vectors are in hardware nearly everywhere.
        var widths = Enum.GetValues<SimdWidth>();
        Parallel.ForEach(built, c => _outcomes[c] = Try(c, classes, misread.Contains(c) ? [SimdWidth.Vector128] : widths));
    }

    public static ConformanceRun Shared => s_shared.Value;

    public Outcome this[ConformanceCase @case] => _outcomes[@case];

    private bool CanBuild(ConformanceCase @case)
    {
        try
        {
            return @case.Models is not null;
        }
        catch (Exception e)
        {
            _outcomes[@case] = new(double.PositiveInfinity, $"The model could not be read: {e}");
            return false;
        }
    }

    private static Outcome Try(ConformanceCase @case, ModelClasses classes, SimdWidth[] widths)
    {
        var outcome = new Outcome(0, "");
        foreach (var width in widths)
        {
            try
            {
                foreach (var comparison in @case.Check([.. @case.Models.Select(model => classes.Engine(model, width))]))
                {
                    if (comparison.Largest >= outcome.Largest)
                    {
                        var counts = $"{comparison.Actual.Length} values, expected {comparison.Expected.Length}";
                        outcome = new(comparison.Largest, $"{comparison.What} at {width} differs by {comparison.Largest:E1} ({counts}).");
                    }
                }
            }
            catch (Exception e)
            {
                return new(double.PositiveInfinity, $"{width}: {e}");
            }
        }

        return outcome;
    }
}
