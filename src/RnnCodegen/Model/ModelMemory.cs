using System.Runtime.InteropServices;
using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>
/// Rows that a model attends to, and the keys its layers make of them. Once set, it does not change while others may read it: a state that shares it
/// gets one of its own before it sets another.
/// </summary>
internal sealed unsafe class ModelMemory
{
    private readonly Lock _lock = new();
    private AlignedBuffer _rows = new(1);
    private AlignedBuffer? _keys;
    private int[] _lengths = [];
    private ParameterSet? _keysOf;
    private int _keysVersion;
    private bool _hasLengths;

    /// <summary>Rows of a sample.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples B.</summary>
    public int Batch { get; private set; }

    /// <summary>Features of a row.</summary>
    public int Width { get; private set; }

    /// <summary>Changes with each new content.</summary>
    public int Version { get; private set; }

    /// <summary>Valid rows of each sample; empty where all are.</summary>
    public ReadOnlySpan<int> ValidRows => _hasLengths ? _lengths.AsSpan(0, Batch) : [];

    /// <summary>Takes rows [S, B, M].</summary>
    public void Set(ReadOnlySpan<float> rows, int steps, int batch, int width, ReadOnlySpan<int> lengths)
    {
        var length = (long)steps * batch * AlignedBuffer.Stride(width);
        _rows = _rows.Length < length ? new AlignedBuffer(length) : _rows;
        (Steps, Batch, Width, _hasLengths, _keysOf) = (steps, batch, width, !lengths.IsEmpty, null);
        Version = unchecked(Version + 1);
        if (_lengths.Length < lengths.Length)
        {
            _lengths = GC.AllocateArray<int>(lengths.Length, pinned: true);
        }

        lengths.CopyTo(_lengths);
        for (var step = 0; step < steps; step++)
        {
            for (var sample = 0; sample < batch; sample++)
            {
                rows.Slice(((step * batch) + sample) * width, width).CopyTo(Row(sample, step));
            }
        }
    }

    /// <summary>Writes the rows [S, B, M].</summary>
    public void CopyTo(Span<float> rows)
    {
        for (var step = 0; step < Steps; step++)
        {
            for (var sample = 0; sample < Batch; sample++)
            {
                Row(sample, step).CopyTo(rows[(((step * Batch) + sample) * Width)..]);
            }
        }
    }

    /// <summary>Takes what is laid out as another memory is, e.g. its gradient.</summary>
    public void SetLike(ModelMemory other, float* rows)
    {
        var length = (long)other.Steps * other.Batch * AlignedBuffer.Stride(other.Width);
        _rows = _rows.Length < length ? new AlignedBuffer(length) : _rows;
        (Steps, Batch, Width, _hasLengths, _keysOf) = (other.Steps, other.Batch, other.Width, false, null);
        Version = unchecked(Version + 1);
        new ReadOnlySpan<float>(rows, checked((int)length)).CopyTo(_rows.Span);
    }

    /// <summary>Gives a call this memory, with the keys of a model's parameters as they are now.</summary>
    public void Bind(ref ModelCall call, ModelDefinition model, ParameterSet parameters)
    {
        call.MemoryRows = _rows.Pointer;
        call.MemorySteps = Steps;
        call.MemoryLengths = _hasLengths ? (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_lengths, 0) : null;
        call.MemoryKeys = model.MemoryKeys.Count == 0 ? null : Keys(model, parameters);
    }

    /// <summary>Floats of the rows, and of the keys of a model's layers.</summary>
    public (long Rows, long Keys) Lengths(ModelDefinition model)
    {
        long rows = (long)Steps * Batch, keys = 0;
        for (var k = 0; k < model.MemoryKeys.Count; k++)
        {
            keys += AlignedBuffer.Stride(model.MemoryKeys[k].Width);
        }

        return (rows * AlignedBuffer.Stride(Width), rows * keys);
    }

    private Span<float> Row(int sample, int step) => _rows.Span.Slice(((sample * Steps) + step) * AlignedBuffer.Stride(Width), Width);

    private float* Keys(ModelDefinition model, ParameterSet parameters)
    {
        lock (_lock)
        {
            if (_keysOf == parameters && _keysVersion == parameters.Version)
            {
                return _keys!.Pointer;
            }

            var length = Lengths(model).Keys;
            _keys = _keys is null || _keys.Length < length ? new AlignedBuffer(length) : _keys;
            var keys = _keys.Pointer;
            var count = (nint)Steps * Batch;
            for (var k = 0; k < model.MemoryKeys.Count; k++)
            {
                var layer = model.MemoryKeys[k];
                MemoryAttention.Project(_rows.Pointer, AlignedBuffer.Stride(Width), count, Width, parameters.Pointer + layer.Offset, keys, layer.Width, AlignedBuffer.Stride(layer.Width));
                keys += count * AlignedBuffer.Stride(layer.Width);
            }

            (_keysOf, _keysVersion) = (parameters, parameters.Version);
            return _keys.Pointer;
        }
    }
}
