namespace RnnCodegen;

/// <summary>How a <see cref="Normalizer"/> scales each feature.</summary>
public enum FeatureScaling
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Less the feature's mean, divided by its standard deviation (of the population): (x - m) / s.</summary>
    MeanAndDeviation,

    /// <summary>Its least value becomes 0 and its greatest 1: (x - a) / (b - a).</summary>
    MinAndMax,
}
