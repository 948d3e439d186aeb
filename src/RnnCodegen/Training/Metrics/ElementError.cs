namespace RnnCodegen;

/// <summary>A mean over the elements of a number of output and target.</summary>
public abstract class ElementError : Metric
{
    private double _sum;
    private long _count;

    private protected ElementError()
    {
    }

    /// <summary>Whether targets that are NaN are skipped, as <see cref="ElementLoss.IgnoreNaN"/> does; false unless set.</summary>
    public bool IgnoreNaN { get; init; }

    /// <inheritdoc/>
    public sealed override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public sealed override bool Takes(TargetKind kind) => kind == TargetKind.Values;

    /// <inheritdoc/>
    public override double Value => _sum / _count;

    /// <inheritdoc/>
    public sealed override void Reset() => (_sum, _count) = (0, 0);

    internal sealed override void Visit(SumExchange sums)
    {
        sums.Add(ref _sum);
        sums.Add(ref _count);
    }

    /// <summary>Adds single elements, e.g. in the data's own units.</summary>
    /// <param name="output">Values of any number.</param>
    /// <param name="target">As many values.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public void Add(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        if (output.Length != target.Length)
        {
            throw new ArgumentException($"There are {output.Length} outputs but {target.Length} targets.", nameof(target));
        }

        for (var i = 0; i < output.Length; i++)
        {
            if (!(IgnoreNaN && float.IsNaN(target[i])))
            {
                _sum += Of(output[i], target[i]);
                _count++;
            }
        }
    }

    internal sealed override string? FindFault(LossTargets target, LossShape shape) => IgnoreNaN ? null : FindNaN(target, shape);

    private protected sealed override string Settings => IgnoreNaN ? "NaN ignored" : "";

    private protected sealed override string? FindMisfit(ModelDefinition model, Loss loss) => LossFit.IsPlain($"{model.Output}")
        ? null
        : $"The metric {Name} compares the outputs of {model.Name} before its output transform, but Run and Step " +
          $"apply {model.Output} to them, so it would be the error of another function. Remove it.";

    private protected sealed override void AddRows(ReadOnlySpan<float> output, LossTargets target, int features) =>
        Add(output, target.Values);

    /// <summary>The number of one element.</summary>
    private protected abstract double Of(double output, double target);
}

/// <summary>The square root of the mean of (y - t)^2, in the targets' units.</summary>
public sealed class RootMeanSquaredError : ElementError
{
    /// <inheritdoc/>
    public override string Name => "RMSE";

    /// <inheritdoc/>
    public override double Value => Math.Sqrt(base.Value);

    private protected override double Of(double output, double target) => (output - target) * (output - target);
}

/// <summary>The mean of |y - t|, in the targets' units.</summary>
public sealed class MeanAbsoluteError : ElementError
{
    /// <inheritdoc/>
    public override string Name => "MAE";

    private protected override double Of(double output, double target) => Math.Abs(output - target);
}

/// <summary>
/// The mean of |y - t| / max(|t|, 2^-52), a fraction (0.1 is ten percent), as scikit-learn's <c>mean_absolute_percentage_error</c>.
/// Targets at or near 0 make it huge.
/// </summary>
public sealed class MeanAbsolutePercentageError : ElementError
{
    private const double Smallest = 1.0 / (1L << 52);

    /// <inheritdoc/>
    public override string Name => "MAPE";

    private protected override double Of(double output, double target) => Math.Abs(output - target) / Math.Max(Math.Abs(target), Smallest);
}
