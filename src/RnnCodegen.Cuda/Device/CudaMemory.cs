namespace RnnCodegen.Cuda;

/// <summary>Memory of a device.</summary>
internal sealed class CudaMemory(CudaDevice device, long bytes) : CudaResource(device)
{
    /// <summary>Its address on the device.</summary>
    public ulong Address { get; set; }

    public long Bytes => bytes;

    protected override void Free() => Device.Free(this);
}
