using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RnnCodegen.Cuda;

namespace RnnCodegen.CudaEngine.Tests;

/// <summary>A driver that says yes to everything and does nothing, and allocates nothing that the collector knows of.</summary>
internal static unsafe class IdleDriver
{
    public static CudaDriver Table { get; } = new()
    {
        Init = &Init,
        DriverGetVersion = &Version,
        GetErrorName = &Text,
        GetErrorString = &Text,
        DeviceGetCount = &Count,
        DeviceGet = &Device,
        DeviceGetName = &Name,
        DeviceGetAttribute = &Attribute,
        DevicePrimaryCtxRetain = &Retain,
        DevicePrimaryCtxRelease = &Of,
        CtxPushCurrent = &Of,
        CtxPopCurrent = &Give,
        ModuleLoadDataEx = &Load,
        ModuleUnload = &Of,
        ModuleGetFunction = &Function,
        FuncSetAttribute = &SetAttribute,
        MemGetInfo = &Info,
        MemAlloc = &Allocate,
        MemFree = &Free,
        MemHostAlloc = &AllocateHost,
        MemFreeHost = &FreeHost,
        MemcpyHtoDAsync = &ToDevice,
        MemcpyDtoHAsync = &ToHost,
        MemsetD8Async = &Clear,
        StreamCreate = &CreateStream,
        StreamDestroy = &Of,
        StreamSynchronize = &Of,
        LaunchKernelEx = &Launch,
        StreamBeginCapture = &Begin,
        StreamEndCapture = &End,
        GraphInstantiateWithFlags = &Instantiate,
        GraphLaunch = &LaunchGraph,
        GraphExecDestroy = &Of,
        GraphDestroy = &Of,
    };

    [UnmanagedCallersOnly]
    private static int Init(uint flags) => 0;

    [UnmanagedCallersOnly]
    private static int Version(int* version) => Write(version, 12040);

    [UnmanagedCallersOnly]
    private static int Text(int error, byte** text) => 1;

    [UnmanagedCallersOnly]
    private static int Count(int* count) => Write(count, 1);

    [UnmanagedCallersOnly]
    private static int Device(int* device, int ordinal) => Write(device, ordinal);

    [UnmanagedCallersOnly]
    private static int Name(byte* name, int length, int device) => Write((short*)name, (short)'I');

    [UnmanagedCallersOnly]
    private static int Attribute(int* value, int attribute, int device) => Write(value, attribute == 75 ? 9 : 0);

    [UnmanagedCallersOnly]
    private static int Retain(nint* context, int device) => Write(context, 1);

    [UnmanagedCallersOnly]
    private static int Of(int device) => 0;

    [UnmanagedCallersOnly]
    private static int Of(nint handle) => 0;

    [UnmanagedCallersOnly]
    private static int Give(nint* handle) => Write(handle, 1);

    [UnmanagedCallersOnly]
    private static int Load(nint* module, byte* image, uint count, int* options, void** values) => Write(module, 1);

    [UnmanagedCallersOnly]
    private static int Function(nint* function, nint module, byte* name) => Write(function, 1);

    [UnmanagedCallersOnly]
    private static int SetAttribute(nint function, int attribute, int value) => 0;

    [UnmanagedCallersOnly]
    private static int Info(nuint* free, nuint* total) => 0;

    [UnmanagedCallersOnly]
    private static int Allocate(ulong* address, nuint bytes) => Write(address, 1UL << 40);

    [UnmanagedCallersOnly]
    private static int Free(ulong address) => 0;

    [UnmanagedCallersOnly]
    private static int AllocateHost(void** pointer, nuint bytes, uint flags)
    {
        *pointer = NativeMemory.AllocZeroed(bytes);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int FreeHost(void* pointer)
    {
        NativeMemory.Free(pointer);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int ToDevice(ulong target, void* source, nuint bytes, nint stream) => 0;

    [UnmanagedCallersOnly]
    private static int ToHost(void* target, ulong source, nuint bytes, nint stream) => 0;

    [UnmanagedCallersOnly]
    private static int Clear(ulong target, byte value, nuint bytes, nint stream) => 0;

    [UnmanagedCallersOnly]
    private static int CreateStream(nint* stream, uint flags) => Write(stream, 1);

    [UnmanagedCallersOnly]
    private static int Launch(CudaLaunchConfig* config, nint function, void** parameters, void** extra) => 0;

    [UnmanagedCallersOnly]
    private static int Begin(nint stream, int mode) => 0;

    [UnmanagedCallersOnly]
    private static int End(nint stream, nint* graph) => Write(graph, 1);

    [UnmanagedCallersOnly]
    private static int Instantiate(nint* exec, nint graph, ulong flags) => Write(exec, 1);

    [UnmanagedCallersOnly]
    private static int LaunchGraph(nint exec, nint stream) => 0;

    private static int Write<T>(T* place, T value)
        where T : unmanaged
    {
        Unsafe.Write(place, value);
        return 0;
    }
}
