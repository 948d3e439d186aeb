namespace RnnCodegen.Tool.Inspection;

/// <summary>What the values of a tensor are like.</summary>
/// <param name="Minimum">The smallest value that is a number; NaN where there is none.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="NaNs">How many values are not a number.</param>
internal readonly record struct TensorStatistics(float Minimum, float Maximum, double Mean, int NaNs)
{
    /// <summary>The statistics of some values.</summary>
    public static TensorStatistics Of(ReadOnlySpan<float> values)
    {
        var (minimum, maximum, sum, nans) = (float.PositiveInfinity, float.NegativeInfinity, 0.0, 0);
        foreach (var value in values)
        {
            if (float.IsNaN(value))
            {
                nans++;
                continue;
            }

            (minimum, maximum, sum) = (Math.Min(minimum, value), Math.Max(maximum, value), sum + value);
        }

        var count = values.Length - nans;
        return count == 0 ? new(float.NaN, float.NaN, double.NaN, nans) : new(minimum, maximum, sum / count, nans);
    }
}
