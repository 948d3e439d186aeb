using RnnCodegen.Benchmarks.Engines;

namespace RnnCodegen.Benchmarks;

/// <summary>What a target measures.</summary>
/// <param name="Name">What is divided by what.</param>
/// <param name="Value">The measure in a case; null where it was not timed.</param>
/// <param name="Show">Its text.</param>
internal sealed record Measure(string Name, Func<FamilyResult, Workload, double?> Value, Func<double, string> Show)
{
    /// <summary>The share of the bound.</summary>
    public static Measure OfBound { get; } = new("bound / ours", (result, w) => result.Roofline.Bound(w).Seconds / result.Own(w),
        ReportSection.Percent);

    /// <summary>The share of the peak rate of multiply-adds.</summary>
    public static Measure OfPeak { get; } = new("share of peak multiply-adds",
        (result, w) => w.Flops / result.Roofline.Peak / result.Own(w), ReportSection.Percent);

    /// <summary>How many times ours the best of some peers takes; null where one of them was not timed.</summary>
    public static Measure Peers(params string[] names) => new(
        $"{string.Join(" or ", names)} / ours",
        (result, w) => names.Min(name => Seconds(result, w, name) ?? double.NaN) is var best && double.IsNaN(best)
            ? null
            : best / result.Own(w),
        ReportSection.Ratio);

    /// <summary>How many times faster our code is where it is asked to compute otherwise.</summary>
    public static Measure Variant(OwnVariant variant) => new(
        $"ours / ours, {variant.Name}", (result, w) => result.Own(w) / Seconds(result, w, variant.Name), ReportSection.Ratio);

    private static double? Seconds(FamilyResult result, Workload workload, string name) =>
        result.Others.FirstOrDefault(e => e.Name == name) is { } engine ? result.Seconds(workload, engine) : null;
}

/// <summary>What a case should reach.</summary>
internal sealed record Target(Family Family, Workload Workload, Measure Measure, double AtLeast);

/// <summary>All targets, one table.</summary>
internal static class Targets
{
    private static readonly Measure OnnxRuntime = Measure.Peers(Engine.OnnxRuntime);
    private static readonly Measure TorchSharp = Measure.Peers(Engine.TorchSharp);
    private static readonly Measure BothPeers = Measure.Peers(Engine.OnnxRuntime, Engine.TorchSharp);

    /// <summary>For one thread, single precision and 512-bit vectors.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        .. Each(Family.Step, Cell.Lstm, Family.Sizes.Streams, OnnxRuntime, 80, 45, 13, 3.8, 1.6),
        .. Each(Family.Step, Cell.Lstm, Family.Sizes.Streams, Measure.OfBound, 0.6, 0.65, 0.75, 0.8, 0.8),
        .. Each(Family.Run, Cell.Lstm, Family.Sizes.Streams, OnnxRuntime, 4, 3.5, 2.2, 1.4, 1.3),
        .. Each(Family.Batch, Cell.Lstm, Family.Sizes.From128, BothPeers, 1.3, 1.3, 1.3, 1.1),
        .. Each(Family.Batch, Cell.Lstm, Family.Sizes.From128, Measure.OfPeak, 0.85, 0.85, 0.85, 0.85),
        .. Each(Family.Train, Cell.Lstm, Family.Sizes.Batches, TorchSharp, 3, 1.4, 1.4, 1.3, 1.4),
        .. Each(Family.Train, Cell.Lstm, Family.Sizes.From128, Measure.OfPeak, 0.8, 0.8, 0.8, 0.8),
        .. Each(Family.Train, Cell.Gru, Family.Sizes.Batches, TorchSharp, 3, 3, 3, 3, 2.6),
        .. Each(Family.Threads, Cell.Lstm, Family.Sizes.From128, Measure.Variant(OwnVariant.TwoThreads), 1.8, 1.8, 1.8, 1.8),
        .. Each(Family.Threads, Cell.Gru, Family.Sizes.From128, Measure.Variant(OwnVariant.TwoThreads), 1.8, 1.8, 1.8, 1.8),
        .. Each(Family.Formats, Cell.Lstm, Family.Sizes.Formats, Measure.Variant(OwnVariant.BFloat16), 1.6, 1.6, 2.5),
        .. Each(Family.Formats, Cell.Lstm, Family.Sizes.Formats[1..], Measure.Variant(OwnVariant.Int8), 3, 3),
        .. Each(Family.Small, Cell.Lstm, Family.Sizes.Small, TorchSharp, 8, 8),
        .. Each(Family.Small, Cell.Gru, Family.Sizes.Small, TorchSharp, 8, 8),
    ];

    private static IEnumerable<Target> Each(Family family, Cell cell, (int Inputs, int Units)[] sizes, Measure measure,
        params double[] atLeast) =>
            sizes.Zip(atLeast, (size, least) => new Target(family, family.Case(cell, size), measure, least));
}
