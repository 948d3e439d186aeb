using System.Runtime.Intrinsics.X86;
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

    /// <summary>The share of the bound of our code where it is asked to compute otherwise.</summary>
    public static Measure VariantOfBound(OwnVariant variant) => new(
        $"bound / ours, {variant.Name}", (result, w) => result.Roofline.Bound(w).Seconds / Seconds(result, w, variant.Name),
        ReportSection.Percent);

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

    /// <summary>
    /// Of the machine's bound in the same run, so that they hold on any machine and for vectors of 256 bits as for those of 512; of int8
    /// weights, for machines whose instructions multiply bytes into 32 bits and for others.
    /// </summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        .. Both(Family.Step, Family.Sizes.Streams, Measure.OfBound, 0.45, 0.6, 0.78, 0.9, 0.95),
        .. Both(Family.Run, Family.Sizes.Streams, Measure.OfBound, 0.5, 0.65, 0.8, 0.9, 0.95),
        .. Both(Family.Run, Family.Sizes.Streams, OnnxRuntime, 2.7, 2, 1.7, 1.5, 1.4),
        .. Both(Family.Batch, Family.Sizes.From128, BothPeers, 1.1, 1.1, 1.1, 1.1),
        .. Both(Family.Batch, Family.Sizes.From128, Measure.OfPeak, 0.75, 0.78, 0.86, 0.88),
        .. Each(Family.Train, Cell.Lstm, Family.Sizes.From128, TorchSharp, 1.2, 1.2, 1.2, 1.2),
        .. Each(Family.Train, Cell.Gru, Family.Sizes.From128, TorchSharp, 1.5, 1.5, 1.5, 1.5),
        .. Both(Family.Train, Family.Sizes.From128, Measure.OfPeak, 0.75, 0.78, 0.84, 0.84),
        .. Both(Family.Threads, Family.Sizes.From128, Measure.Variant(OwnVariant.TwoThreads), 1.85, 1.85, 1.85, 1.85),
        .. Both(Family.Formats, Family.Sizes.Formats, Measure.Variant(OwnVariant.BFloat16), 1.6, 1.6, 2),
        .. Both(Family.Formats, Family.Sizes.Formats[1..], Measure.Variant(OwnVariant.Int8), Int8, Int8),
        .. FastSteps(0.52, 0.65, 0.8, 0.9, 0.95),
        .. Both(Family.Small, Family.Sizes.Small, Measure.OfBound, 0.35, 0.35),
    ];

    private static double Int8 => AvxVnni.IsSupported ? 3 : 2.2;

    private static IEnumerable<Target> FastSteps(params double[] atLeast) =>
        from cell in new[] { Cell.Lstm, Cell.Gru }
        from target in Family.Sizes.Streams.Zip(atLeast)
        select new Target(
            Family.Accuracy, Family.Accuracy.Case(cell, target.First, Call.Step), Measure.VariantOfBound(OwnVariant.Fast), target.Second);

    private static IEnumerable<Target> Both(Family family, (int Inputs, int Units)[] sizes, Measure measure, params double[] atLeast) =>
        new[] { Cell.Lstm, Cell.Gru }.SelectMany(cell => Each(family, cell, sizes, measure, atLeast));

    private static IEnumerable<Target> Each(Family family, Cell cell, (int Inputs, int Units)[] sizes, Measure measure,
        params double[] atLeast) =>
            sizes.Zip(atLeast, (size, least) => new Target(family, family.Case(cell, size), measure, least));
}
