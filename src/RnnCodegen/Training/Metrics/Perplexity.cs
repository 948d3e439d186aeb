namespace RnnCodegen;

/// <summary>
/// exp of the mean over the rows of -log softmax(y)_t: how many equally likely classes the model hesitates between. At least 1.
/// </summary>
public sealed class Perplexity : ClassMetric
{
    private double _sum;
    private long _count;

    /// <inheritdoc/>
    public override string Name => "perplexity";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override double Value => Math.Exp(_sum / _count);

    /// <inheritdoc/>
    public override void Reset() => (_sum, _count) = (0, 0);

    internal override void Visit(SumExchange sums)
    {
        sums.Add(ref _sum);
        sums.Add(ref _count);
    }

    private protected override void AddClass(ReadOnlySpan<float> output, int target)
    {
        _sum += Loss.CrossEntropy.Compute(output, [target], default, new LossShape(1, output.Length));
        _count++;
    }
}
