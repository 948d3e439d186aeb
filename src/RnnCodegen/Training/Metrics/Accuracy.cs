namespace RnnCodegen;

/// <summary>
/// The part of the rows whose predicted class is the target; with values as targets, the part of the elements where an output over 0
/// (a logit of more than one half) goes with a target over one half. From 0 to 1.
/// </summary>
public sealed class Accuracy : ClassMetric
{
    private long _right;
    private long _count;

    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override bool Takes(TargetKind kind) => kind is TargetKind.Classes or TargetKind.Values;

    /// <inheritdoc/>
    public override double Value => (double)_right / _count;

    /// <inheritdoc/>
    public override void Reset() => (_right, _count) = (0, 0);

    internal override void Visit(SumExchange sums)
    {
        sums.Add(ref _right);
        sums.Add(ref _count);
    }

    private protected override void AddClass(ReadOnlySpan<float> output, int target) => Add(Predict(output) == target);

    private protected override void AddRows(ReadOnlySpan<float> output, LossTargets target, int features)
    {
        base.AddRows(output, target, features);
        for (var i = 0; i < target.Values.Length; i++)
        {
            Add(output[i] > 0 == target.Values[i] > 0.5f);
        }
    }

    private void Add(bool right) => (_right, _count) = (_right + (right ? 1 : 0), _count + 1);
}
