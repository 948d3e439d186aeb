using System.Globalization;
using RnnCodegen.Benchmarks.Engines;
using static RnnCodegen.Benchmarks.ReportSection;

namespace RnnCodegen.Benchmarks;

/// <summary>Losses of the same training beside a peer's: a plot and a table a model.</summary>
internal static class CurvesText
{
    private static readonly int[] Shown = [1, 10, 50, 100, 200];
    private static readonly double[] Ticks = [1, 2, 5, 10, 20, 50, 100, 200];

    /// <summary>The section and its plots.</summary>
    public static ReportSection Create(IReadOnlyList<LearningCurve> curves, string peer)
    {
        var files = new Dictionary<string, string>();
        var text = Start($"Losses of the same training, beside {peer}'s");
        text.AppendLine(
            $"""
            The same initial weights, the same 20 batches in the same random orders, mean squared error and AdamW with a rate of 0.001 and a
            decay of 0.01 on both sides. There is to learn the moving average of each input. Both sum in single precision and in an order of
            their own, so the losses drift apart by roundings. Wanted is a relative
            difference of {Exponent(LearningCurve.Tolerance)} at most at step {LearningCurve.AgreeingSteps}.
            """);
        foreach (var curve in curves)
        {
            var name = curve.Workload.Name;
            var file = $"images/curve-{curve.Workload.Cell.ToString().ToLowerInvariant()}{Suffix}.svg";
            files[file] = SvgPlot.Write(
                $"Training {name}",
                "step",
                "loss",
                [
                    LineOf(Engine.Own.Name, curve.Own),
                    LineOf(peer, curve.Peer) with { Style = PlotStyle.Dashed },
                    new PlotLine("relative difference", Differences(curve)) { Style = PlotStyle.Plain },
                ],
                Ticks);
            text.AppendLine().AppendLine($"![Losses of {name}]({file})").AppendLine();
            text.AppendLine(Head([$"{name}, step", Engine.Own.Name, peer, "relative difference"]));
            foreach (var step in Shown)
            {
                text.AppendLine(Line([$"{step}", Loss(curve.Own[step - 1]), Loss(curve.Peer[step - 1]), Exponent(curve.Difference(step))]));
            }

            var (first, all) = (Exponent(curve.LargestDifference(LearningCurve.AgreeingSteps)),
                Exponent(curve.LargestDifference(curve.Own.Length)));
            var isMet = curve.Difference(LearningCurve.AgreeingSteps) <= LearningCurve.Tolerance;
            text.AppendLine().AppendLine(
                $"At step {LearningCurve.AgreeingSteps} the difference is {(isMet ? "within" : "**beyond**")} what is wanted. The " +
                $"largest relative difference is {first} in the first {LearningCurve.AgreeingSteps} steps, and {all} in " +
                $"all {curve.Own.Length}.");
        }

        return new ReportSection(BenchmarkOptions.Curves, text.ToString()) { Files = files };
    }

    private static PlotLine LineOf(string name, float[] losses) =>
        new(name, [.. losses.Select((loss, k) => (k + 1.0, (double)loss))]) { Style = PlotStyle.Plain };

    // A logarithmic axis has no place for equal losses.
    private static (double X, double Y)[] Differences(LearningCurve curve) =>
        [.. Enumerable.Range(1, curve.Own.Length).Where(step => curve.Difference(step) > 0)
            .Select(step => ((double)step, curve.Difference(step)))];

    private static string Loss(float loss) => loss.ToString("F7", CultureInfo.InvariantCulture);

    private static string Exponent(double value) => value.ToString("0.0E+0", CultureInfo.InvariantCulture);
}
