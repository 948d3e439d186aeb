using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>Temporary memory of inference calls, kept between calls: one buffer a thread that was ever in at the same time.</summary>
internal sealed class WorkspacePool
{
    private readonly AlignedBuffer?[] _kept = new AlignedBuffer?[Math.Max(4, Environment.ProcessorCount)];

    /// <summary>A buffer of at least so many floats, for this caller alone until it is returned.</summary>
    public AlignedBuffer Rent(long length)
    {
        for (var k = 0; k < _kept.Length; k++)
        {
            if (Interlocked.Exchange(ref _kept[k], null) is { } buffer)
            {
                // A buffer that is too small makes way for a larger one.
                return buffer.Length >= length ? buffer : new AlignedBuffer(length);
            }
        }

        return new AlignedBuffer(length);
    }

    /// <summary>Gives a buffer back; it is kept where there is room.</summary>
    public void Return(AlignedBuffer buffer)
    {
        for (var k = 0; k < _kept.Length; k++)
        {
            if (Interlocked.CompareExchange(ref _kept[k], buffer, null) is null)
            {
                return;
            }
        }
    }
}
