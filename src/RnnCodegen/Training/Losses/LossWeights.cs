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

        for (var i = 0; i < weights.Count; i++)
        {
            if (!(weights[i] >= 0 && float.IsFinite(weights[i])))
            {
                throw new ArgumentException($"Weight {i} is {weights[i]}; it must be a finite number that is not negative.", name);
            }
        }

        return [.. weights];
    }
}
