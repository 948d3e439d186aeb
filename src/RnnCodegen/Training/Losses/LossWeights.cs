namespace RnnCodegen;

/// <summary>Weights that a loss is given by its user.</summary>
internal static class LossWeights
{
    /// <summary>A copy of the weights, none of them negative.</summary>
    public static float[] Check(IReadOnlyList<float> weights, string name)
    {
        ArgumentNullException.ThrowIfNull(weights, name);
        if (weights.Count == 0)
        {
            throw new ArgumentException("Give at least one weight.", name);
        }

        float[] copy = [.. weights];
        return FindBad(copy) is >= 0 and var bad
            ? throw new ArgumentException(
                FormattableString.Invariant($"Weight {bad} is {copy[bad]}; it must be a finite number that is not negative."), name)
            : copy;
    }

    /// <summary>The place of the first that is negative or not finite; -1 where none is.</summary>
    public static int FindBad(ReadOnlySpan<float> weights) => weights.IndexOfAnyExceptInRange(0f, float.MaxValue);
}
