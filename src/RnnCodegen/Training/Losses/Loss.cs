using System.Globalization;

namespace RnnCodegen;

/// <summary>
/// The quantity that training minimises: a number computed from the model's outputs (before any output transform) and targets, and its
/// gradient. An instance can be used from many threads at once.
/// </summary>
public abstract class Loss
{
    /// <summary>The mean of (y - t)^2 over the elements that count.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredErrorLoss();

    /// <summary>The mean of |y - t| over the elements that count.</summary>
    public static Loss MeanAbsoluteError { get; } = new MeanAbsoluteErrorLoss();

    /// <summary>The mean of <see cref="HuberLoss"/> with delta 1.</summary>
    public static Loss Huber { get; } = new HuberLoss();

    /// <summary>The mean of <see cref="BinaryCrossEntropyLoss"/>: each output is the logit of a yes or no.</summary>
    public static Loss BinaryCrossEntropy { get; } = new BinaryCrossEntropyLoss();

    /// <summary>
    /// The mean of <see cref="CrossEntropyLoss"/> without class weights or smoothing: each row's outputs are the logits of classes.
    /// </summary>
    public static Loss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>The mean of <see cref="CtcLoss"/> with class 0 as the blank.</summary>
    public static Loss Ctc { get; } = new CtcLoss();

    /// <summary>The kind of targets that the loss takes.</summary>
    public abstract TargetKind TargetKind { get; }

    /// <summary>How the losses of a batch become one number; the mean unless set.</summary>
    public Reduction Reduction
    {
        get;
        init => field = value is Reduction.Mean or Reduction.Sum
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Reduction), value, "Use one of the enum's values.");
    }

    /// <summary>The steps that count; all valid ones unless set.</summary>
    public LossWindow Window { get; init; }

    /// <summary>The loss against values, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The target values, [T, B, F] for most losses; those that do not count are not read.</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 where a row does not count; empty when not wanted.</param>
    /// <param name="shape">The sizes, lengths and weights.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">
    /// A span's size does not fit the shape, the loss cannot take a target, or there is nothing to take the mean over; nothing was written.
    /// </exception>
    /// <exception cref="NotSupportedException">This loss does not take values.</exception>
    public float Compute(ReadOnlySpan<float> output, ReadOnlySpan<float> target, Span<float> gradient, LossShape shape) =>
        Compute(output, new LossTargets(target), gradient, shape);

    /// <summary>The loss against class ids, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The target classes, [T, B]; those that do not count are not read.</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 where a row does not count; empty when not wanted.</param>
    /// <param name="shape">The sizes, lengths and weights.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">
    /// A span's size does not fit the shape, a class id is none of the outputs',
    /// or there is nothing to take the mean over; nothing was written.
    /// </exception>
    /// <exception cref="NotSupportedException">This loss does not take class ids.</exception>
    public float Compute(ReadOnlySpan<float> output, ReadOnlySpan<int> target, Span<float> gradient, LossShape shape) =>
        Compute(output, new LossTargets(target), gradient, shape);

    /// <summary>The loss against sequences of labels, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="labels">The labels of all samples, one sample after the other.</param>
    /// <param name="labelLengths">How many labels each sample has, [B].</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 where a row does not count; empty when not wanted.</param>
    /// <param name="shape">The sizes, lengths and weights.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">
    /// A span's size does not fit, the loss cannot take a label, or there is nothing to take the mean over; nothing was written.
    /// </exception>
    /// <exception cref="NotSupportedException">This loss does not take labels.</exception>
    public float Compute(
        ReadOnlySpan<float> output, ReadOnlySpan<int> labels, ReadOnlySpan<int> labelLengths, Span<float> gradient, LossShape shape) =>
        Compute(output, new LossTargets(labels, labelLengths), gradient, shape);

    /// <summary>The loss against targets of any kind, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The targets; those that do not count are not read.</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 where a row does not count; empty when not wanted.</param>
    /// <param name="shape">The sizes, lengths and weights.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">
    /// A span's size does not fit, the loss cannot take a target, or there is nothing to take the mean over; nothing was written.
    /// </exception>
    /// <exception cref="NotSupportedException">This loss does not take targets of this kind.</exception>
    public float Compute(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape)
    {
        var divisor = Divisor(target, shape);
        return divisor > 0
            ? (float)(Sum(output, target, gradient, shape, divisor) / divisor)
            : throw new ArgumentException(
                "Nothing counts that a mean could be taken over: all lengths, weights or windows are empty or ignored.", nameof(shape));
    }

    /// <summary>Number of target values in a row, given the number of output features.</summary>
    /// <param name="features">Features F of an output row.</param>
    protected internal virtual int TargetWidth(int features) => features;

    /// <summary>Says why the loss cannot take rows with this number of features; null if it can.</summary>
    /// <param name="features">Features F of an output row.</param>
    protected internal virtual string? FindFault(int features) => null;

    /// <summary>
    /// Says why the loss would train another function than the model computes, or null if it does not. A loss of your own takes every model
    /// unless it overrides this: look at <see cref="ModelDefinition.Output"/>, which inference applies after the outputs that a loss sees.
    /// </summary>
    /// <param name="model">The model to train.</param>
    protected internal virtual string? FindFault(ModelDefinition model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return this is RowLoss or CtcLoss
            && LossFit.Find(GetType().Name, model.Name, $"{model.Output}", $"{model.OutputActivation}",
                model.OutputSize) is { IsDoubt: false } fault
                ? fault.Text + "."
                : null;
    }

    /// <summary>Says which of the targets that count the loss cannot take and why, or null if it takes all.</summary>
    /// <param name="target">Targets of the right kind and size.</param>
    /// <param name="shape">The sizes, lengths, weights and the steps that count.</param>
    protected internal virtual string? FindFault(LossTargets target, LossShape shape) => null;

    /// <summary>
    /// Says which of the targets that count makes the loss infinite or not a number whatever the outputs are, or null if none does.
    /// Trainers refuse it; a loss of your own may give such targets a meaning.
    /// </summary>
    /// <param name="target">Checked targets.</param>
    /// <param name="shape">The sizes, lengths, weights and the steps that count.</param>
    protected internal virtual string? FindEndless(LossTargets target, LossShape shape) => null;

    /// <summary>
    /// Whether it weighs each row by <see cref="LossShape.WeightOf(int, int)"/>. Where it does not, weights of steps are refused. A loss of
    /// your own that asks for them says so here.
    /// </summary>
    protected internal virtual bool TakesStepWeights => false;

    /// <summary>
    /// The loss' own numbers, in words that are equal for equal losses: training
    /// goes on from a checkpoint only with the same. Empty unless overridden.
    /// </summary>
    protected internal virtual string Settings => "";

    /// <summary>The divisor of the mean: the sum of the weights of all that counts.</summary>
    /// <param name="target">Checked targets.</param>
    /// <param name="shape">The sizes, lengths, weights and the steps that count.</param>
    protected abstract double Weigh(LossTargets target, LossShape shape);

    /// <summary>The sum of weighted losses over all that counts, and its gradient times a number.</summary>
    /// <param name="output">The model's outputs.</param>
    /// <param name="target">Checked targets.</param>
    /// <param name="gradient">Receives the gradient of the sum times the
    /// scale, and 0 where a row does not count; empty when not wanted.</param>
    /// <param name="shape">The sizes, lengths, weights and the steps that count.</param>
    /// <param name="scale">Multiplies the gradient only.</param>
    protected abstract double Add(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double scale);

    /// <summary>
    /// What divides the sum of a batch's losses: the weight of all that counts, 0 where nothing does, or 1 where the sum is wanted.
    /// A batch computed in parts has the sum of the parts' weights for a divisor.
    /// </summary>
    /// <exception cref="ArgumentException">A span's size does not fit the shape, or the loss cannot take a target.</exception>
    /// <exception cref="NotSupportedException">This loss does not take targets of this kind.</exception>
    internal double Divisor(LossTargets target, LossShape shape)
    {
        shape = shape with { Window = Window };
        RequireTarget(target, shape);
        if (!shape.StepWeights.IsEmpty && !TakesStepWeights)
        {
            throw new ArgumentException(
                $"{GetType().Name} does not weigh single steps: leave StepWeights away, or weigh samples.", nameof(shape));
        }

        if (FindFault(target, shape) is { } fault)
        {
            throw new ArgumentException(fault, nameof(target));
        }

        return Reduction == Reduction.Mean ? Weigh(target, shape) : 1;
    }

    /// <summary>The weight of all that counts and has something to learn from, whatever the reduction.</summary>
    /// <param name="target">Targets that <see cref="Divisor"/> has checked.</param>
    /// <param name="shape">The sizes, lengths and weights.</param>
    internal virtual double Count(LossTargets target, LossShape shape) => Weigh(target, shape with { Window = Window });

    /// <summary>The loss in words that are equal for equal losses.</summary>
    internal virtual string Describe()
    {
        var settings = Settings;
        return $"{GetType().Name}, {Reduction} of {Window}{(settings.Length > 0 ? "; " : "")}{settings}";
    }

    /// <summary>The words for numbers that a loss was given.</summary>
    private protected static string Words(ReadOnlySpan<float> numbers) =>
        string.Join(" ", numbers.ToArray().Select(n => n.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>
    /// The sum of a batch's losses, not divided, and its gradient, divided. Targets are those <see cref="Divisor"/> has checked. With a
    /// divisor of 0 there is nothing to sum and the gradient is 0.
    /// </summary>
    internal double Sum(ReadOnlySpan<float> output, LossTargets target, Span<float> gradient, LossShape shape, double divisor)
    {
        Require(output.Length, shape.Rows * shape.Features, nameof(output), shape);
        if (!gradient.IsEmpty)
        {
            Require(gradient.Length, shape.Rows * shape.Features, nameof(gradient), shape);
        }

        if (divisor == 0)
        {
            gradient.Clear();
            return 0;
        }

        return Add(output, target, gradient, shape with { Window = Window }, 1 / divisor);
    }

    /// <summary>What targets of a kind are called in error messages.</summary>
    internal static string Describe(TargetKind kind) => kind switch
    {
        TargetKind.Values => "values (float)",
        TargetKind.Classes => "class ids (int)",
        _ => "label sequences (int)",
    };

    private void RequireTarget(LossTargets target, LossShape shape)
    {
        if (target.Kind != TargetKind)
        {
            throw new NotSupportedException($"This loss takes {Describe(TargetKind)}, not {Describe(target.Kind)}.");
        }

        if (FindFault(shape.Features) is { } fault)
        {
            throw new ArgumentException(fault, nameof(shape));
        }

        switch (target.Kind)
        {
            case TargetKind.Values:
                Require(target.Values.Length, shape.Rows * TargetWidth(shape.Features), nameof(target), shape);
                break;
            case TargetKind.Classes:
                Require(target.Ids.Length, shape.Rows, nameof(target), shape);
                break;
            default:
                RequireLabels(target, shape);
                break;
        }
    }

    private static void RequireLabels(LossTargets target, LossShape shape)
    {
        if (target.LabelLengths.Length != shape.Batch)
        {
            throw new ArgumentException(
                $"Expected {shape.Batch} label lengths, one per sample, got {target.LabelLengths.Length}.", nameof(target));
        }

        long count = 0;
        foreach (var length in target.LabelLengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(target));
            count += length;
        }

        if (count != target.Ids.Length)
        {
            throw new ArgumentException($"The label lengths add up to {count}, but there are {target.Ids.Length} labels.", nameof(target));
        }
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
