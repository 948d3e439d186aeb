using System.Buffers;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>Elements seen as bytes.</summary>
internal sealed class ElementBytes<T>(ReadOnlyMemory<T> elements) : MemoryManager<byte>
    where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(MemoryMarshal.AsMemory(elements).Span);

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Tensors hand out spans only.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>Bytes that the garbage collector does not own; keeps alive what does, and refuses those of a mapping that was closed.</summary>
internal sealed unsafe class UnmanagedBytes(byte* pointer, int length, object? owner) : MemoryManager<byte>
{
    public override Span<byte> GetSpan()
    {
        (owner as FileMapping)?.RequireOpen();
        return new Span<byte>(pointer, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Tensors hand out spans only.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
