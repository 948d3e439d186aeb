namespace Sentiment;

/// <summary>By how much one model is better than another on the same folds.</summary>
/// <param name="Mean">The mean difference of their accuracies.</param>
/// <param name="Deviation">The differences' standard deviation.</param>
/// <param name="Error">
/// The mean's standard error after Nadeau and Bengio (2003): folds share training sentences, so their differences vary together, and the
/// usual deviation / sqrt(n) would be too small. The variance is divided not by n but by 1 / (1 / n + test / training).
/// </param>
readonly record struct PairedDifference(double Mean, double Deviation, double Error)
{
    /// <summary>Of differences over the folds of one or more cross-validations.</summary>
    public static PairedDifference Of(IReadOnlyList<double> differences)
    {
        var mean = differences.Average();
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Count - 1);
        return new(mean, Math.Sqrt(variance), Math.Sqrt(variance * ((1.0 / differences.Count) + (1.0 / (Fold.Count - 1)))));
    }
}
