using ScottPlot;
using SkiaSharp;

namespace Samples;

/// <summary>How the samples' pictures look.</summary>
public static class Pictures
{
    // ScottPlot's own choice among a Linux machine's fonts is often a serif.
    private static readonly string Sans =
        new[] { "Open Sans", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Liberation Sans" }
            .FirstOrDefault(SKFontManager.Default.FontFamilies.Contains) ?? Fonts.Default;

    /// <summary>Colour of text and axes.</summary>
    public static Color Ink { get; } = Color.FromHex("#1f2933");

    /// <summary>Colours of series, in this order; the first is for what stands beside the model.</summary>
    public static IReadOnlyList<Color> Palette { get; } =
    [
        Color.FromHex("#9aa5b1"), Color.FromHex("#e2a03f"), Color.FromHex("#0b7285"), Color.FromHex("#c2410c"), Color.FromHex("#6d28d9"),
        Color.FromHex("#15803d"),
    ];

    /// <summary>Whether pictures have their text; a machine without any font draws none.</summary>
    public static bool HasText => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Title, fonts and colours of a plot whose series are in it.</summary>
    public static void Dress(Plot plot, string title)
    {
        ArgumentNullException.ThrowIfNull(plot);
        plot.Title(title);
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 22;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Axes.Left.MinimumSize = 70;
        plot.Grid.MajorLineColor = Color.FromHex("#e4e7eb");
        plot.Font.Set(Sans);
        foreach (var text in plot.GetPlottables<ScottPlot.Plottables.Text>())
        {
            text.LabelFontName = Sans;
        }

        foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.TickLabelStyle.FontSize = 16;
            axis.Label.FontSize = 17;
            axis.Label.Bold = false;
        }

        plot.Legend.FontSize = 16;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.White.WithAlpha(0.85);
    }

    /// <summary>Names the places of an axis.</summary>
    public static void Name(IAxis axis, IEnumerable<(double Position, string Text)> labels)
    {
        ArgumentNullException.ThrowIfNull(axis);
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. labels.Select(label => new Tick(label.Position, label.Text))]);
        axis.MajorTickStyle.Length = 0;
    }

    /// <summary>A matrix as colours, its first row at the top: attention weights, gates over time, a confusion matrix.</summary>
    /// <param name="values">[rows, columns].</param>
    /// <param name="rows">Names of the rows; none where empty.</param>
    /// <param name="columns">Names of the columns; none where empty.</param>
    /// <param name="text">Writes into each cell; nothing where null.</param>
    public static Plot HeatMap(
        double[,] values, IReadOnlyList<string> rows, IReadOnlyList<string> columns, string title, Func<double, string>? text = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        var plot = new Plot();
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        var (height, width) = (values.GetLength(0), values.GetLength(1));
        var middle = (values.Cast<double>().Max() + values.Cast<double>().Min()) / 2;
        for (var row = 0; text is not null && row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                var label = plot.Add.Text(text(values[row, column]), column, height - 1 - row);
                label.Alignment = Alignment.MiddleCenter;
                label.LabelFontSize = 14;
                label.LabelFontColor = values[row, column] > middle ? Ink : Colors.White;
            }
        }

        Name(plot.Axes.Left, rows.Select((name, index) => (height - 1.0 - index, name)));
        Name(plot.Axes.Bottom, columns.Select((name, index) => ((double)index, name)));
        Dress(plot, title);
        plot.HideGrid();
        plot.Axes.Margins(0, 0);
        return plot;
    }
}
