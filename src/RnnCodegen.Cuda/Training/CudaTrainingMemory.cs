namespace RnnCodegen.Cuda;

/// <summary>
/// Where everything stands in a memory of a training, in bytes: what is copied at the front, which the host has too, laid out alike.
/// </summary>
internal abstract class CudaTrainingMemory
{
    private const int Alignment = 256;

    /// <summary>Bytes that the host has too.</summary>
    public long HostBytes { get; protected set; }

    public long DeviceBytes => End;

    protected long End { get; private set; }

    protected long Take(long bytes)
    {
        var start = End;
        End += (bytes + Alignment - 1) / Alignment * Alignment;
        return start;
    }
}
