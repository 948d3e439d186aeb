namespace RnnCodegen;

/// <summary>When to stop because validation gets no better; the weights of the best validation are kept and put back at the end.</summary>
public sealed class EarlyStopping
{
    /// <summary>Validations in a row without an improvement after which training stops. 10 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int Patience
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Patience), value, "Must be positive.");
    } = 10;

    /// <summary>By how much a value must be better than the best so far to count as an improvement. 0 by default: by anything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double MinDelta
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MinDelta), value, "Must be a finite number that is not negative.");
    }

    /// <summary>The monitored quantity: one of the trainer's metrics, or the validation loss where null.</summary>
    public Metric? Monitor { get; init; }

    /// <summary>
    /// Whether training ends with the weights of the best validation, rather than the last ones. True by default. The trainer's metrics
    /// then hold that validation's values, as <see cref="TrainingResult.Metrics"/> does.
    /// </summary>
    public bool RestoresBest { get; init; } = true;
}
