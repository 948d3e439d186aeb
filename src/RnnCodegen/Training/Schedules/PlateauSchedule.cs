namespace RnnCodegen;

/// <summary>
/// Falls when the validation's loss or metric has stopped getting better, as PyTorch's <c>ReduceLROnPlateau</c>. A number is better than
/// the best b when it is less than b (1 - threshold), or b - threshold with <see cref="AbsoluteThreshold"/>; with <see cref="Maximize"/>
/// greater than b (1 + threshold) or b + threshold. What is not a number is not better. After more than <see cref="Patience"/> numbers in a
/// row that are not better the factor falls, and for <see cref="Cooldown"/> numbers none counts. An instance belongs to one training.
/// </summary>
public sealed class PlateauSchedule : LearningRateSchedule
{
    private double _current = 1;
    private double? _best;
    private int _bad;
    private int _cooling;

    /// <summary>Whether greater numbers are better, as for an accuracy; otherwise smaller ones are.</summary>
    public bool Maximize { get; init; }

    /// <summary>Factor of each fall, at least 0 and less than 1; 0.1 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double ReductionFactor
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReductionFactor), value, "Must be at least 0 and less than 1.");
    } = 0.1;

    /// <summary>Number of validations in a row that may bring no improvement; 10 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Patience
    {
        get;
        init => field = RequireCount(value, nameof(Patience));
    } = 10;

    /// <summary>How much better a number must be to count as better; 1e-4 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Threshold
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Threshold), value, "Must be a finite number that is not negative.");
    } = 1e-4;

    /// <summary>Whether the threshold is a difference rather than a part of the best number.</summary>
    public bool AbsoluteThreshold { get; init; }

    /// <summary>How many numbers after a fall do not count as no better; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Cooldown
    {
        get;
        init => field = RequireCount(value, nameof(Cooldown));
    }

    /// <summary>The factor never falls below this, from 0 to 1; 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to 1.</exception>
    public double MinFactor
    {
        get;
        init => field = RequireFactor(value, nameof(MinFactor));
    }

    internal override PlateauSchedule? Plateau => this;

    internal override double[] State
    {
        get => [_current, Best, _bad, _cooling];
        set
        {
            RequireState(value, 4);
            (_current, _best, _bad, _cooling) = (value[0], value[1], (int)value[2], (int)value[3]);
        }
    }

    private double Best => _best ?? (Maximize ? double.NegativeInfinity : double.PositiveInfinity);

    /// <inheritdoc/>
    public override void Observe(double metric)
    {
        if (IsBetter(metric))
        {
            (_best, _bad) = (metric, 0);
        }
        else
        {
            _bad++;
        }

        if (_cooling > 0)
        {
            (_cooling, _bad) = (_cooling - 1, 0);
        }

        if (_bad > Patience)
        {
            _current = Math.Max(_current * ReductionFactor, MinFactor);
            (_cooling, _bad) = (Cooldown, 0);
        }
    }

    internal override double Factor(long update, int epoch) => _current;

    internal override string Describe() => FormattableString.Invariant(
        $"Plateau: maximize {Maximize}, factor {ReductionFactor}, patience {Patience}, threshold {Threshold}, ")
        + FormattableString.Invariant($"absolute {AbsoluteThreshold}, cooldown {Cooldown}, min {MinFactor}");

    private bool IsBetter(double metric) => (Maximize, AbsoluteThreshold) switch
    {
        (false, false) => metric < Best * (1 - Threshold),
        (false, true) => metric < Best - Threshold,
        (true, false) => metric > Best * (1 + Threshold),
        (true, true) => metric > Best + Threshold,
    };

    private static int RequireCount(int value, string name) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, "Must not be negative.");
}
