namespace RnnCodegen;

/// <summary>The result of one task of a sweep: a line of its file.</summary>
/// <param name="Setting">The setting, by its words.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Values">The measured values, in the order they were given; empty where the task failed.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record SweepResult(string Setting, int Seed, IReadOnlyList<MetricValue> Values, double Seconds, string? Error)
{
    /// <summary>A value by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message lists them.</exception>
    public double this[string name]
    {
        get
        {
            foreach (var value in Values)
            {
                if (value.Name == name)
                {
                    return value.Value;
                }
            }

            throw new KeyNotFoundException(
                $"'{Setting}' with seed {Seed} has no value '{name}'; it has {string.Join(", ", Values.Select(v => v.Name))}.");
        }
    }
}
