using System.Globalization;

namespace RnnCodegen.Tool.Drawing;

/// <summary>An axis from a least to a greatest number, with ticks at round ones.</summary>
/// <param name="Least">The least; of logarithms, its logarithm.</param>
/// <param name="Greatest">The greatest.</param>
/// <param name="Ticks">Round numbers between them.</param>
/// <param name="IsLogarithmic">Whether the numbers are logarithms.</param>
internal sealed record ChartScale(double Least, double Greatest, double[] Ticks, bool IsLogarithmic)
{
    /// <summary>A scale for some numbers; one number alone gets room around it.</summary>
    public static ChartScale Of(double least, double greatest, bool isLogarithmic, int mostTicks)
    {
        if (!(greatest > least))
        {
            var room = Math.Max(Math.Abs(least) * 0.1, isLogarithmic ? 0.5 : 1e-6);
            (least, greatest) = (least - room, greatest + room);
        }

        // 1, 2 or 5 times a power of ten.
        var raw = (greatest - least) / Math.Max(1, mostTicks);
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
        if (isLogarithmic)
        {
            // Whole decades, and at least two of them to read the others by.
            step = Math.Max(1, Math.Round(step));
            if (Math.Floor(greatest) - Math.Ceiling(least) < 1)
            {
                (least, greatest) = (Math.Floor(least), Math.Ceiling(greatest));
            }
        }

        var first = Math.Ceiling((least / step) - 1e-9);
        var count = (int)Math.Floor((greatest / step) - first + 1e-9) + 1;
        return new ChartScale(least, greatest, [.. Enumerable.Range(0, Math.Max(0, count)).Select(i => (first + i) * step)], isLogarithmic);
    }

    /// <summary>Where a number is, from 0 to 1.</summary>
    public double Part(double value) => (value - Least) / (Greatest - Least);

    /// <summary>A tick's number.</summary>
    public string Label(double tick)
    {
        // What rounding leaves of a sum of steps is no digit.
        var value = IsLogarithmic ? Math.Pow(10, tick) : Math.Abs(tick) < (Greatest - Least) * 1e-9 ? 0 : tick;
        return value.ToString("G4", CultureInfo.InvariantCulture);
    }
}
