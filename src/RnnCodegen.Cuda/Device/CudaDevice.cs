namespace RnnCodegen.Cuda;

/// <summary>
/// A GPU: its primary context and one stream, on which everything is done in order. Every call of the driver is checked; the context is
/// current during each and not after it. One thread at a time, except that anything may be disposed or finalized by any. What lives on a
/// device may outlive it: the context is given back with the last of them.
/// </summary>
internal sealed unsafe partial class CudaDevice : IDisposable
{
    private const int LogBytes = 16 * 1024;
    private readonly CudaDriver _driver;
    private readonly int _handle;
    private nint _context;
    private nint _stream;
    private int _users = 1;
    private int _isDisposed;
    private long _allocatedBytes;
    private int _allocations;
    private string _lastKernel = "";

    private CudaDevice(CudaDriver driver, int handle) => (_driver, _handle) = (driver, handle);

    ~CudaDevice() => Close();

    public string Name { get; private set; } = "";

    /// <summary>Compute capability: 90 for sm_90.</summary>
    public int Architecture { get; private set; }

    /// <summary>The newest CUDA that the driver knows: 12040 for 12.4.</summary>
    public int DriverVersion { get; private set; }

    public int Multiprocessors { get; private set; }

    /// <summary>Most bytes of shared memory that a block may have.</summary>
    public int MaxSharedBytes { get; private set; }

    /// <summary>Whether launches may have clusters of blocks.</summary>
    public bool HasClusters => Architecture >= 90;

    /// <summary>Bytes of device memory that are allocated.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Pieces of device memory and of pinned memory that are allocated.</summary>
    public int Allocations => Volatile.Read(ref _allocations);

    /// <summary>Whether another one is the same GPU, whose memory this one's kernels reach.</summary>
    public bool IsSame(CudaDevice other) => _context == other._context && _handle == other._handle;

    /// <summary>Whether what is enqueued is kept for a graph rather than done.</summary>
    public bool IsCapturing { get; private set; }

    /// <summary>Brings a model's device code to the device: machine code or PTX of its assembly, or what NVRTC makes of its text.</summary>
    /// <exception cref="CudaException">None of these can be had, or the text does not compile; the message says what was tried.</exception>
    public CudaModule Load(CudaProgram program, CudaOptions options)
    {
        var search = new NvrtcSearch(options, DriverVersion, Environment.GetEnvironmentVariable);
        var loader = new CudaLoader(this, new CudaCache(options, Environment.GetEnvironmentVariable), options.WantsPtx);
        return loader.Load(program, search.Open());
    }

    /// <summary>Memory, which holds anything until it is written.</summary>
    /// <exception cref="CudaException">The device has not so much; the message says how much it has.</exception>
    public CudaMemory Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var memory = new CudaMemory(this, bytes);
        try
        {
            Enter();
            ulong address = 0;
            var result = _driver.MemAlloc(&address, (nuint)bytes);
            nuint free = 0, total = 0;
            var detail = result == CudaConstants.OutOfMemory && _driver.MemGetInfo(&free, &total) == 0
                ? $"; {Spell(bytes)} bytes were asked for, and {Spell((long)free)} of {Spell((long)total)} are free"
                : "";
            if (result == 0)
            {
                memory.Address = address;
                Interlocked.Add(ref _allocatedBytes, bytes);
                Interlocked.Increment(ref _allocations);
            }

            Leave("cuMemAlloc_v2", result, detail);
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Memory of the host that copies of the stream may use.</summary>
    public CudaPinned AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var memory = new CudaPinned(this, bytes);
        try
        {
            Enter();
            void* pointer = null;
            var result = _driver.MemHostAlloc(&pointer, (nuint)bytes, 0);
            if (result == 0)
            {
                memory.Pointer = (byte*)pointer;
                Interlocked.Increment(ref _allocations);
            }

            Leave("cuMemHostAlloc", result, $"; {Spell(bytes)} bytes of pinned memory were asked for");
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Enqueues a copy from pinned memory, which must not change before it is done.</summary>
    public void CopyToDevice(ulong target, void* source, long bytes)
    {
        Enter();
        Leave("cuMemcpyHtoDAsync_v2", _driver.MemcpyHtoDAsync(target, source, (nuint)bytes, _stream));
    }

    /// <summary>Enqueues a copy to pinned memory, which may be read after <see cref="Synchronize"/>.</summary>
    public void CopyToHost(void* target, ulong source, long bytes)
    {
        Enter();
        Leave("cuMemcpyDtoHAsync_v2", _driver.MemcpyDtoHAsync(target, source, (nuint)bytes, _stream));
    }

    /// <summary>Enqueues zeros.</summary>
    public void Clear(ulong target, long bytes)
    {
        Enter();
        Leave("cuMemsetD8Async", _driver.MemsetD8Async(target, 0, (nuint)bytes, _stream));
    }

    /// <summary>Enqueues a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="gridX">Blocks, a multiple of the cluster's.</param>
    /// <param name="gridY">Blocks in the second dimension.</param>
    /// <param name="gridZ">Blocks in the third dimension.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="cluster">Blocks of a cluster; 1 for none.</param>
    /// <param name="sharedBytes">Bytes of shared memory beside the kernel's own.</param>
    /// <param name="parameters">Where each of the kernel's parameters is; they are copied before this returns.</param>
    public void Launch(
        CudaFunction kernel, int gridX, int gridY, int gridZ, int threads, int cluster, int sharedBytes, void** parameters)
    {
        ObjectDisposedException.ThrowIf(kernel.Module.IsReleased, kernel.Module);
        if (cluster > 1 && !HasClusters)
        {
            throw new CudaException($"{kernel.Name} needs clusters of {cluster} blocks, which {Name} (sm_{Architecture}) does not have.");
        }

        Allow(kernel, cluster, sharedBytes);
        var attribute = new CudaLaunchAttribute
        {
            Id = CudaLaunchAttribute.ClusterDimension, ClusterX = (uint)cluster, ClusterY = 1, ClusterZ = 1,
        };
        var config = new CudaLaunchConfig
        {
            GridX = (uint)gridX, GridY = (uint)gridY, GridZ = (uint)gridZ, BlockX = (uint)threads, BlockY = 1, BlockZ = 1,
            SharedBytes = (uint)sharedBytes, Stream = _stream, Attributes = &attribute, AttributeCount = cluster > 1 ? 1u : 0,
        };
        _lastKernel = kernel.Name;
        Enter();
        var result = _driver.LaunchKernelEx(&config, kernel.Handle, parameters, null);
        Leave("cuLaunchKernelEx", result, result == 0
            ? ""
            : $"; grid {gridX} x {gridY} x {gridZ}, {threads} threads, clusters of {cluster}, {Spell(sharedBytes)} bytes of shared " +
                "memory");
        GC.KeepAlive(kernel);
    }

    /// <summary>Waits until everything is done that was enqueued.</summary>
    /// <exception cref="CudaException">Something of it failed.</exception>
    public void Synchronize()
    {
        Enter();
        var result = _driver.StreamSynchronize(_stream);
        Leave("cuStreamSynchronize", result,
            result == 0 || _lastKernel.Length == 0 ? "" : $"; the last kernel that was launched is {_lastKernel}");
    }

    /// <summary>Gives the device back, now or once nothing lives on it any longer.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    // What goes beyond every device's bounds has to be allowed first.
    private void Allow(CudaFunction kernel, int cluster, int sharedBytes)
    {
        if (sharedBytes > kernel.AllowedSharedBytes)
        {
            Enter();
            Leave("cuFuncSetAttribute", _driver.FuncSetAttribute(kernel.Handle, CudaConstants.MaxDynamicSharedBytes, sharedBytes),
                $"; of {kernel.Name}, for {Spell(sharedBytes)} bytes of shared memory: a block may have {Spell(MaxSharedBytes)}",
                kernel.Name);
            kernel.AllowedSharedBytes = sharedBytes;
        }

        if (cluster > kernel.AllowedCluster)
        {
            Enter();
            Leave("cuFuncSetAttribute", _driver.FuncSetAttribute(kernel.Handle, CudaConstants.NonPortableClusterSize, 1),
                $"; of {kernel.Name}, for clusters of {cluster} blocks", kernel.Name);
            kernel.AllowedCluster = cluster;
        }
    }
}
