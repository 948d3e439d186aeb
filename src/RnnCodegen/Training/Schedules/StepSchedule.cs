namespace RnnCodegen;

/// <summary>Falls in steps, as PyTorch's <c>StepLR</c>: factor^floor(count / every).</summary>
public sealed class StepSchedule : CountedSchedule
{
    private readonly int _every;
    private readonly double _factor;

    /// <summary>A new schedule.</summary>
    /// <param name="every">Updates or epochs between two falls.</param>
    /// <param name="factor">Factor of each fall, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public StepSchedule(int every, double factor = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        (_every, _factor) = (every, RequireFactor(factor, nameof(factor)));
    }

    private protected override FormattableString Settings => $"Step: every {_every}, factor {_factor}";

    private protected override double Factor(long count) => Math.Pow(_factor, count / _every);
}
