using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// The recurrent state of one or more samples: for each layer and direction h, and for LSTMs c; what causal convolutions and poolings have
/// seen. The caller owns it; a model only reads and writes the one it is given, so streams and threads that have their own states share a
/// model freely.
/// </summary>
/// <remarks>
/// NaN or infinity among a stream's inputs is not refused, for a step has no time to look. NaN passes into the state, and every output that
/// depends on it is NaN from then on; no later input brings the stream back. <see cref="Reset"/> does, and so does a copy that was taken
/// before. Infinity does the same where it meets another infinity or 0; else gates and bounded activations take it for a very large number,
/// and what follows is finite. Other samples of a batch, and other streams, are not touched.
/// </remarks>
public sealed partial class ModelState
{
    private readonly int[] _offsets;
    private readonly StateStart _start;
    private readonly IModelEngine _engine;
    private ModelMemory? _memory;
    private bool _sharesMemory;

    internal ModelState(ModelDefinition definition, StateStart start, int batch, IModelEngine engine)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (Definition, _start, _engine, Buffer) = (definition, start, engine, engine.CreateState());
        _offsets = new int[definition.State.Count + 1];
        Reshape(batch);
        Reset();
    }

    /// <summary>Samples B.</summary>
    public int Batch { get; private set; }

    /// <summary>The state's vectors, in the order of <see cref="CopyTo(Span{float})"/>.</summary>
    public IReadOnlyList<StateSlot> Slots => Definition.State;

    /// <summary>Values of all vectors and samples.</summary>
    public int Length { get; private set; }

    /// <summary>Rows of each sample's memory; 0 before <see cref="SetMemory"/>.</summary>
    public int MemorySteps => _memory?.Steps ?? 0;

    internal ModelDefinition Definition { get; }

    /// <summary>What the model's layers attend to; null where nothing has been set.</summary>
    internal ModelMemory? Memory => _memory;

    /// <summary>The values, where the engine has them.</summary>
    internal StateBuffer Buffer { get; }

    /// <summary>One sample's vector, by the slot's name, e.g. <c>Encoder.h_l0</c>; writable.</summary>
    /// <param name="slot">The vector's name.</param>
    /// <param name="sample">The sample, from 0 to Batch - 1.</param>
    /// <exception cref="KeyNotFoundException">The model has no vector of that name; the message lists them.</exception>
    public Span<float> Vector(string slot, int sample = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Batch);
        for (var k = 0; k < Slots.Count; k++)
        {
            if (Slots[k].Name == slot)
            {
                return Row(k, sample);
            }
        }

        throw new KeyNotFoundException($"{Definition.Name} has no state '{slot}'; it has {string.Join(", ", Slots.Select(s => s.Name))}.");
    }

    /// <summary>
    /// Gives the model's attention what to attend to, e.g. an encoder's outputs. Copied; kept until it is set again, through a reset too.
    /// </summary>
    /// <param name="rows">Rows [S, B, M], M as the model's MemorySize.</param>
    /// <param name="steps">Rows S of a sample.</param>
    /// <param name="lengths">Valid rows of each sample [B], from 0 to S; all where empty.</param>
    /// <exception cref="InvalidOperationException">The model attends to nothing.</exception>
    /// <exception cref="ArgumentException">A size does not fit.</exception>
    public void SetMemory(ReadOnlySpan<float> rows, int steps, ReadOnlySpan<int> lengths = default)
    {
        var width = Definition.MemorySize;
        if (width == 0)
        {
            throw new InvalidOperationException($"{Definition.Name} attends to nothing: give it MemorySize and an [Attention] layer.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (rows.Length != ModelChecks.Product(steps, Batch, width))
        {
            ModelChecks.ThrowLength(nameof(rows), rows.Length, ModelChecks.Product(steps, Batch, width),
                $"S {steps} x B {Batch} x M {width}");
        }

        ModelChecks.Lengths(lengths, steps, Batch);
        OwnMemory().Set(rows, steps, Batch, width, lengths);
    }

    /// <summary>
    /// Writes the memory's rows [S, B, M]; after Backward, of a state that received gradients, the gradient of the memory.
    /// </summary>
    /// <param name="rows">Receives the rows.</param>
    /// <exception cref="InvalidOperationException">There is no memory.</exception>
    /// <exception cref="ArgumentException"><paramref name="rows"/> has another length.</exception>
    public void CopyMemoryTo(Span<float> rows)
    {
        if (_memory is null)
        {
            throw new InvalidOperationException(
                "The state has no memory: call SetMemory first, or Backward, which leaves the memory's gradient here.");
        }

        if (rows.Length != (long)_memory.Steps * _memory.Batch * _memory.Width)
        {
            ModelChecks.ThrowLength(nameof(rows), rows.Length, (long)_memory.Steps * _memory.Batch * _memory.Width,
                $"S {_memory.Steps} x B {_memory.Batch} x M {_memory.Width}");
        }

        _memory.CopyTo(rows);
    }

    /// <summary>
    /// Sets the state before the first step: the values a layer has learned for it, as the parameters are now; 0 elsewhere. Nothing of what
    /// was there is left, NaN included: what convolutions carry and poolings have counted is 0 too. Only the memory that
    /// <see cref="SetMemory"/> gave stays.
    /// </summary>
    public void Reset()
    {
        _start.Fill(Buffer.Values, Batch);
    }

    /// <summary>Sets all values to 0, e.g. of a gradient.</summary>
    public void Clear() => Values.Clear();

    /// <summary>Takes the values of another state of the same model and batch, and shares its memory.</summary>
    public void CopyFrom(ModelState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsCompatible(other.Definition, other.Batch))
        {
            throw new ArgumentException(
                $"A state of {other.Definition.Name} with {other.Batch} samples does not fit one of {Definition.Name} with {Batch}.",
                nameof(other));
        }

        other.Values.CopyTo(Values);
        if (other._memory is not null && other._memory != _memory)
        {
            (_memory, _sharesMemory, other._sharesMemory) = (other._memory, true, true);
        }
    }

    /// <summary>Takes the values of a state of another model with vectors of the same sizes, for as many samples.</summary>
    internal void CopyAcross(ModelState other) => other.Values.CopyTo(Values);

    /// <summary>Writes all values: vector after vector [B, size], without padding.</summary>
    /// <exception cref="ArgumentException"><paramref name="values"/> is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<float> values)
    {
        Check(values.Length, nameof(values));
        for (var k = 0; k < Slots.Count; k++)
        {
            for (var sample = 0; sample < Batch; sample++)
            {
                Row(k, sample).CopyTo(values);
                values = values[Slots[k].Size..];
            }
        }
    }

    /// <summary>Reads what <see cref="CopyTo(Span{float})"/> wrote.</summary>
    /// <exception cref="ArgumentException"><paramref name="values"/> is shorter than <see cref="Length"/>.</exception>
    public void CopyFrom(ReadOnlySpan<float> values)
    {
        Check(values.Length, nameof(values));
        Clear();
        for (var k = 0; k < Slots.Count; k++)
        {
            for (var sample = 0; sample < Batch; sample++)
            {
                values[..Slots[k].Size].CopyTo(Row(k, sample));
                values = values[Slots[k].Size..];
            }
        }
    }

    /// <summary>Sets B; the values are undefined afterwards. Allocates only where the state has never been as large.</summary>
    internal void Reshape(int batch)
    {
        var floats = (long)_start.StateFloats * batch;
        if (floats > AlignedBuffer.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batch), batch,
                $"A state of {Definition.Name} has {_start.StateFloats} floats per sample, padding included, " +
                $"and holds {AlignedBuffer.MaxLength} in all: at most {AlignedBuffer.MaxLength / _start.StateFloats} samples. Divide the " +
                "batch among several states.");
        }

        var length = 0;
        for (var k = 0; k < Slots.Count; k++)
        {
            _offsets[k + 1] = _offsets[k] + (AlignedBuffer.Stride(Slots[k].Size) * batch);
            length += Slots[k].Size * batch;
        }

        Buffer.Reserve(_offsets[^1]);
        (Batch, Length) = (batch, length);
    }

    /// <summary>Copies some samples' vectors to the memory of a call for them alone.</summary>
    internal void CopySamplesTo(Span<float> target, int first, int count)
    {
        for (var k = 0; k < Slots.Count; k++)
        {
            var rows = Samples(k, first, count);
            rows.CopyTo(target);
            target = target[rows.Length..];
        }
    }

    /// <summary>Takes some samples' vectors from the memory of a call for them alone.</summary>
    internal void CopySamplesFrom(ReadOnlySpan<float> source, int first, int count)
    {
        for (var k = 0; k < Slots.Count; k++)
        {
            var rows = Samples(k, first, count);
            source[..rows.Length].CopyTo(rows);
            source = source[rows.Length..];
        }
    }

    internal bool IsCompatible(ModelDefinition definition, int batch) => ReferenceEquals(Definition, definition) && Batch == batch;

    /// <summary>A memory that no other state has.</summary>
    internal ModelMemory OwnMemory()
    {
        if (_memory is null || _sharesMemory)
        {
            (_memory, _sharesMemory) = (_engine.CreateMemory(), false);
        }

        return _memory;
    }

    private Span<float> Values => Buffer.Values[.._offsets[^1]];

    private Span<float> Row(int slot, int sample) =>
        Buffer.Values.Slice(_offsets[slot] + (sample * AlignedBuffer.Stride(Slots[slot].Size)), Slots[slot].Size);

    /// <summary>Some samples' rows of a vector, padding included.</summary>
    private Span<float> Samples(int slot, int first, int count)
    {
        var stride = AlignedBuffer.Stride(Slots[slot].Size);
        return Buffer.Values.Slice(_offsets[slot] + (first * stride), count * stride);
    }

    private void Check(int length, string name)
    {
        if (length < Length)
        {
            throw new ArgumentException($"The state has {Length} values; the span has {length}.", name);
        }
    }
}
