using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda.Tests;

/// <content>The entry points.</content>
internal sealed unsafe partial class SoftwareDriver
{
    private static readonly CudaDriver Entries = new()
    {
        Init = &Init,
        DriverGetVersion = &DriverGetVersion,
        GetErrorName = &GetErrorName,
        GetErrorString = &GetErrorString,
        DeviceGetCount = &DeviceGetCount,
        DeviceGet = &DeviceGet,
        DeviceGetName = &DeviceGetName,
        DeviceGetAttribute = &DeviceGetAttribute,
        DevicePrimaryCtxRetain = &DevicePrimaryCtxRetain,
        DevicePrimaryCtxRelease = &DevicePrimaryCtxRelease,
        CtxPushCurrent = &CtxPushCurrent,
        CtxPopCurrent = &CtxPopCurrent,
        ModuleLoadDataEx = &ModuleLoadDataEx,
        ModuleUnload = &ModuleUnload,
        ModuleGetFunction = &ModuleGetFunction,
        FuncSetAttribute = &FuncSetAttribute,
        MemGetInfo = &MemGetInfo,
        MemAlloc = &MemAlloc,
        MemFree = &MemFree,
        MemHostAlloc = &MemHostAlloc,
        MemFreeHost = &MemFreeHost,
        MemcpyHtoDAsync = &MemcpyHtoDAsync,
        MemcpyDtoHAsync = &MemcpyDtoHAsync,
        MemsetD8Async = &MemsetD8Async,
        StreamCreate = &StreamCreate,
        StreamDestroy = &StreamDestroy,
        StreamSynchronize = &StreamSynchronize,
        LaunchKernelEx = &LaunchKernelEx,
        StreamBeginCapture = &StreamBeginCapture,
        StreamEndCapture = &StreamEndCapture,
        GraphInstantiateWithFlags = &GraphInstantiateWithFlags,
        GraphLaunch = &GraphLaunch,
        GraphExecDestroy = &GraphExecDestroy,
        GraphDestroy = &GraphDestroy,
    };

    [UnmanagedCallersOnly]
    private static int Init(uint flags) => Global("cuInit", driver =>
    {
        driver._isInitialized = true;
        return flags == 0 ? 0 : driver.Complain("cuInit", "flags have to be 0", SoftwareError.InvalidValue);
    });

    [UnmanagedCallersOnly]
    private static int DriverGetVersion(int* version) => Global("cuDriverGetVersion", driver => Give(version, driver.Card.DriverVersion));

    [UnmanagedCallersOnly]
    private static int GetErrorName(int error, byte** name) => Global("cuGetErrorName", _ =>
    {
        *name = (byte*)Text(SoftwareError.Name(error));
        return 0;
    });

    [UnmanagedCallersOnly]
    private static int GetErrorString(int error, byte** text) => Global("cuGetErrorString", driver =>
    {
        *text = (byte*)Text(error == driver._stickyError ? driver._stickyText : "what that means");
        return 0;
    });

    [UnmanagedCallersOnly]
    private static int DeviceGetCount(int* count) => Global(
        "cuDeviceGetCount", driver => driver._isInitialized ? Give(count, driver.Card.Devices) : SoftwareError.NotInitialized);

    // A device's handle is not its number, so that the two are not taken for each other.
    [UnmanagedCallersOnly]
    private static int DeviceGet(int* device, int ordinal) => Global("cuDeviceGet", driver =>
        ordinal >= 0 && ordinal < driver.Card.Devices ? Give(device, (16 * driver._id) + ordinal) : SoftwareError.InvalidDevice);

    [UnmanagedCallersOnly]
    private static int DeviceGetName(byte* name, int length, int device) => OfDevice("cuDeviceGetName", device, driver =>
    {
        System.Text.Encoding.UTF8.GetBytes(driver.Card.Name + '\0', new Span<byte>(name, length));
        return 0;
    });

    [UnmanagedCallersOnly]
    private static int DeviceGetAttribute(int* value, int attribute, int device) => OfDevice("cuDeviceGetAttribute", device, driver =>
        attribute switch
        {
            CudaConstants.MultiprocessorCount => Give(value, driver.Card.Multiprocessors),
            CudaConstants.ComputeCapabilityMajor => Give(value, driver.Card.Architecture / 10),
            CudaConstants.ComputeCapabilityMinor => Give(value, driver.Card.Architecture % 10),
            CudaConstants.MaxSharedBytes => Give(value, driver.Card.MaxSharedBytes),
            _ => driver.Complain("cuDeviceGetAttribute", $"the attribute {attribute} is unknown", SoftwareError.InvalidValue),
        });

    [UnmanagedCallersOnly]
    private static int DevicePrimaryCtxRetain(nint* context, int device) => OfDevice("cuDevicePrimaryCtxRetain", device, driver =>
    {
        driver._retained++;
        return Give(context, driver._id);
    });

    [UnmanagedCallersOnly]
    private static int DevicePrimaryCtxRelease(int device) =>
        OfDevice("cuDevicePrimaryCtxRelease_v2", device, driver => driver.ReleaseContext());

    [UnmanagedCallersOnly]
    private static int CtxPushCurrent(nint context)
    {
        if (Drivers.GetValueOrDefault((int)context) is not { } driver)
        {
            return SoftwareError.InvalidContext;
        }

        return driver.Call("cuCtxPushCurrent_v2", _ =>
        {
            if (driver._retained == 0)
            {
                return driver.Complain("cuCtxPushCurrent_v2", "the context is gone", SoftwareError.InvalidContext);
            }

            (t_contexts ??= new()).Push(context);
            driver._pushed++;
            return 0;
        }, null);
    }

    [UnmanagedCallersOnly]
    private static int CtxPopCurrent(nint* context) => InContext("cuCtxPopCurrent_v2", driver =>
    {
        driver._pushed--;
        return Give(context, t_contexts!.Pop());
    }, null);

    [UnmanagedCallersOnly]
    private static int ModuleLoadDataEx(nint* module, byte* image, uint count, int* options, void** values) =>
        InContext("cuModuleLoadDataEx", driver => driver.LoadModule(module, image, new(options, (int)count), values));

    [UnmanagedCallersOnly]
    private static int ModuleUnload(nint module) => InContext("cuModuleUnload", driver => driver.UnloadModule(module));

    [UnmanagedCallersOnly]
    private static int ModuleGetFunction(nint* function, nint module, byte* name) =>
        InContext("cuModuleGetFunction", driver => driver.FindFunction(function, module, Marshal.PtrToStringUTF8((nint)name)!));

    [UnmanagedCallersOnly]
    private static int FuncSetAttribute(nint function, int attribute, int value) =>
        InContext("cuFuncSetAttribute", driver => driver.Allow(function, attribute, value), null);

    [UnmanagedCallersOnly]
    private static int MemGetInfo(nuint* free, nuint* total) => InContext("cuMemGetInfo_v2", driver =>
    {
        *total = (nuint)driver.Card.MemoryBytes;
        *free = (nuint)(driver.Card.MemoryBytes - driver.Memory.Allocated);
        return 0;
    });

    [UnmanagedCallersOnly]
    private static int MemAlloc(ulong* address, nuint bytes) => InContext("cuMemAlloc_v2", driver => driver.Allocate(address, bytes));

    [UnmanagedCallersOnly]
    private static int MemFree(ulong address) => InContext("cuMemFree_v2", driver => driver.Free(address));

    [UnmanagedCallersOnly]
    private static int MemHostAlloc(void** pointer, nuint bytes, uint flags) => InContext("cuMemHostAlloc", driver =>
    {
        *pointer = NativeMemory.Alloc(bytes);
        new Span<byte>(*pointer, (int)bytes).Fill(0xCD);
        driver._pinned.Add((nint)(*pointer), (long)bytes);
        return flags == 0 ? 0 : driver.Complain("cuMemHostAlloc", $"the flags {flags} are unknown", SoftwareError.InvalidValue);
    });

    [UnmanagedCallersOnly]
    private static int MemFreeHost(void* pointer) => InContext("cuMemFreeHost", driver => driver.FreePinned(pointer));

    [UnmanagedCallersOnly]
    private static int MemcpyHtoDAsync(ulong target, void* source, nuint bytes, nint stream) =>
        InContext("cuMemcpyHtoDAsync_v2", driver => driver.CopyToDevice(target, source, (int)bytes, stream), null);

    [UnmanagedCallersOnly]
    private static int MemcpyDtoHAsync(void* target, ulong source, nuint bytes, nint stream) =>
        InContext("cuMemcpyDtoHAsync_v2", driver => driver.CopyToHost(target, source, (int)bytes, stream), null);

    [UnmanagedCallersOnly]
    private static int MemsetD8Async(ulong target, byte value, nuint bytes, nint stream) => InContext("cuMemsetD8Async", driver =>
        driver.Enqueue("cuMemsetD8Async", stream, () =>
        {
            var values = new byte[bytes];
            values.AsSpan().Fill(value);
            driver.Memory.Write<byte>(target, values);
        }), null);

    [UnmanagedCallersOnly]
    private static int StreamCreate(nint* stream, uint flags) => InContext("cuStreamCreate", driver =>
        flags == CudaConstants.StreamNonBlocking ? driver.CreateStream(stream)
        : driver.Complain("cuStreamCreate", $"the flags {flags} are not expected", SoftwareError.InvalidValue));

    [UnmanagedCallersOnly]
    private static int StreamDestroy(nint stream) => InContext("cuStreamDestroy_v2", driver => driver.DestroyStream(stream));

    [UnmanagedCallersOnly]
    private static int StreamSynchronize(nint stream) => InContext("cuStreamSynchronize", driver => driver.Synchronize(stream));

    [UnmanagedCallersOnly]
    private static int LaunchKernelEx(CudaLaunchConfig* config, nint function, void** parameters, void** extra) =>
        InContext("cuLaunchKernelEx", driver => driver.Launch(*config, function, parameters, extra), null);

    [UnmanagedCallersOnly]
    private static int StreamBeginCapture(nint stream, int mode) =>
        InContext("cuStreamBeginCapture_v2", driver => driver.BeginCapture(stream, mode), SoftwareError.IllegalState);

    [UnmanagedCallersOnly]
    private static int StreamEndCapture(nint stream, nint* graph) =>
        InContext("cuStreamEndCapture", driver => driver.EndCapture(stream, graph), null);

    [UnmanagedCallersOnly]
    private static int GraphInstantiateWithFlags(nint* exec, nint graph, ulong flags) => InContext("cuGraphInstantiateWithFlags", driver =>
        flags == 0 && driver.Find<SoftwareGraph>("cuGraphInstantiateWithFlags", graph) is { } found
            ? Give(exec, driver.Add(new SoftwareGraphExec([.. found.Work])))
            : SoftwareError.InvalidValue);

    [UnmanagedCallersOnly]
    private static int GraphLaunch(nint exec, nint stream) => InContext("cuGraphLaunch", driver =>
    {
        if (driver.Find<SoftwareGraphExec>("cuGraphLaunch", exec) is not { } graph)
        {
            return SoftwareError.InvalidHandle;
        }

        return graph.Work.Select(work => driver.Enqueue("cuGraphLaunch", stream, work)).FirstOrDefault(error => error != 0);
    }, null);

    [UnmanagedCallersOnly]
    private static int GraphExecDestroy(nint exec) => InContext("cuGraphExecDestroy", driver =>
        driver.Remove<SoftwareGraphExec>("cuGraphExecDestroy", exec) is null ? SoftwareError.InvalidHandle : 0, null);

    [UnmanagedCallersOnly]
    private static int GraphDestroy(nint graph) => InContext("cuGraphDestroy", driver =>
        driver.Remove<SoftwareGraph>("cuGraphDestroy", graph) is null ? SoftwareError.InvalidHandle : 0, null);

    private static int Give<T>(T* place, T value)
        where T : unmanaged
    {
        Unsafe.Write(place, value);
        return 0;
    }
}
