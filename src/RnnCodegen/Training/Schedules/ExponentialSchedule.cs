namespace RnnCodegen;

/// <summary>Falls by the same share each time, as PyTorch's <c>ExponentialLR</c>: factor^count.</summary>
/// <param name="factor">Factor of each update or epoch, from 0 to 1.</param>
/// <exception cref="ArgumentOutOfRangeException">The factor is not from 0 to 1.</exception>
public sealed class ExponentialSchedule(double factor) : CountedSchedule
{
    private readonly double _factor = RequireFactor(factor, nameof(factor));

    private protected override FormattableString Settings => $"Exponential: factor {_factor}";

    private protected override double Factor(long count) => Math.Pow(_factor, count);
}
