namespace RnnCodegen;

/// <summary>
/// The steps of a sequence that count in a loss. The others' outputs and targets are not read, and their gradient is 0. A sample's steps
/// end with its length, not with the batch's.
/// </summary>
public readonly record struct LossWindow
{
    // 0 stands for no limit, so that the default is every step.
    private readonly int _first;
    private readonly int _limit;
    private readonly bool _atEnd;

    private LossWindow(int first, int limit, bool atEnd) => (_first, _limit, _atEnd) = (first, limit, atEnd);

    /// <summary>Every valid step.</summary>
    public static LossWindow All => default;

    /// <summary>A sample's last valid steps, fewer where it has fewer.</summary>
    /// <param name="count">How many; one unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static LossWindow Last(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new LossWindow(0, count, atEnd: true);
    }

    /// <summary>All valid steps but the first ones, during which a model's state warms up.</summary>
    /// <param name="warmUp">Steps left out at the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static LossWindow After(int warmUp)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        return new LossWindow(warmUp, 0, atEnd: false);
    }

    /// <summary>Some steps in the middle, as far as they are valid.</summary>
    /// <param name="first">The first of them, counted from 0.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The first step is negative, or the count not positive.</exception>
    public static LossWindow Of(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new LossWindow(first, count, atEnd: false);
    }

    /// <summary>This window without the first steps of the sequence, during which a model's state warms up.</summary>
    /// <param name="warmUp">Steps left out at the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public LossWindow WithWarmUp(int warmUp)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        if (_atEnd || _limit == 0)
        {
            return new LossWindow(Math.Max(_first, warmUp), _limit, _atEnd);
        }

        // A window in the middle keeps its end; one that ends within the warm-up would be empty in every sequence.
        var end = (long)_first + _limit;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(warmUp, end);
        var first = Math.Max(_first, warmUp);
        return new LossWindow(first, (int)(end - first), atEnd: false);
    }

    /// <summary>What <see cref="Of(int)"/> depends on: the first step, how many there are at most (0 for no limit), and whether these are a
    /// sample's last.</summary>
    internal (int First, int Limit, bool AtEnd) Bounds => (_first, _limit, _atEnd);

    /// <inheritdoc/>
    public override string ToString() => (_atEnd, _first, _limit) switch
    {
        (true, 0, _) => $"the last {_limit} steps",
        (true, _, _) => $"the last {_limit} steps, but none of the first {_first}",
        (false, 0, 0) => "all steps",
        (false, _, 0) => $"all steps but the first {_first}",
        _ => $"steps {_first} to {_first + (long)_limit - 1}",
    };

    /// <summary>The steps that count of a sequence of this length: from Start until before End.</summary>
    internal (int Start, int End) Of(int length)
    {
        var start = _atEnd ? Math.Max(_first, length - _limit) : _first;
        var end = _atEnd || _limit == 0 ? length : (int)Math.Min(length, (long)_first + _limit);
        return (Math.Min(start, end), end);
    }
}
