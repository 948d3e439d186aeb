using System.Collections.Concurrent;
using RnnCodegen.Kernels;

namespace RnnCodegen.Interchange.Tests.Conformance;

/// <summary>What became of a case at all widths.</summary>
/// <param name="Largest">Largest difference; infinite where something failed.</param>
/// <param name="Failure">What went wrong, where something did.</param>
internal sealed record Outcome(double Largest, string? Failure);

/// <summary>All cases and traps, compiled once and run once at every SIMD width; the tests read the outcomes.</summary>
internal sealed class ConformanceRun
{
    private static readonly Lazy<ConformanceRun> s_shared = new(() => new());

    private readonly ConcurrentDictionary<ConformanceCase, Outcome> _outcomes = new();

    private ConformanceRun()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        ConformanceCase[] cases = [.. ConformanceSuite.Groups.SelectMany(group => group.Cases), .. Traps.All.Select(trap => trap.Wrong)];
        Parallel.ForEach(cases, Build);
        ConformanceCase[] built = [.. cases.Where(c => !_outcomes.ContainsKey(c))];
        Console.Error.WriteLine($"built {clock.Elapsed}");
        var models = ModelClasses.Compile(built.SelectMany(c => c.Models));
        Console.Error.WriteLine($"compiled {models.Count} {clock.Elapsed}");
        Parallel.ForEach(built, c => _outcomes[c] = Try(c, models));
        Console.Error.WriteLine($"run {clock.Elapsed}");
    }

    public static ConformanceRun Shared => s_shared.Value;

    public Outcome this[ConformanceCase @case] => _outcomes[@case];

    private void Build(ConformanceCase @case)
    {
        try
        {
            if (@case.Models.Any(m => m.Layers.Any(l => l.Options is null))) throw new InvalidOperationException("standin");
        }
        catch (Exception e)
        {
            _outcomes[@case] = new(double.PositiveInfinity, $"The model could not be read: {e}");
        }
    }

    private static Outcome Try(ConformanceCase @case, ModelClasses models)
    {
        var (largest, worst) = (0.0, "");
        foreach (var width in Enum.GetValues<SimdWidth>())
        {
            try
            {
                foreach (var comparison in @case.Check([.. @case.Models.Select(model => models.Engine(model, width))]))
                {
                    if (comparison.Largest >= largest)
                    {
                        (largest, worst) = (comparison.Largest, $"{comparison.What} at {width} differs by {comparison.Largest:E1} ({comparison.Actual.Length} values, expected {comparison.Expected.Length}).");
                    }
                }
            }
            catch (Exception e)
            {
                return new(double.PositiveInfinity, $"{width}: {e}");
            }
        }

        return new(largest, worst);
    }
}
