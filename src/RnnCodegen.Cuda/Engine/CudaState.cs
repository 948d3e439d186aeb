using RnnCodegen.Runtime;

namespace RnnCodegen.Cuda;

/// <summary>A state on the host, where its owner reads and writes it; calls carry it over.</summary>
internal sealed class CudaState : StateBuffer
{
    private AlignedBuffer _values = new(1);

    /// <inheritdoc/>
    public override Span<float> Values => _values.Span;

    /// <inheritdoc/>
    public override void Reserve(long floats)
    {
        if (_values.Length < floats)
        {
            _values = new AlignedBuffer(floats);
        }
    }
}
