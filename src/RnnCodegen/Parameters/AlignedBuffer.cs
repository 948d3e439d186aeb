using System.Runtime.InteropServices;

namespace RnnCodegen.Runtime;

/// <summary>
/// Zeroed floats that start on a 64-byte boundary and never move, so that kernels can keep pointers to them. The memory lives as long as
/// this object: whoever keeps only <see cref="Pointer"/> must also keep the buffer.
/// </summary>
public sealed unsafe class AlignedBuffer
{
    private const int Alignment = 64;
    private const int Padding = Alignment / sizeof(float);

    /// <summary>Most floats of one buffer: what an array can hold, less the room to align it.</summary>
    internal static readonly int MaxLength = Array.MaxLength - Padding;

    private readonly float[] _memory;
    private readonly int _start;

    /// <summary>Allocates zeroed memory.</summary>
    /// <param name="length">Number of floats, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or more than one array can hold.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, $"One buffer holds {MaxLength} floats at most; take fewer time steps or samples at a time.");
        }

        Length = length;
        _memory = GC.AllocateArray<float>((int)length + Padding, pinned: true);

        // The pinned object heap aligns arrays to 8 bytes only.
        var address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        var aligned = (address + Alignment - 1) & ~(nuint)(Alignment - 1);
        _start = (int)((aligned - address) / sizeof(float));
        Pointer = (float*)aligned;
    }

    /// <summary>So many floats and those up to the next boundary.</summary>
    internal static long RoundUp(long length) => (length + Padding - 1) / Padding * Padding;

    /// <summary>
    /// Floats from one row of so many to the next, so that each starts at a cache line; not a multiple of eight lines, because walks down
    /// the columns of a matrix would then meet few of a cache's sets. The generator's <c>Machine.Stride</c> is the same.
    /// </summary>
    internal static int Stride(int width) => (int)RoundUp(width) is var floats && floats % (8 * Padding) == 0 ? floats + Padding : floats;

    /// <summary>Number of floats.</summary>
    public long Length { get; }

    /// <summary>The first float, on a 64-byte boundary.</summary>
    public float* Pointer { get; }

    /// <summary>All floats.</summary>
    public Span<float> Span => _memory.AsSpan(_start, (int)Length);

    /// <summary>All floats, for code that cannot hold a span.</summary>
    internal Memory<float> Memory => _memory.AsMemory(_start, (int)Length);
}
