using System.Buffers;
using System.Text;

namespace RnnCodegen;

/// <summary>
/// Edits over length: the sum of the edit distances (<see cref="EditDistance"/>) from hypotheses to references, divided by the sum of the
/// references' lengths. 0 is perfect; more than 1 is possible.
/// </summary>
public abstract class ErrorRate : SequenceMetric
{
    private long _edits;
    private long _length;

    private protected ErrorRate()
    {
    }

    /// <inheritdoc/>
    public sealed override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public sealed override double Value => (double)_edits / _length;

    /// <inheritdoc/>
    public sealed override void Reset() => (_edits, _length) = (0, 0);

    internal sealed override void Visit(SumExchange sums)
    {
        sums.Add(ref _edits);
        sums.Add(ref _length);
    }

    internal sealed override bool ReadsAll => true;

    /// <summary>Adds a pair of texts.</summary>
    /// <param name="hypothesis">The recognised sequence.</param>
    /// <param name="reference">The correct sequence.</param>
    public abstract void Add(string hypothesis, string reference);

    private protected void Count(int edits, int length) => (_edits, _length) = (_edits + edits, _length + length);
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
