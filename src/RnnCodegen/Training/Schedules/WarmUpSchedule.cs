namespace RnnCodegen;

/// <summary>A linear rise to what another schedule begins with.</summary>
internal sealed class WarmUpSchedule : LearningRateSchedule
{
    private readonly LearningRateSchedule _then;
    private readonly int _count;
    private readonly double _from;
    private readonly ScheduleUnit _unit;

    public WarmUpSchedule(LearningRateSchedule then, int count, double from, ScheduleUnit unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        (_then, _count, _from) = (then, count, RequireFactor(from, nameof(from)));
        _unit = unit is ScheduleUnit.Update or ScheduleUnit.Epoch
            ? unit
            : throw new ArgumentOutOfRangeException(nameof(unit), unit, "Use one of the enum's values.");
    }

    internal override PlateauSchedule? Plateau => _then.Plateau;

    internal override double[] State
    {
        get => _then.State;
        set => _then.State = value;
    }

    public override void Observe(double metric) => _then.Observe(metric);

    internal override double Factor(long update, int epoch)
    {
        var done = _unit == ScheduleUnit.Update ? update : epoch;
        var rise = done < _count ? _from + ((1 - _from) * done / _count) : 1;
        return rise * (_unit == ScheduleUnit.Update
            ? _then.Factor(Math.Max(0, update - _count), epoch)
            : _then.Factor(update, Math.Max(0, epoch - _count)));
    }

    internal override string Describe() => FormattableString.Invariant($"WarmUp: count {_count}, from {_from}, by {_unit}; ")
        + _then.Describe();
}
