namespace RnnCodegen.Cuda;

/// <summary>Memory of the host that the device copies from and to while the program goes on.</summary>
internal sealed unsafe class CudaPinned(CudaDevice device, long bytes) : CudaResource(device)
{
    public byte* Pointer { get; set; }

    public long Bytes => bytes;

    protected override void Free() => Device.Free(this);
}
