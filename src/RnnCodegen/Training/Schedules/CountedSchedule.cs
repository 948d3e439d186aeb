namespace RnnCodegen;

/// <summary>A schedule that is a function of one count, of updates unless it is set to epochs.</summary>
public abstract class CountedSchedule : LearningRateSchedule
{
    private protected CountedSchedule()
    {
    }

    /// <summary>The counted unit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enum.</exception>
    public ScheduleUnit Unit
    {
        get;
        init => field = value is ScheduleUnit.Update or ScheduleUnit.Epoch
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Unit), value, "Use one of the enum's values.");
    }

    /// <summary>The kind and numbers of the schedule.</summary>
    private protected abstract FormattableString Settings { get; }

    /// <summary>The factor after so many updates or epochs.</summary>
    private protected abstract double Factor(long count);

    internal sealed override double Factor(long update, int epoch) => Factor(Unit == ScheduleUnit.Update ? update : epoch);

    internal sealed override string Describe() => $"{FormattableString.Invariant(Settings)}, by {Unit}";
}
