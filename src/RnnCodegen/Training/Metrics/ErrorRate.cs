using System.Buffers;
using System.Globalization;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// Edits over length: the sum of the edit distances (<see cref="EditDistance"/>) from hypotheses to references, divided by the sum of the
/// references' lengths. 0 is perfect; more than 1 is possible. With a model's outputs, a sample's hypothesis is the class with the largest
/// output at each of its valid steps, and with a <see cref="Blank"/>, as for CTC, runs of the same class become one and blanks are left out.
/// </summary>
public abstract class ErrorRate : Metric
{
    private long _edits;
    private long _length;

    private protected ErrorRate()
    {
    }

    /// <summary>CTC's blank class, left out after runs of equal classes became one; null, the default, keeps every step as it is.</summary>
    public int? Blank { get; init; }

    /// <summary>Target ids that stand for no item, such as padding; null, the default, keeps all.</summary>
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    public sealed override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public sealed override bool Takes(TargetKind kind) => kind is TargetKind.Classes or TargetKind.Labels;

    /// <inheritdoc/>
    public sealed override double Value => (double)_edits / _length;

    /// <inheritdoc/>
    public sealed override void Reset() => (_edits, _length) = (0, 0);

    internal sealed override void Visit(SumExchange sums)
    {
        sums.Add(ref _edits);
        sums.Add(ref _length);
    }

    private protected override string Settings => FormattableString.Invariant($"blank {Word(Blank)}, without {Word(IgnoreIndex)}");

    private protected override string? FindMisfit(ModelDefinition model, Loss loss)
    {
        var blank = loss is CtcLoss ctc ? ctc.BlankIndex : Blank;
        return Blank != blank
            ? $"The metric {Name} must know the loss' blank, or it would count each step as a label: set its Blank to {blank}."
            : RequireClass(model, Blank, nameof(Blank));
    }

    /// <summary>Why a class id is none of the model's, or null if it is, or there is none.</summary>
    private protected string? RequireClass(ModelDefinition model, int? id, string property) => id is null || (uint)id < (uint)model.OutputSize
        ? null
        : $"The metric {Name} has the {property} {id}, but {model.Name} has the classes 0 to {model.OutputSize - 1}.";

    private protected static string Word(int? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "none";

    /// <summary>Adds a pair of texts.</summary>
    /// <param name="hypothesis">What was recognised.</param>
    /// <param name="reference">What is right.</param>
    public abstract void Add(string hypothesis, string reference);

    /// <summary>Adds a pair of sequences of class ids.</summary>
    /// <param name="hypothesis">What was recognised.</param>
    /// <param name="reference">What is right.</param>
    public abstract void Add(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference);

    private protected void Count(int edits, int length) => (_edits, _length) = (_edits + edits, _length + length);

    private protected sealed override void AddBatch(ReadOnlySpan<float> output, LossTargets target, LossShape shape)
    {
        var memory = ArrayPool<int>.Shared.Rent(2 * shape.Steps);
        var hypothesis = memory.AsSpan(0, shape.Steps);
        var classes = memory.AsSpan(shape.Steps);
        var labels = 0;
        for (var b = 0; b < shape.Batch; b++)
        {
            var (start, end) = shape.StepsOf(b);
            var (count, references, last) = (0, 0, -1);
            for (var t = start; t < end; t++)
            {
                var row = (t * shape.Batch) + b;
                var predicted = ClassMetric.Predict(output.Slice(row * shape.Features, shape.Features));
                if (Blank is null || (predicted != Blank && predicted != last))
                {
                    hypothesis[count++] = predicted;
                }

                last = predicted;
                if (target.Kind == TargetKind.Classes && target.Ids[row] != IgnoreIndex)
                {
                    classes[references++] = target.Ids[row];
                }
            }

            var reference = target.Kind == TargetKind.Classes ? classes[..references] : target.Ids.Slice(labels, target.LabelLengths[b]);
            labels += target.Kind == TargetKind.Labels ? target.LabelLengths[b] : 0;
            if (shape.WeightOf(b) > 0)
            {
                Add(hypothesis[..count], reference);
            }
        }

        ArrayPool<int>.Shared.Return(memory);
    }
}

/// <summary>The character error rate: items are the Unicode scalar values of a text, or single class ids.</summary>
public sealed class CharacterErrorRate : ErrorRate
{
    /// <inheritdoc/>
    public override string Name => "CER";

    /// <inheritdoc/>
    public override void Add(string hypothesis, string reference)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(reference);
        var memory = ArrayPool<int>.Shared.Rent(hypothesis.Length + reference.Length);
        var first = Scalars(hypothesis, memory);
        Add(first, Scalars(reference, memory.AsSpan(first.Length)));
        ArrayPool<int>.Shared.Return(memory);
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference) =>
        Count(EditDistance.Of(hypothesis, reference), reference.Length);

    private static Span<int> Scalars(string text, Span<int> memory)
    {
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            memory[count++] = rune.Value;
        }

        return memory[..count];
    }
}

/// <summary>The word error rate: items are words, what stands between white space of a text or between separators of class ids.</summary>
public sealed class WordErrorRate : ErrorRate
{
    private Func<int, bool>? _isSeparator;

    /// <summary>The class id between words; with sequences of class ids it must be set.</summary>
    public int? Separator { get; init; }

    /// <inheritdoc/>
    public override string Name => "WER";

    private protected override string Settings => $"{base.Settings}, words between {Word(Separator)}";

    private protected override string? FindMisfit(ModelDefinition model, Loss loss) => Separator is null
        ? $"The metric {Name} needs a Separator, the class between words."
        : base.FindMisfit(model, loss) ?? RequireClass(model, Separator, nameof(Separator));

    /// <inheritdoc/>
    public override void Add(string hypothesis, string reference)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(reference);
        Add<char>(hypothesis, reference, char.IsWhiteSpace);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No <see cref="Separator"/> is set.</exception>
    public override void Add(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference)
    {
        if (Separator is null)
        {
            throw new InvalidOperationException("Words of class ids need a Separator, the class between words.");
        }

        Add(hypothesis, reference, _isSeparator ??= id => id == Separator);
    }

    private void Add<T>(ReadOnlySpan<T> hypothesis, ReadOnlySpan<T> reference, Func<T, bool> isSeparator)
        where T : IEquatable<T>
    {
        var memory = ArrayPool<Range>.Shared.Rent((hypothesis.Length + reference.Length + 3) / 2);
        var first = Words(hypothesis, memory, isSeparator);
        var second = Words(reference, memory.AsSpan(first.Length), isSeparator);
        Count(EditDistance.Of(new WordPairs<T>(hypothesis, first, reference, second), first.Length, second.Length), second.Length);
        ArrayPool<Range>.Shared.Return(memory);
    }

    private static Span<Range> Words<T>(ReadOnlySpan<T> text, Span<Range> memory, Func<T, bool> isSeparator)
    {
        var (count, start) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || isSeparator(text[i]))
            {
                if (i > start)
                {
                    memory[count++] = start..i;
                }

                start = i + 1;
            }
        }

        return memory[..count];
    }

    private readonly ref struct WordPairs<T>(ReadOnlySpan<T> first, Span<Range> firstWords, ReadOnlySpan<T> second, Span<Range> secondWords)
        : EditDistance.IPairs
        where T : IEquatable<T>
    {
        private readonly ReadOnlySpan<T> _first = first;
        private readonly ReadOnlySpan<Range> _firstWords = firstWords;
        private readonly ReadOnlySpan<T> _second = second;
        private readonly ReadOnlySpan<Range> _secondWords = secondWords;

        public bool AreEqual(int i, int j) => _first[_firstWords[i]].SequenceEqual(_second[_secondWords[j]]);
    }
}
