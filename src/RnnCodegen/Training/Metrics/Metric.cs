namespace RnnCodegen;

/// <summary>
/// A number that says how good outputs are, added up over batches: call Add for each batch, then read <see cref="Value"/>. Adding allocates
/// nothing once the largest batch was seen. Usable alone, and by a trainer, which resets and fills it at each validation. Outputs are the
/// model's before any output transform, as in a <see cref="Loss"/>.
/// </summary>
public abstract class Metric
{
    private protected Metric()
    {
    }

    /// <summary>A short name for displays and logs, e.g. <c>accuracy</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether more is better.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>The number over all that was added since the last <see cref="Reset"/>; not a number where that is nothing.</summary>
    public abstract double Value { get; }

    /// <summary>Whether it can be computed from targets of a kind.</summary>
    /// <param name="kind">Values, class ids or label sequences.</param>
    public abstract bool Takes(TargetKind kind);

    /// <summary>Forgets all that was added.</summary>
    public abstract void Reset();

    /// <summary>Visits all that <see cref="Value"/> is made of, so that it can be added up over several processes.</summary>
    internal abstract void Visit(SumExchange sums);

    /// <summary>Adds a batch.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The targets: values [T, B, F], class ids [T, B], or label sequences.</param>
    /// <param name="shape">The sizes; rows past a sample's length, and samples and steps of weight 0, are skipped. Weights do nothing
    /// else.</param>
    /// <exception cref="ArgumentException">A span's size does not fit the shape, or a target is none of the outputs'.</exception>
    /// <exception cref="NotSupportedException">This metric does not take targets of this kind.</exception>
    public void Add(ReadOnlySpan<float> output, LossTargets target, LossShape shape)
    {
        if (!Takes(target.Kind))
        {
            throw new NotSupportedException($"The metric {Name} does not take {Loss.Describe(target.Kind)}.");
        }

        Require(output.Length, shape.Rows * shape.Features, nameof(output), shape);
        switch (target.Kind)
        {
            case TargetKind.Values:
                Require(target.Values.Length, shape.Rows * shape.Features, nameof(target), shape);
                break;
            case TargetKind.Classes:
                Require(target.Ids.Length, shape.Rows, nameof(target), shape);
                break;
            default:
                Require(target.LabelLengths.Length, shape.Batch, nameof(target), shape);
                break;
        }

        AddBatch(output, target, shape);
    }

    /// <summary>The metric in words that are equal for metrics of equal values.</summary>
    internal string Describe() => Settings.Length == 0 ? Name : $"{Name} ({Settings})";

    /// <summary>Why it cannot be computed of a model's outputs and a loss' targets, or null if it can.</summary>
    internal string? FindFault(ModelDefinition model, Loss loss)
    {
        if (!Takes(loss.TargetKind))
        {
            return $"The metric {Name} cannot be computed from the loss' targets, which are {Loss.Describe(loss.TargetKind)}.";
        }

        if (loss.TargetKind == TargetKind.Values && loss.TargetWidth(model.OutputSize) is var width && width != model.OutputSize)
        {
            return $"The metric {Name} compares each output with a target of its own, but the loss has {width} targets " +
                $"for {model.Name}'s {model.OutputSize} outputs. Remove it.";
        }

        return FindMisfit(model, loss);
    }

    /// <summary>Which of the targets that count the metric cannot take and why, or null if it takes all.</summary>
    internal virtual string? FindFault(LossTargets target, LossShape shape) => null;

    /// <summary>The metric's own numbers in words; empty where it has none.</summary>
    private protected virtual string Settings => "";

    /// <summary>Why the metric does not fit a model and a loss whose targets it takes, or null if it does.</summary>
    private protected virtual string? FindMisfit(ModelDefinition model, Loss loss) => null;

    /// <summary>Why a number of classes is not the model's, or null if it is.</summary>
    private protected string? FindMisfit(ModelDefinition model, int classes) => classes == model.OutputSize
        ? null
        : $"The metric {Name} has {classes} classes, but {model.Name} has {model.OutputSize} outputs. Create it with {model.OutputSize}.";

    private protected virtual void AddBatch(ReadOnlySpan<float> output, LossTargets target, LossShape shape)
    {
        for (int row = 0, run; row < shape.Rows; row += run)
        {
            run = shape.Run(row, out var weight);
            if (weight > 0)
            {
                AddRows(output.Slice(row * shape.Features, run * shape.Features), target.Rows(row, run, shape.Features), shape.Features);
            }
        }
    }

    /// <summary>Adds rows that count.</summary>
    private protected virtual void AddRows(ReadOnlySpan<float> output, LossTargets target, int features)
    {
    }

    /// <summary>Says which of the target values that count is NaN, or null if none is.</summary>
    private protected string? FindNaN(LossTargets target, LossShape shape)
    {
        for (int row = 0, run; row < shape.Rows && target.Kind == TargetKind.Values; row += run)
        {
            run = shape.Run(row, out var weight);
            var values = target.Rows(row, run, shape.Features).Values;
            for (var i = 0; i < values.Length && weight > 0; i++)
            {
                if (float.IsNaN(values[i]))
                {
                    return $"The target at {shape.Place(row + (i / shape.Features))} is NaN, of which the metric {Name} would be NaN, " +
                        "too. Set the metric's IgnoreNaN as the loss has it.";
                }
            }
        }

        return null;
    }

    private static void Require(int length, int expected, string argument, LossShape shape)
    {
        if (length != expected)
        {
            throw new ArgumentException(
                $"T = {shape.Steps}, B = {shape.Batch}, F = {shape.Features} need {expected} elements, got {length}.", argument);
        }
    }
}
