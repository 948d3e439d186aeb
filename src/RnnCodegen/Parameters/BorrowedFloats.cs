using System.Buffers;
using System.Runtime.InteropServices;

namespace RnnCodegen;

/// <summary>Floats that belong to someone else and may lie in memory that cannot be written, such as a file inside an assembly.</summary>
/// <param name="pointer">The first float, where <see cref="CanRead"/> says that it can be read.</param>
/// <param name="length">Number of floats.</param>
/// <param name="owner">The object that keeps the memory alive.</param>
internal sealed unsafe class BorrowedFloats(float* pointer, int length, object owner) : MemoryManager<float>
{
    private readonly object _owner = owner;

    /// <summary>The first float.</summary>
    public float* Pointer { get; } = pointer;

    /// <summary>
    /// Whether floats can be read at an address. An AOT compiler puts files into a program one after the other, on any byte; processors of
    /// these kinds read from any, and kernels ask for no alignment.
    /// </summary>
    public static bool CanRead(void* address) =>
        (nuint)address % sizeof(float) == 0
            || RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 or Architecture.Arm64;

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
