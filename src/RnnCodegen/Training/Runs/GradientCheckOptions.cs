namespace RnnCodegen;

/// <summary>Options of a <see cref="GradientCheck"/>.</summary>
public sealed class GradientCheckOptions
{
    /// <summary>Samples of the set that make the batch. 8 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int Samples
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Samples), value, "Must be positive.");
    } = 8;

    /// <summary>Elements checked of each tensor: half those with the largest gradients, half at random. 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int ElementsPerTensor
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(ElementsPerTensor), value, "Must be positive.");
    } = 16;

    /// <summary>
    /// Largest error relative to the gradient that passes. 0.01 by default, well over the noise and well under a mistake.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not between 0 and 1.</exception>
    public double Tolerance
    {
        get;
        init => field = value is > 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Tolerance), value, "Must be between 0 and 1.");
    } = 0.01;

    /// <summary>Seed of dropout and of the random elements.</summary>
    public int Seed { get; init; }

    /// <summary>Names of the tensors to check, e.g. <c>Encoder.weight_hh_l0</c>; null, the default, for all.</summary>
    public IReadOnlyList<string>? Tensors { get; init; }
}
