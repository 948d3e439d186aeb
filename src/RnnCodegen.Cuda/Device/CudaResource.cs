namespace RnnCodegen.Cuda;

/// <summary>Something that lives on a device until it is disposed, or nobody refers to it any longer.</summary>
internal abstract class CudaResource : IDisposable
{
    private int _isReleased;

    protected CudaResource(CudaDevice device)
    {
        device.AddUser();
        Device = device;
    }

    ~CudaResource() => Release();

    protected CudaDevice Device { get; }

    /// <summary>Whether it is gone.</summary>
    public bool IsReleased => Volatile.Read(ref _isReleased) != 0;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what it holds, which may be nothing yet; does not throw.</summary>
    protected abstract void Free();

    private void Release()
    {
        // The device is null where it had been disposed before this was made.
        if (Interlocked.Exchange(ref _isReleased, 1) == 0 && Device is not null)
        {
            Free();
            Device.RemoveUser();
        }
    }
}
