namespace RnnCodegen;

/// <summary>
/// The factor on an optimizer's learning rate over the course of training: see <see cref="Optimizer.LearningRateFactor"/>. Most
/// schedules are functions of a count of updates or epochs.
/// </summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The learning rate as it is.</summary>
    public static LearningRateSchedule Constant { get; } = new ConstantSchedule();

    /// <summary>The factor for one update.</summary>
    /// <param name="update">Updates done before it.</param>
    /// <param name="epoch">Epochs done before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public double FactorAt(long update, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(update);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return Factor(update, epoch);
    }

    /// <summary>
    /// Tells the schedule the validation's loss or metric after an epoch. Only <see cref="PlateauSchedule"/> listens.
    /// </summary>
    /// <param name="metric">The number.</param>
    public virtual void Observe(double metric)
    {
    }

    /// <summary>
    /// A linear rise at the start, as PyTorch's <c>LinearLR</c>: update or epoch i &lt; count has the factor from + (1 - from) i / count of
    /// what this schedule begins with. Where this schedule counts the same unit, its own count begins when the rise ends.
    /// </summary>
    /// <param name="count">How many updates or epochs the rise takes.</param>
    /// <param name="from">The factor at the start, from 0 to 1.</param>
    /// <param name="unit">The counted unit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive, or the factor not from 0 to 1.</exception>
    public LearningRateSchedule WithWarmUp(int count, double from = 0, ScheduleUnit unit = ScheduleUnit.Update) =>
        new WarmUpSchedule(this, count, from, unit);

    /// <summary>The schedule that watches a value, where this is one or holds one.</summary>
    internal virtual PlateauSchedule? Plateau => null;

    /// <summary>The state on which the factor depends besides the counts; empty for most. Setting it continues where it was read.</summary>
    /// <exception cref="ArgumentException">The state is another schedule's.</exception>
    internal virtual double[] State
    {
        get => [];
        set => RequireState(value, 0);
    }

    /// <summary>The factor for one update; the counts are not negative.</summary>
    internal abstract double Factor(long update, int epoch);

    /// <summary>The schedule in words that are equal for equal settings.</summary>
    internal abstract string Describe();

    private protected static void RequireState(double[] state, int length)
    {
        if (state.Length != length)
        {
            throw new ArgumentException($"The state of this schedule is {length} numbers, not {state.Length}.", nameof(state));
        }
    }

    private protected static double RequireFactor(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be from 0 to 1.");
}
