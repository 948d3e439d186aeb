namespace RnnCodegen;

/// <summary>
/// Samples to train or evaluate with: each a sequence of input rows or tokens, of any length, and its target. The memory is kept, not
/// copied, so that overlapping windows of one long series cost nothing; do not change it while the set is in use.
/// </summary>
public sealed class TrainingSet
{
    private readonly List<TrainingSample> _samples = [];
    private readonly int _inputSize;

    private TrainingSet(int inputSize) => _inputSize = inputSize;

    /// <summary>Number of samples.</summary>
    public int Count => _samples.Count;

    /// <summary>Time steps of the longest sample; 0 without samples.</summary>
    public int MaxSteps { get; private set; }

    /// <summary>Whether the inputs are token ids.</summary>
    public bool TakesTokens => _inputSize == 0;

    /// <summary>Whether the targets are class ids; null while there are none.</summary>
    internal bool? HasClasses { get; private set; }

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
    /// <param name="target">[T, F], or [F] where the model's output is one row a sequence.</param>
    /// <exception cref="ArgumentException">The set takes tokens or class ids, or the input is empty or no whole number of rows.</exception>
    public void Add(ReadOnlyMemory<float> rows, ReadOnlyMemory<float> target) =>
        Add(new TrainingSample(CountRows(rows), rows, default, target, default), classes: false);

    /// <summary>Adds a sequence of rows with class ids as its target.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">[T], or [1] where the model's output is one row a sequence.</param>
    /// <exception cref="ArgumentException">The set takes tokens or values, or the input is empty or no whole number of rows.</exception>
    public void Add(ReadOnlyMemory<float> rows, ReadOnlyMemory<int> target) =>
        Add(new TrainingSample(CountRows(rows), rows, default, default, target), classes: true);

    /// <summary>Adds a sequence of rows with one class id as its target, for a model whose output is one row a sequence.</summary>
    /// <param name="rows">The input, [T, I].</param>
    /// <param name="target">The class id.</param>
    /// <exception cref="ArgumentException">The set takes tokens or values, or the input is empty or no whole number of rows.</exception>
    public void Add(ReadOnlyMemory<float> rows, int target) => Add(rows, new[] { target });

    /// <summary>Adds a sequence of tokens with values as its target.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">[T, F], or [F] where the model's output is one row a sequence.</param>
    /// <exception cref="ArgumentException">The set takes rows or class ids, or the input is empty.</exception>
    public void Add(ReadOnlyMemory<int> tokens, ReadOnlyMemory<float> target) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, target, default), classes: false);

    /// <summary>Adds a sequence of tokens with class ids as its target.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">[T], or [1] where the model's output is one row a sequence.</param>
    /// <exception cref="ArgumentException">The set takes rows or values, or the input is empty.</exception>
    public void Add(ReadOnlyMemory<int> tokens, ReadOnlyMemory<int> target) =>
        Add(new TrainingSample(CountTokens(tokens), default, tokens, default, target), classes: true);

    /// <summary>Adds a sequence of tokens with one class id as its target, for a model whose output is one row a sequence.</summary>
    /// <param name="tokens">The input, [T].</param>
    /// <param name="target">The class id.</param>
    /// <exception cref="ArgumentException">The set takes rows or values, or the input is empty.</exception>
    public void Add(ReadOnlyMemory<int> tokens, int target) => Add(tokens, new[] { target });

    /// <summary>Refuses a set that a model or loss cannot take, before anything is computed.</summary>
    internal void Check(ModelDefinition model, Loss loss, string argument)
    {
        if (Count == 0)
        {
            throw new ArgumentException("The set has no samples.", argument);
        }

        if (_inputSize != model.InputSize)
        {
            throw new ArgumentException(
                $"The set has {DescribeInput(_inputSize)}, but {model.Name} takes {DescribeInput(model.InputSize)}.", argument);
        }

        if (HasClasses != loss.TakesClasses)
        {
            throw new ArgumentException(
                $"The set's targets are {DescribeTarget(!loss.TakesClasses)}, but the loss takes {DescribeTarget(loss.TakesClasses)}.",
                argument);
        }

        for (var i = 0; i < Count; i++)
        {
            var sample = _samples[i];
            var rows = model.OutputIsSequence ? sample.Steps : 1;
            var (length, expected) = loss.TakesClasses
                ? (sample.Classes.Length, rows)
                : (sample.Values.Length, (long)rows * model.OutputSize);
            if (length != expected)
            {
                throw new ArgumentException(
                    $"Sample {i} of {sample.Steps} steps has {length} target elements, but {model.Name} and the loss need {expected}.",
                    argument);
            }

            CheckIds(sample.Tokens.Span, model.Vocabulary, "Token", i, argument);
            CheckIds(sample.Classes.Span, model.OutputSize, "Class id", i, argument);
        }
    }

    private static void CheckIds(ReadOnlySpan<int> ids, int count, string what, int sample, string argument)
    {
        var bad = ids.IndexOfAnyExceptInRange(0, count - 1);
        if (bad >= 0)
        {
            throw new ArgumentException($"{what} {ids[bad]} at position {bad} of sample {sample} is not from 0 to {count - 1}.", argument);
        }
    }

    private static string DescribeInput(int inputSize) => inputSize == 0 ? "tokens" : $"rows of {inputSize} features";

    private static string DescribeTarget(bool classes) => classes ? "class ids (int)" : "values (float)";

    private int CountRows(ReadOnlyMemory<float> rows)
    {
        if (TakesTokens)
        {
            throw new ArgumentException("This set takes tokens; create one with OfRows for rows.", nameof(rows));
        }

        return rows.Length > 0 && rows.Length % _inputSize == 0
            ? rows.Length / _inputSize
            : throw new ArgumentException($"{rows.Length} values are no whole number of rows of {_inputSize} features.", nameof(rows));
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

    private void Add(TrainingSample sample, bool classes)
    {
        if (HasClasses is { } has && has != classes)
        {
            throw new ArgumentException(
                $"This set's targets are {DescribeTarget(has)}; put {DescribeTarget(classes)} into another set.", "target");
        }

        HasClasses = classes;
        _samples.Add(sample);
        MaxSteps = Math.Max(MaxSteps, sample.Steps);
    }
}
