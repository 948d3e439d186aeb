namespace RnnCodegen.Cuda;

/// <summary>What was enqueued during a capture, to be launched at once and again. The memory that it works on has to outlive it.</summary>
internal sealed class CudaGraph(CudaDevice device) : CudaResource(device)
{
    /// <summary>The driver's CUgraphExec.</summary>
    public nint Handle { get; set; }

    protected override void Free() => Device.Free(this);
}
