namespace RnnCodegen.Reference;

/// <summary>The reduced weight formats, written from docs/math.md, "Weight formats".</summary>
public static class Rounding
{
    /// <summary>The nearest number with 8 significant bits; of two that are equally near, the one whose last bit is 0.</summary>
    public static double BFloat16(double weight)
    {
        if (weight == 0)
        {
            return 0;
        }

        var unit = Math.Pow(2, Math.Max(Math.Floor(Math.Log2(Math.Abs(weight))), -126) - 7);
        return Math.Round(weight / unit, MidpointRounding.ToEven) * unit;
    }

    /// <summary>What a row's 8-bit integers stand for, and how near the nearest of its values is to half-way between two of them.</summary>
    public static (double[] Values, double Margin) Int8(double[] row)
    {
        var largest = row.Max(Math.Abs);
        if (largest < Math.Pow(2, -100))
        {
            return (new double[row.Length], 0.5);
        }

        var steps = Array.ConvertAll(row, v => v * (127 / largest));
        var margin = steps.Min(s => Math.Abs(Math.Abs(s - Math.Floor(s)) - 0.5));
        return (Array.ConvertAll(steps, s => Math.Round(s, MidpointRounding.ToEven) * (largest / 127)), margin);
    }
}
