using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.Cuda;

/// <summary>
/// A GPU: its primary context and one stream, on which everything is done in order. Every call of the driver is checked; the context is
/// current during each and not after it. One thread at a time, except that anything may be disposed or finalized by any. What lives on a
/// device may outlive it: the context is given back with the last of them.
/// </summary>
internal sealed unsafe class CudaDevice : IDisposable
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

    /// <summary>Whether what is enqueued is kept for a graph rather than done.</summary>
    public bool IsCapturing { get; private set; }

    /// <summary>A GPU of this machine.</summary>
    /// <param name="options">Which one.</param>
    /// <param name="reason">Why there is none, in a sentence; empty where there is one.</param>
    public static CudaDevice? TryOpen(CudaOptions options, out string reason) =>
        CudaDriver.TryLoad(out reason) is { } driver ? TryOpen(driver, options.Device, out reason) : null;

    /// <summary>A driver's GPU by its number.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="ordinal">Its number, from 0.</param>
    /// <param name="reason">Why there is none, in a sentence; empty where there is one.</param>
    public static CudaDevice? TryOpen(CudaDriver driver, int ordinal, out string reason)
    {
        try
        {
            int version, count, handle;
            Check(driver, "cuDriverGetVersion", driver.DriverGetVersion(&version));
            if (version < CudaDriver.LeastVersion)
            {
                reason = $"The NVIDIA driver of this machine is one for CUDA {CudaDriver.Spell(version)}: a driver for CUDA " +
                    $"{CudaDriver.Spell(CudaDriver.LeastVersion)} or later is needed.";
                return null;
            }

            Check(driver, "cuInit", driver.Init(0));
            Check(driver, "cuDeviceGetCount", driver.DeviceGetCount(&count));
            if (ordinal < 0 || ordinal >= count)
            {
                reason = count == 0
                    ? $"There is an NVIDIA driver for CUDA {CudaDriver.Spell(version)} on this machine, but it finds no GPU."
                    : $"There is no GPU of number {ordinal}: the driver finds {count}, counted from 0.";
                return null;
            }

            Check(driver, "cuDeviceGet", driver.DeviceGet(&handle, ordinal));
            var device = new CudaDevice(driver, handle) { DriverVersion = version };
            try
            {
                device.Open();
            }
            catch
            {
                device.Dispose();
                throw;
            }

            reason = "";
            return device;
        }
        catch (CudaException e)
        {
            reason = $"The GPU of number {ordinal} cannot be used: {e.Message}";
            return null;
        }
    }

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
                ? $"; {bytes:N0} bytes were asked for, and {(ulong)free:N0} of {(ulong)total:N0} are free"
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

            Leave("cuMemHostAlloc", result, $"; {bytes:N0} bytes of pinned memory were asked for");
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
            : $"; grid {gridX} x {gridY} x {gridZ}, {threads} threads, clusters of {cluster}, {sharedBytes:N0} bytes of shared memory");
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

    /// <summary>
    /// Keeps what this thread enqueues from here on, rather than doing it, until <see cref="EndCapture"/> makes a graph of it, or
    /// <see cref="CancelCapture"/> forgets it. Until then nothing can be allocated, freed, loaded or waited for by this thread.
    /// </summary>
    public void BeginCapture()
    {
        Enter();
        var result = _driver.StreamBeginCapture(_stream, CudaConstants.CaptureThreadLocal);
        IsCapturing = result == 0;
        try
        {
            Leave("cuStreamBeginCapture_v2", result);
        }
        catch
        {
            CancelCapture();
            throw;
        }
    }

    /// <summary>Makes a graph of what was enqueued since <see cref="BeginCapture"/>. Where it throws, the capture has ended too.</summary>
    public CudaGraph EndCapture()
    {
        var made = new CudaGraph(this);
        try
        {
            Enter();
            nint graph = 0, exec = 0;
            var (call, result) = ("cuStreamEndCapture", _driver.StreamEndCapture(_stream, &graph));
            if (result == 0)
            {
                IsCapturing = false;
                (call, result) = ("cuGraphInstantiateWithFlags", _driver.GraphInstantiateWithFlags(&exec, graph, 0));
                made.Handle = exec;
                var destroyed = _driver.GraphDestroy(graph);
                (call, result) = result == 0 ? ("cuGraphDestroy", destroyed) : (call, result);
            }

            Leave(call, result);
            return made;
        }
        catch
        {
            made.Dispose();
            CancelCapture();
            throw;
        }
    }

    /// <summary>Ends a capture, if there is one, and forgets what was enqueued: where something fails between its begin and end.</summary>
    public void CancelCapture()
    {
        if (IsCapturing && TryEnter())
        {
            IsCapturing = false;
            nint graph = 0;
            if (_driver.StreamEndCapture(_stream, &graph) == 0)
            {
                _ = _driver.GraphDestroy(graph);
            }

            TryLeave();
        }
    }

    /// <summary>Enqueues everything that a graph has.</summary>
    public void Launch(CudaGraph graph)
    {
        ObjectDisposedException.ThrowIf(graph.IsReleased, graph);
        Enter();
        Leave("cuGraphLaunch", _driver.GraphLaunch(graph.Handle, _stream));
    }

    /// <summary>Gives the device back, now or once nothing lives on it any longer.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Counts one more thing that lives on the device.</summary>
    internal void AddUser()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Interlocked.Increment(ref _users);
    }

    /// <summary>Counts one less; with the last one the context goes.</summary>
    internal void RemoveUser()
    {
        if (Interlocked.Decrement(ref _users) != 0 || _context == 0)
        {
            return;
        }

        if (_stream != 0 && TryEnter())
        {
            _ = _driver.StreamDestroy(_stream);
            TryLeave();
        }

        _ = _driver.DevicePrimaryCtxRelease(_handle);
        (_stream, _context) = (0, 0);
    }

    /// <summary>Loads machine code or PTX.</summary>
    /// <exception cref="CudaException">The driver refuses it; the log says why.</exception>
    internal CudaModule Load(CudaImage image)
    {
        // PTX is a text that ends with a zero, which does no harm to machine code.
        byte[] bytes = [.. image.Bytes, 0];
        var log = new byte[LogBytes];
        var module = new CudaModule(this) { Origin = image.Origin };
        try
        {
            fixed (byte* start = bytes, logStart = log)
            {
                nint handle = 0;
                var options = stackalloc int[] { CudaConstants.JitErrorLog, CudaConstants.JitErrorLogBytes };
                var values = stackalloc void*[] { logStart, (void*)LogBytes };
                Enter();
                var result = _driver.ModuleLoadDataEx(&handle, start, 2, options, values);
                module.Handle = result == 0 ? handle : 0;
                Leave("cuModuleLoadDataEx", result, $"; of {image.Origin}", "", LogText(log));
            }

            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    internal CudaFunction Find(CudaModule module, string kernel)
    {
        ObjectDisposedException.ThrowIf(module.IsReleased, module);
        nint handle = 0;
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            Enter();
            Leave("cuModuleGetFunction", _driver.ModuleGetFunction(&handle, module.Handle, name), $"; of the kernel {kernel}", kernel);
        }

        return new CudaFunction(module, kernel, handle);
    }

    // Errors of what frees are not told: they are those of earlier work, which the next call has too.
    internal void Free(CudaMemory memory)
    {
        if (memory.Address != 0)
        {
            if (TryEnter())
            {
                _ = _driver.MemFree(memory.Address);
                TryLeave();
            }

            Interlocked.Add(ref _allocatedBytes, -memory.Bytes);
            Interlocked.Decrement(ref _allocations);
        }
    }

    internal void Free(CudaPinned memory)
    {
        if (memory.Pointer is not null)
        {
            if (TryEnter())
            {
                _ = _driver.MemFreeHost(memory.Pointer);
                TryLeave();
            }

            Interlocked.Decrement(ref _allocations);
        }
    }

    internal void Free(CudaGraph graph)
    {
        if (graph.Handle != 0 && TryEnter())
        {
            _ = _driver.GraphExecDestroy(graph.Handle);
            TryLeave();
        }
    }

    internal void Free(CudaModule module)
    {
        if (module.Handle != 0 && TryEnter())
        {
            _ = _driver.ModuleUnload(module.Handle);
            TryLeave();
        }
    }

    private static void Check(CudaDriver driver, string call, int result, string detail = "", string kernel = "", string log = "")
    {
        if (result != 0)
        {
            var (name, text) = driver.Explain(result);
            throw new CudaException(
                call, result, $"{call} failed: {name}{(text.Length == 0 ? "" : $", {text}")} ({result}){detail}.", kernel, log);
        }
    }

    private void Open()
    {
        var name = stackalloc byte[256];
        Check(_driver, "cuDeviceGetName", _driver.DeviceGetName(name, 256, _handle));
        Name = Marshal.PtrToStringUTF8((nint)name)!;
        Architecture = (10 * Attribute(CudaConstants.ComputeCapabilityMajor)) + Attribute(CudaConstants.ComputeCapabilityMinor);
        Multiprocessors = Attribute(CudaConstants.MultiprocessorCount);
        MaxSharedBytes = Attribute(CudaConstants.MaxSharedBytes);
        nint context, stream;
        Check(_driver, "cuDevicePrimaryCtxRetain", _driver.DevicePrimaryCtxRetain(&context, _handle));
        _context = context;
        Enter();
        var result = _driver.StreamCreate(&stream, CudaConstants.StreamNonBlocking);
        _stream = result == 0 ? stream : 0;
        Leave("cuStreamCreate", result);
    }

    private int Attribute(int attribute)
    {
        int value;
        Check(_driver, "cuDeviceGetAttribute", _driver.DeviceGetAttribute(&value, attribute, _handle), $"; of the attribute {attribute}");
        return value;
    }

    private static string LogText(byte[] log) => Encoding.UTF8.GetString(log, 0, Math.Max(0, Array.IndexOf(log, (byte)0))).Trim();

    // What goes beyond every device's bounds has to be allowed first.
    private void Allow(CudaFunction kernel, int cluster, int sharedBytes)
    {
        if (sharedBytes > kernel.AllowedSharedBytes)
        {
            Enter();
            Leave("cuFuncSetAttribute", _driver.FuncSetAttribute(kernel.Handle, CudaConstants.MaxDynamicSharedBytes, sharedBytes),
                $"; of {kernel.Name}, for {sharedBytes:N0} bytes of shared memory: a block may have {MaxSharedBytes:N0}", kernel.Name);
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

    private void Close()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            CancelCapture();
            RemoveUser();
        }
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Check(_driver, "cuCtxPushCurrent_v2", _driver.CtxPushCurrent(_context));
    }

    // The context is popped whatever the call's result, which is told first.
    private void Leave(string call, int result, string detail = "", string? kernel = null, string log = "")
    {
        nint context;
        var popped = _driver.CtxPopCurrent(&context);
        Check(_driver, call, result, detail, kernel ?? _lastKernel, log);
        Check(_driver, "cuCtxPopCurrent_v2", popped);
    }

    // A failed push would leak what nobody can free any longer, so it is tried once more.
    private bool TryEnter() => _driver.CtxPushCurrent(_context) == 0 || _driver.CtxPushCurrent(_context) == 0;

    private void TryLeave()
    {
        nint context;
        _ = _driver.CtxPopCurrent(&context);
    }
}
