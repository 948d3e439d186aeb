namespace RnnCodegen;

/// <summary>The part of the samples whose sequence is exactly the target, from its first item to its end. From 0 to 1.</summary>
public sealed class ExactMatch : SequenceMetric
{
    private long _right;
    private long _count;

    /// <inheritdoc/>
    public override string Name => "exact match";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => (double)_right / _count;

    /// <inheritdoc/>
    public override void Reset() => (_right, _count) = (0, 0);

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference) =>
        (_right, _count) = (_right + (hypothesis.SequenceEqual(reference) ? 1 : 0), _count + 1);

    internal override bool ReadsAll => false;

    internal override void Visit(SumExchange sums)
    {
        sums.Add(ref _right);
        sums.Add(ref _count);
    }
}
