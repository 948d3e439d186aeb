using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>Rows to attend to in the memory of the host, and the keys that layers make of them.</summary>
internal sealed unsafe class CpuMemory : ModelMemory
{
    private readonly Lock _lock = new();
    private AlignedBuffer _rows = new(1);
    private AlignedBuffer? _keys;
    private ParameterSet? _keysOf;
    private int _keysVersion;

    /// <inheritdoc/>
    public override void CopyTo(Span<float> rows)
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
        Resize(other.Steps, other.Batch, other.Width, []);
        var length = Reserve();
        new ReadOnlySpan<float>(rows, checked((int)length)).CopyTo(_rows.Span);
    }

    /// <summary>Gives a call this memory, with the keys of a model's parameters as they are now.</summary>
    public void Bind(ref ModelCall call, ModelDefinition model, ParameterSet parameters)
    {
        call.MemoryRows = _rows.Pointer;
        call.MemorySteps = Steps;
        call.MemoryLengths = ValidRows.IsEmpty ? null : (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(ValidRows));
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

    /// <inheritdoc/>
    protected override void Store(ReadOnlySpan<float> rows)
    {
        Reserve();
        for (var step = 0; step < Steps; step++)
        {
            for (var sample = 0; sample < Batch; sample++)
            {
                rows.Slice(((step * Batch) + sample) * Width, Width).CopyTo(Row(sample, step));
            }
        }
    }

    private long Reserve()
    {
        var length = (long)Steps * Batch * AlignedBuffer.Stride(Width);
        _rows = _rows.Length < length ? new AlignedBuffer(length) : _rows;
        _keysOf = null;
        return length;
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
                MemoryAttention.Project(_rows.Pointer, AlignedBuffer.Stride(Width), count, Width, parameters.Pointer + layer.Offset, keys,
                    layer.Width, AlignedBuffer.Stride(layer.Width));
                keys += count * AlignedBuffer.Stride(layer.Width);
            }

            (_keysOf, _keysVersion) = (parameters, parameters.Version);
            return _keys.Pointer;
        }
    }
}
