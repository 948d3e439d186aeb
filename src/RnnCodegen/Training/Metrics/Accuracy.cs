namespace RnnCodegen;

/// <summary>
/// The part of the rows whose predicted class is the target; with values as targets, the part of the elements where an output over
/// <see cref="Threshold"/> (0, a logit of one half, unless set) goes with a target over one half. From 0 to 1.
/// </summary>
public sealed class Accuracy : ClassMetric
{
    private long _right;
    private long _count;

    /// <summary>
    /// With values as targets, what an output is over that means yes: 0 unless set, which is right for logits. Set 0.5 where the model's
    /// last layer gives probabilities.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite.</exception>
    public float Threshold
    {
        get;
        init => field = float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Threshold), value, "Must be finite.");
    }

    /// <summary>Whether targets that are NaN are skipped, as <see cref="ElementLoss.IgnoreNaN"/> does; false unless set.</summary>
    public bool IgnoreNaN { get; init; }

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

    private protected override string Settings => string.Join(
        ", ",
        new[] { base.Settings, Threshold == 0 ? "" : FormattableString.Invariant($"over {Threshold:R}"), IgnoreNaN ? "NaN ignored" : "" }
            .Where(s => s.Length > 0));

    internal override string? FindFault(LossTargets target, LossShape shape) =>
        base.FindFault(target, shape) ?? (IgnoreNaN ? null : FindNaN(target, shape));

    private protected override string? FindMisfit(ModelDefinition model, Loss loss) =>
        loss.TargetKind == TargetKind.Values && !(Threshold > 0) && LossFit.IsProbability($"{model.OutputActivation}")
            ? $"The metric {Name} takes outputs over {Threshold} for a yes, but those of {model.Name} come " +
              $"from {model.OutputActivation} and are never below 0. Set its Threshold to 0.5."
            : null;

    private protected override void AddClass(ReadOnlySpan<float> output, int target) => Add(Predict(output) == target);

    private protected override void AddRows(ReadOnlySpan<float> output, LossTargets target, int features)
    {
        base.AddRows(output, target, features);
        for (var i = 0; i < target.Values.Length; i++)
        {
            if (!(IgnoreNaN && float.IsNaN(target.Values[i])))
            {
                Add(output[i] > Threshold == target.Values[i] > 0.5f);
            }
        }
    }

    private void Add(bool right) => (_right, _count) = (_right + (right ? 1 : 0), _count + 1);
}
