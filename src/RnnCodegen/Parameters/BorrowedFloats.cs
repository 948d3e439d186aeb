using System.Buffers;

namespace RnnCodegen;

/// <summary>Floats that belong to someone else and may lie in memory that cannot be written, such as a file inside an assembly.</summary>
/// <param name="pointer">The first float; 4-byte aligned.</param>
/// <param name="length">Number of floats.</param>
/// <param name="owner">What keeps the memory alive.</param>
internal sealed unsafe class BorrowedFloats(float* pointer, int length, object owner) : MemoryManager<float>
{
    private readonly object _owner = owner;

    /// <summary>The first float.</summary>
    public float* Pointer { get; } = pointer;

    /// <summary>Number of floats.</summary>
    public int Length => length;

    /// <inheritdoc/>
    public override Span<float> GetSpan() => new(Pointer, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(Pointer + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin() => GC.KeepAlive(_owner);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
