namespace RnnCodegen;

/// <summary>
/// Falls along half a cosine (Loshchilov and Hutter, 2017), as PyTorch's <c>CosineAnnealingLR</c>:
/// final + (1 - final) (1 + cos(pi count / length)) / 2; afterwards it stays at its final factor. For the usual start add
/// <see cref="LearningRateSchedule.WithWarmUp"/>.
/// </summary>
public sealed class CosineSchedule : CountedSchedule
{
    private readonly int _length;
    private readonly double _final;

    /// <summary>A new schedule.</summary>
    /// <param name="length">Updates or epochs until the final factor.</param>
    /// <param name="final">The factor at the end, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public CosineSchedule(int length, double final = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (_length, _final) = (length, RequireFactor(final, nameof(final)));
    }

    private protected override FormattableString Settings => $"Cosine: length {_length}, final {_final}";

    private protected override double Factor(long count) => Cosine(1, _final, Math.Min(1, (double)count / _length));

    /// <summary>From one number to another along half a cosine, at a part of the way.</summary>
    internal static double Cosine(double from, double to, double part) => to + ((from - to) * (1 + Math.Cos(Math.PI * part)) / 2);
}
