namespace RnnCodegen;

/// <summary>
/// Samples to train or evaluate with: each a sequence of input rows or tokens, of any length, and its target. The memory is kept, not
/// copied, so that overlapping windows of one long series cost nothing; do not change it while the set is in use.
/// </summary>
public sealed partial class TrainingSet
{
    private readonly List<TrainingSample> _samples = [];
    private readonly int _inputSize;

    private TrainingSet(int inputSize) => _inputSize = inputSize;

    /// <summary>Number of samples.</summary>
    public int Count => _samples.Count;

    /// <summary>Time steps of the longest sample; 0 without samples.</summary>
    public int MaxSteps { get; private set; }

    /// <summary>Labels of the sample that has most; 0 without such targets.</summary>
    internal int MaxLabels { get; private set; }

    /// <summary>Whether the inputs are token ids.</summary>
    public bool TakesTokens => _inputSize == 0;

    /// <summary>Features of an input row; 0 where the inputs are token ids.</summary>
    public int InputSize => _inputSize;

    /// <summary>The kind of the targets; null while there are no samples, or where samples have inputs only.</summary>
    public TargetKind? TargetKind { get; private set; }

    internal TrainingSample this[int index] => _samples[index];

    /// <summary>An empty set for a model whose input is rows of features.</summary>
    /// <param name="inputSize">Features of a row, the model's <c>InputSize</c>.</param>
    public static TrainingSet OfRows(int inputSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        return new TrainingSet(inputSize);
    }

    /// <summary>An empty set for a model whose input is token ids.</summary>
    public static TrainingSet OfTokens() => new(0);

    /// <summary>Adds a sequence of rows with values as its target.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">
    /// [T, F], or [F] where the model's output is one row per sequence; for <see cref="QuantileLoss"/> one value for each group of
    /// quantiles.
    /// </param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty
    /// or no whole number of rows, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<float> rows, ReadOnlyMemory<float> target, float weight = 1) =>
        Add(new TrainingSample(CountRows(rows), rows, default, target, default, weight), RnnCodegen.TargetKind.Values);

    /// <summary>Adds a sequence of rows with class ids as its target.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">[T], or [1] where the model's output is one row per sequence.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty
    /// or no whole number of rows, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<float> rows, ReadOnlyMemory<int> target, float weight = 1) =>
        Add(new TrainingSample(CountRows(rows), rows, default, default, target, weight), RnnCodegen.TargetKind.Classes);

    /// <summary>Adds a sequence of rows with one class id as its target, for a model whose output is one row per sequence.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">The class id.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty
    /// or no whole number of rows, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<float> rows, int target, float weight = 1) => Add(rows, new[] { target }, weight);

    /// <summary>Adds a sequence of tokens with values as its target.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">
    /// [T, F], or [F] where the model's output is one row per sequence; for <see cref="QuantileLoss"/> one value for each group of
    /// quantiles.
    /// </param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<int> tokens, ReadOnlyMemory<float> target, float weight = 1) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, target, default, weight), RnnCodegen.TargetKind.Values);

    /// <summary>Adds a sequence of tokens with class ids as its target.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">[T], or [1] where the model's output is one row per sequence.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<int> tokens, ReadOnlyMemory<int> target, float weight = 1) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, default, target, weight), RnnCodegen.TargetKind.Classes);

    /// <summary>Adds a sequence of tokens with one class id as its target, for a model whose output is one row per sequence.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">The class id.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or the weight is negative or not finite.
    /// </exception>
    public void Add(ReadOnlyMemory<int> tokens, int target, float weight = 1) => Add(tokens, new[] { target }, weight);

    /// <summary>Adds a sequence of rows with values as its target, of which each step has a weight of its own.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">
    /// [T, F], or [F] where the model's output is one row per sequence; for <see cref="QuantileLoss"/> one value for each group of
    /// quantiles.
    /// </param>
    /// <param name="stepWeights">
    /// A weight for each output row: [T], or [1] where the model's output is one row per sequence. A step of weight 0 does not count.
    /// </param>
    /// <param name="weight">Weight of the sample's loss, which multiplies those of its steps.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty or no whole number of rows, or a weight is negative or not
    /// finite.
    /// </exception>
    public void Add(
        ReadOnlyMemory<float> rows, ReadOnlyMemory<float> target, ReadOnlyMemory<float> stepWeights, float weight = 1) =>
        Add(
            new TrainingSample(CountRows(rows), rows, default, target, default, weight) { StepWeights = stepWeights },
            RnnCodegen.TargetKind.Values);

    /// <summary>Adds a sequence of rows with class ids as its target, of which each step has a weight of its own.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">[T].</param>
    /// <param name="stepWeights">
    /// A weight for each output row: [T], or [1] where the model's output is one row per sequence. A step of weight 0 does not count.
    /// </param>
    /// <param name="weight">Weight of the sample's loss, which multiplies those of its steps.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty or no whole number of rows, or a weight is negative or not
    /// finite.
    /// </exception>
    public void Add(
        ReadOnlyMemory<float> rows, ReadOnlyMemory<int> target, ReadOnlyMemory<float> stepWeights, float weight = 1) =>
        Add(
            new TrainingSample(CountRows(rows), rows, default, default, target, weight) { StepWeights = stepWeights },
            RnnCodegen.TargetKind.Classes);

    /// <summary>Adds a sequence of tokens with values as its target, of which each step has a weight of its own.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">
    /// [T, F], or [F] where the model's output is one row per sequence; for <see cref="QuantileLoss"/> one value for each group of
    /// quantiles.
    /// </param>
    /// <param name="stepWeights">
    /// A weight for each output row: [T], or [1] where the model's output is one row per sequence. A step of weight 0 does not count.
    /// </param>
    /// <param name="weight">Weight of the sample's loss, which multiplies those of its steps.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or a weight is negative or not finite.
    /// </exception>
    public void Add(
        ReadOnlyMemory<int> tokens, ReadOnlyMemory<float> target, ReadOnlyMemory<float> stepWeights, float weight = 1) =>
        Add(
            new TrainingSample(CountTokens(tokens), default, tokens, target, default, weight) { StepWeights = stepWeights },
            RnnCodegen.TargetKind.Values);

    /// <summary>Adds a sequence of tokens with class ids as its target, of which each step has a weight of its own.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">[T].</param>
    /// <param name="stepWeights">
    /// A weight for each output row: [T], or [1] where the model's output is one row per sequence. A step of weight 0 does not count.
    /// </param>
    /// <param name="weight">Weight of the sample's loss, which multiplies those of its steps.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or a weight is negative or not finite.
    /// </exception>
    public void Add(
        ReadOnlyMemory<int> tokens, ReadOnlyMemory<int> target, ReadOnlyMemory<float> stepWeights, float weight = 1) =>
        Add(
            new TrainingSample(CountTokens(tokens), default, tokens, default, target, weight) { StepWeights = stepWeights },
            RnnCodegen.TargetKind.Classes);

    /// <summary>Adds a sequence of rows with a sequence of labels as its target, as <see cref="CtcLoss"/> takes it.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="labels">The labels, any number of them.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or targets of another kind, the input is empty
    /// or no whole number of rows, or the weight is negative or not finite.
    /// </exception>
    public void AddLabels(ReadOnlyMemory<float> rows, ReadOnlyMemory<int> labels, float weight = 1) =>
        Add(new TrainingSample(CountRows(rows), rows, default, default, labels, weight), RnnCodegen.TargetKind.Labels);

    /// <summary>Adds a sequence of tokens with a sequence of labels as its target, as <see cref="CtcLoss"/> takes it.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="labels">The labels, any number of them.</param>
    /// <param name="weight">Weight of the sample's loss.</param>
    /// <exception cref="ArgumentException">
    /// The set takes rows or targets of another kind, the input is empty, or the weight is negative or not finite.
    /// </exception>
    public void AddLabels(ReadOnlyMemory<int> tokens, ReadOnlyMemory<int> labels, float weight = 1) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, default, labels, weight), RnnCodegen.TargetKind.Labels);

    /// <summary>Adds a sequence of rows without a target, to predict with; a set has targets for all samples or for none.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <exception cref="ArgumentException">
    /// The set takes tokens or has targets, or the input is empty or no whole number of rows.
    /// </exception>
    public void AddInput(ReadOnlyMemory<float> rows) =>
        Add(new TrainingSample(CountRows(rows), rows, default, default, default, 1), null);

    /// <summary>Adds a sequence of tokens without a target, to predict with; a set has targets for all samples or for none.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <exception cref="ArgumentException">The set takes rows or has targets, or the input is empty.</exception>
    public void AddInput(ReadOnlyMemory<int> tokens) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, default, default, 1), null);

    private int CountRows(ReadOnlyMemory<float> rows)
    {
        if (TakesTokens)
        {
            throw new ArgumentException("This set takes tokens; create one with OfRows for rows.", nameof(rows));
        }

        return rows.Length > 0 && rows.Length % _inputSize == 0
            ? rows.Length / _inputSize
            : throw new ArgumentException($"{rows.Length} values are not a whole number of rows of {_inputSize} features.", nameof(rows));
    }

    private int CountTokens(ReadOnlyMemory<int> tokens)
    {
        if (!TakesTokens)
        {
            throw new ArgumentException(
                $"This set takes rows of {_inputSize} features; create one with OfTokens for tokens.", nameof(tokens));
        }

        return tokens.Length > 0 ? tokens.Length : throw new ArgumentException("A sequence needs at least one token.", nameof(tokens));
    }

    private void Add(TrainingSample sample, TargetKind? kind)
    {
        if (Count > 0 && TargetKind != kind)
        {
            throw new ArgumentException(
                TargetKind is null ? "This set's samples have no targets; put those that have some into another set."
                : kind is null ? "This set's samples have targets; put those without into another set."
                : $"This set's targets are {Loss.Describe(TargetKind.Value)}; put {Loss.Describe(kind.Value)} into another set.", "target");
        }

        if (!(sample.Weight >= 0 && float.IsFinite(sample.Weight)))
        {
            throw new ArgumentException($"The weight {sample.Weight} is not a finite number that is not negative.", "weight");
        }

        if (LossWeights.FindBad(sample.StepWeights.Span) is >= 0 and var bad)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"The weight {sample.StepWeights.Span[bad]} of step {bad} is not a finite number that is ") +
                "not negative.", "stepWeights");
        }

        TargetKind = kind;
        _samples.Add(sample);
        MaxSteps = Math.Max(MaxSteps, sample.Steps);
        MaxLabels = Math.Max(MaxLabels, kind == RnnCodegen.TargetKind.Labels ? sample.Ids.Length : 0);
    }
}
