using Samples;
using ScottPlot;

namespace LstmVsGru;

/// <summary>The report's pictures.</summary>
internal static class StudyPlots
{
    private static readonly string[] Cells = ["Elman", "minGRU", "LSTM", "GRU"];

    /// <summary>Scores of a family of problems over its sizes: means, and bars from the worst seed to the best.</summary>
    public static Plot Scores(IReadOnlyList<Outcome> family, string title)
    {
        var plot = new Plot();
        var sizes = family.Select(outcome => outcome.Problem.Size ?? 0).Distinct().Order().ToArray();
        foreach (var outcomes in family.GroupBy(outcome => outcome.Contender.Name))
        {
            var xs = outcomes.Select(o => (double)Array.IndexOf(sizes, o.Problem.Size ?? 0)).ToArray();
            var ys = outcomes.Select(o => o.Mean).ToArray();
            var line = Line(plot, xs, ys, outcomes.First().Contender);
            for (var i = 0; i < xs.Length; i++)
            {
                var outcome = outcomes.ElementAt(i);
                var bar = new ScottPlot.Plottables.ErrorBar(
                    [xs[i]], [ys[i]], null, null,
                    yErrorsNegative: [ys[i] - outcome.Scores.Min()], yErrorsPositive: [outcome.Scores.Max() - ys[i]]);
                bar.Color = line.Color;
                plot.Add.Plottable(bar);
            }
        }

        Pictures.Name(plot.Axes.Bottom, sizes.Select((size, index) => ((double)index, $"{size}")));
        plot.YLabel(family[0].Problem.Score);
        plot.XLabel(family[0].Problem.Family);
        return Finish(plot, title);
    }

    /// <summary>A cost over the number of units, both on logarithmic axes.</summary>
    public static Plot Costs(IReadOnlyList<Cost> costs, Func<Cost, double> value, string title, string axis)
    {
        var plot = new Plot();
        foreach (var cell in costs.GroupBy(cost => cost.Contender.Cell))
        {
            var (xs, ys) = (cell.Select(c => Math.Log2(c.Contender.Units)), cell.Select(c => Math.Log10(value(c))));
            Line(plot, [.. xs], [.. ys], cell.First().Contender, cell.Key);
        }

        Pictures.Name(plot.Axes.Bottom, costs.Select(c => c.Contender.Units).Distinct().Select(units => (Math.Log2(units), $"{units}")));
        Powers(plot, -2, 3);
        plot.YLabel(axis);
        plot.XLabel("units");
        return Finish(plot, title);
    }

    /// <summary>Norms of gradients over the number of steps they went back, on a logarithmic axis.</summary>
    public static Plot Gradients(IEnumerable<Flow> flows, string title)
    {
        var plot = new Plot();
        foreach (var (contender, _, norms) in flows)
        {
            var ys = norms.Select(norm => Math.Log10(Math.Max(norm, 1e-12))).ToArray();
            Line(plot, [.. Enumerable.Range(1, norms.Length).Select(lag => (double)lag)], ys, contender).MarkerSize = 0;
        }

        Powers(plot, -12, 3);
        plot.YLabel("relative norm");
        plot.XLabel("steps back");
        return Finish(plot, title);
    }

    private static ScottPlot.Plottables.Scatter Line(Plot plot, double[] xs, double[] ys, Contender contender, string? name = null)
    {
        var line = plot.Add.Scatter(xs, ys, Pictures.Palette[Array.IndexOf(Cells, contender.Cell)]);
        line.LegendText = name ?? contender.Name;
        line.LineWidth = 2.5f;
        line.LinePattern = contender.IsOfEqualUnits && contender.Cell != "LSTM" && name is null ? LinePattern.Dashed : LinePattern.Solid;
        line.MarkerSize = 7;
        return line;
    }

    private static void Powers(Plot plot, int from, int to) => plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
        [.. Enumerable.Range(from, to - from + 1).Select(p => new Tick(p, p is >= -2 and <= 3 ? $"{Math.Pow(10, p):G4}" : $"1e{p}"))]);

    private static Plot Finish(Plot plot, string title)
    {
        plot.ShowLegend(Edge.Right);
        Pictures.Dress(plot, title);
        return plot;
    }
}
