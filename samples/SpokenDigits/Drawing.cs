using RnnCodegen;
using Samples;

namespace SpokenDigits;

/// <summary>Which digits are taken for which.</summary>
static class Drawing
{
    private static readonly string[] Names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    /// <summary>Writes the matrix as a PNG: a row for what was said, a column for what was heard.</summary>
    public static void Save(ConfusionMatrix matrix, string path)
    {
        var counts = new double[10, 10];
        for (var cell = 0; cell < 100; cell++)
        {
            counts[cell / 10, cell % 10] = matrix[cell / 10, cell % 10];
        }

        var plot = Pictures.HeatMap(
            counts, Names, Names, "Known speakers, other takes", count => count > 0 ? FormattableString.Invariant($"{count}") : "");
        plot.YLabel("said");
        plot.XLabel("heard");
        plot.SavePng(path, 900, 800);
    }
}
