using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// A model's parameters, or gradients of the same layout: one flat buffer without gaps, 64-byte aligned, with a named view of each tensor.
/// </summary>
public sealed partial class ParameterSet
{
    private readonly Parameter[] _tensors;
    private readonly Dictionary<string, Parameter> _byName;
    private readonly int _count;
    private AlignedBuffer? _buffer;
    private BorrowedFloats? _borrowed;
    private IValueHolder? _holder;

    /// <summary>A set of the given tensors, all zeros.</summary>
    /// <param name="tensors">The tensors in the order of their offsets, which must leave no gap.</param>
    /// <exception cref="ArgumentException">An offset leaves a gap or overlaps, a size is not positive, or a name occurs twice.</exception>
    public ParameterSet(IReadOnlyList<ParameterInfo> tensors)
        : this(tensors, null)
    {
    }

    /// <summary>
    /// A set over memory of someone else, which is read where it is until the first <see cref="Edit"/>; zeros of its own where null.
    /// </summary>
    internal ParameterSet(IReadOnlyList<ParameterInfo> tensors, BorrowedFloats? values)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        long end = 0;
        _tensors = new Parameter[tensors.Count];
        _byName = new Dictionary<string, Parameter>(tensors.Count, StringComparer.Ordinal);
        for (var i = 0; i < _tensors.Length; i++)
        {
            var info = tensors[i];
            if (info.Rows <= 0 || info.Columns < 0)
            {
                throw new ArgumentException(
                    $"Tensor '{info.Name}' has the shape [{info.Rows}, {info.Columns}]: sizes must be positive.", nameof(tensors));
            }

            if (info.Offset != end)
            {
                throw new ArgumentException(
                    $"Tensor '{info.Name}' starts at {info.Offset} but the one before it ends at {end}.", nameof(tensors));
            }

            end += (long)info.Rows * Math.Max(1, info.Columns);
            if (end > Array.MaxLength)
            {
                throw new ArgumentException(
                    $"The tensors up to '{info.Name}' hold {end} values, more than {Array.MaxLength}.", nameof(tensors));
            }

            _tensors[i] = new Parameter(this, info);
            if (!_byName.TryAdd(info.Name, _tensors[i]))
            {
                throw new ArgumentException($"Two tensors are named '{info.Name}'.", nameof(tensors));
            }
        }

        if (values is not null && values.Length != end)
        {
            throw new ArgumentException($"The tensors hold {end} values, the memory {values.Length}.", nameof(values));
        }

        _count = (int)end;
        _borrowed = values;
        _buffer = values is null ? new AlignedBuffer(end) : null;
        IsClear = values is null;
        Tensors = Array.AsReadOnly(_tensors);
    }

    /// <summary>Number of trained values.</summary>
    public int Count => _count;

    /// <summary>
    /// All values, tensor after tensor. Where <see cref="IsInPlace"/>, a span taken before the first <see cref="Edit"/> does not see what
    /// is written: take it anew.
    /// </summary>
    public ReadOnlySpan<float> Values
    {
        get
        {
            if (_holder is not null)
            {
                BringBack();
            }

            return _borrowed is { } borrowed ? borrowed.GetSpan() : _buffer!.Span;
        }
    }

    /// <summary>
    /// Whether the values are read where a file was embedded, in memory that is not this set's own and cannot be written. The first
    /// <see cref="Edit"/> copies them, and ends it.
    /// </summary>
    public bool IsInPlace => _borrowed is not null;

    /// <summary>Whether all values are 0 because nobody has asked to write any since the set was made or cleared.</summary>
    internal bool IsClear { get; private set; }

    /// <summary>Changes with each <see cref="Edit"/>, so that copies made from the values know when they are old.</summary>
    public int Version { get; private set; }

    /// <summary>The tensors in the order of the buffer.</summary>
    public IReadOnlyList<Parameter> Tensors { get; }

    /// <summary>All values, for code that cannot hold a span.</summary>
    internal ReadOnlyMemory<float> Memory
    {
        get
        {
            BringBack();
            return _borrowed is { } borrowed ? borrowed.Memory : _buffer!.Memory;
        }
    }

    /// <summary>Who has newer values than this set; null where the set has the newest.</summary>
    internal IValueHolder? Holder => _holder;

    /// <summary>The tensor of the given name.</summary>
    /// <param name="name">Full name, e.g. <c>Encoder.weight_ih_l0</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the nearest names.</exception>
    public Parameter this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return _byName.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException(
                $"There is no tensor '{name}'. {NearestNames.Describe(name, _tensors.Select(t => t.Name))}");
        }
    }

    /// <summary>Finds a tensor that may not exist.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="tensor">The tensor, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Parameter? tensor) =>
        _byName.TryGetValue(name, out tensor);

    /// <summary>
    /// All values for writing. Models keep packed copies of their weights and rebuild them when <see cref="Version"/> changes, so call this
    /// anew for each round of writes; a span kept across a model's use writes values the model does not see. Not while another thread uses
    /// the model.
    /// </summary>
    public Span<float> Edit()
    {
        BringBack();
        Own();
        Version = unchecked(Version + 1);
        IsClear = false;
        return _buffer!.Span;
    }

    /// <summary>Takes another set's values.</summary>
    /// <param name="other">A set of the same tensor names and shapes.</param>
    /// <exception cref="ArgumentException">The sets differ in a name or shape; nothing was copied.</exception>
    public void CopyFrom(ParameterSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RequireSameLayout(other, nameof(other));
        other.Values.CopyTo(Edit());
    }

    /// <summary>Sets all values to 0.</summary>
    public void Clear()
    {
        Edit().Clear();
        IsClear = true;
    }

    /// <summary>Notes that someone else has new values, who is asked for them as soon as someone reads or writes any.</summary>
    internal void HandOver(IValueHolder holder)
    {
        Own();
        (_holder, IsClear) = (holder, false);
        Version = unchecked(Version + 1);
    }

    /// <summary>
    /// For who has the values, to write them: the set has the newest from here on. They are those of the version that was handed over.
    /// </summary>
    internal Span<float> Receive()
    {
        _holder = null;
        return _buffer!.Span;
    }

    private void BringBack() => _holder?.BringBack();

    /// <summary>Has memory of its own.</summary>
    private void Own()
    {
        if (_borrowed is { } borrowed)
        {
            _buffer = new AlignedBuffer(_count);
            borrowed.GetSpan().CopyTo(_buffer.Span);
            _borrowed = null;
        }
    }

    /// <summary>Refuses a set whose tensors are not these; allocates only to refuse.</summary>
    internal void RequireSameLayout(ParameterSet other, string argument)
    {
        if (_tensors.Length != other._tensors.Length)
        {
            throw new ArgumentException(
                $"Expected a set of {_tensors.Length} tensors, got {other._tensors.Length}; create it with the same model.", argument);
        }

        for (var i = 0; i < _tensors.Length; i++)
        {
            var (a, b) = (_tensors[i].Info, other._tensors[i].Info);
            if (!ReferenceEquals(a, b) && (a.Name != b.Name || a.Rows != b.Rows || a.Columns != b.Columns))
            {
                throw new ArgumentException(
                    $"Tensor {i} should be {_tensors[i]} but is {other._tensors[i]}; create the set with the same model.", argument);
            }
        }
    }
}
