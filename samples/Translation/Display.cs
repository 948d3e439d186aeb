using Samples;
using Spectre.Console;

namespace Translation;

/// <summary>What the program shows of translations.</summary>
static class Display
{
    /// <summary>Some sentences and what is made of them.</summary>
    /// <param name="examples">The sentence, a right translation, and one by each column's translator.</param>
    public static void Examples(IEnumerable<(string[] English, string[] Right, string[] Attending, string[] Plain)> examples)
    {
        var table = new Table().RoundedBorder().AddColumns("English", "one right translation", "with attention", "without");
        foreach (var (english, right, attending, plain) in examples)
        {
            table.AddRow([.. new[] { english, right, attending, plain }.Select(words => Markup.Escape(string.Join(' ', words)))]);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Writes a picture of what each French word looked at.</summary>
    public static void SaveAttention(string path, float[,] weights, string[] english, string[] french)
    {
        var values = new double[weights.GetLength(0), weights.GetLength(1)];
        for (var row = 0; row < values.GetLength(0); row++)
        {
            for (var column = 0; column < values.GetLength(1); column++)
            {
                values[row, column] = weights[row, column];
            }
        }

        var plot = Pictures.HeatMap(
            values, [.. french, "(end)"], english, "What each French word looks at", value => value < 0.05 ? "" : $"{value:F2}");
        plot.SavePng(path, 180 + (90 * english.Length), 140 + (44 * values.GetLength(0)));
    }
}
