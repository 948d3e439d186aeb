namespace RnnCodegen;

/// <summary>
/// One rise and one fall (Smith and Topin, 2018), as PyTorch's <c>OneCycleLR</c> with cosines. The optimizer's own learning rate is the
/// largest one; the factor goes from 1 / start to 1 until count rise length - 1, then to 1 / (start end) until count length - 1, where it
/// stays. Momentum is left as it is.
/// </summary>
public sealed class OneCycleSchedule : CountedSchedule
{
    private readonly int _length;
    private readonly double _rise;
    private readonly double _start;
    private readonly double _end;

    /// <summary>A new schedule.</summary>
    /// <param name="length">Updates or epochs in all.</param>
    /// <param name="rise">The part of them in which the rate rises, at least 0 and less than 1.</param>
    /// <param name="start">How many times smaller the first rate is than the largest, at least 1.</param>
    /// <param name="end">How many times smaller the last rate is than the first, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public OneCycleSchedule(int length, double rise = 0.3, double start = 25, double end = 1e4)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (_length, _start, _end) = (length, RequireQuotient(start, nameof(start)), RequireQuotient(end, nameof(end)));
        _rise = rise is >= 0 and < 1
            ? rise
            : throw new ArgumentOutOfRangeException(nameof(rise), rise, "Must be at least 0 and less than 1.");
    }

    private protected override FormattableString Settings => $"OneCycle: length {_length}, rise {_rise}, start {_start}, end {_end}";

    private protected override double Factor(long count)
    {
        var (top, last) = ((_rise * _length) - 1, _length - 1.0);
        return count < top
            ? CosineSchedule.Cosine(1 / _start, 1, count / top)
            : CosineSchedule.Cosine(1, 1 / (_start * _end), Math.Min(1, (count - top) / (last - top)));
    }

    private static double RequireQuotient(double value, string name) => value >= 1 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be a finite number of at least 1.");
}
