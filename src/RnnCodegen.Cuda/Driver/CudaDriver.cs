using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>
/// The entry points of NVIDIA's driver that are used here, as a table of function pointers: filled from the library that the driver
/// installs, or by tests with functions of their own. Each is named as the driver names it, without cu and version; results are CUresult.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>Versions as the driver writes them: 12.4 is 12040.</summary>
    public const int LeastVersion = 12000;

    /// <summary>Names of the driver's library, in the order in which they are tried.</summary>
    public static readonly string[] Libraries = ["libcuda.so.1", "libcuda.so", "nvcuda.dll"];

    public delegate* unmanaged<uint, int> Init;
    public delegate* unmanaged<int*, int> DriverGetVersion;
    public delegate* unmanaged<int, byte**, int> GetErrorName;
    public delegate* unmanaged<int, byte**, int> GetErrorString;

    public delegate* unmanaged<int*, int> DeviceGetCount;
    public delegate* unmanaged<int*, int, int> DeviceGet;
    public delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;

    public delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain;
    public delegate* unmanaged<int, int> DevicePrimaryCtxRelease;
    public delegate* unmanaged<nint, int> CtxPushCurrent;
    public delegate* unmanaged<nint*, int> CtxPopCurrent;

    public delegate* unmanaged<nint*, byte*, uint, int*, void**, int> ModuleLoadDataEx;
    public delegate* unmanaged<nint, int> ModuleUnload;
    public delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public delegate* unmanaged<nint, int, int, int> FuncSetAttribute;

    public delegate* unmanaged<nuint*, nuint*, int> MemGetInfo;
    public delegate* unmanaged<ulong*, nuint, int> MemAlloc;
    public delegate* unmanaged<ulong, int> MemFree;
    public delegate* unmanaged<void**, nuint, uint, int> MemHostAlloc;
    public delegate* unmanaged<void*, int> MemFreeHost;
    public delegate* unmanaged<ulong, void*, nuint, nint, int> MemcpyHtoDAsync;
    public delegate* unmanaged<void*, ulong, nuint, nint, int> MemcpyDtoHAsync;
    public delegate* unmanaged<ulong, byte, nuint, nint, int> MemsetD8Async;

    public delegate* unmanaged<nint*, uint, int> StreamCreate;
    public delegate* unmanaged<nint, int> StreamDestroy;
    public delegate* unmanaged<nint, int> StreamSynchronize;
    public delegate* unmanaged<CudaLaunchConfig*, nint, void**, void**, int> LaunchKernelEx;

    public delegate* unmanaged<nint, int, int> StreamBeginCapture;
    public delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    public delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiateWithFlags;
    public delegate* unmanaged<nint, nint, int> GraphLaunch;
    public delegate* unmanaged<nint, int> GraphExecDestroy;
    public delegate* unmanaged<nint, int> GraphDestroy;

    /// <summary>The driver of this machine.</summary>
    /// <param name="reason">Why there is none, in a sentence that names what was looked for; empty where there is one.</param>
    public static CudaDriver? TryLoad(out string reason) => TryLoad(Libraries, out reason);

    /// <summary>The driver in the first of some libraries that is there; see <see cref="TryLoad(out string)"/>.</summary>
    public static CudaDriver? TryLoad(string[] libraries, out string reason)
    {
        foreach (var name in libraries)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
            {
                continue;
            }

            var missing = new List<string>();
            var driver = Load(library, missing);
            if (missing.Count == 0)
            {
                reason = "";
                return driver;
            }

            var version = driver.DriverGetVersion is null ? 0 : driver.Version();
            var says = version > 0 ? $" is one for {Spell(version)} and" : "";
            var others = missing.Count > 3 ? $" and {missing.Count - 3} other functions" : "";
            reason = $"{name} is no driver for CUDA {Spell(LeastVersion)} or later: " +
                $"it{says} has no {string.Join(", ", missing.Take(3))}{others}.";
            return null;
        }

        reason = $"There is no NVIDIA driver on this machine: {string.Join(", ", libraries[..^1])} and {libraries[^1]} were looked for, " +
            "and none could be loaded.";
        return null;
    }

    /// <summary>The driver's version; 0 where it does not say.</summary>
    public int Version()
    {
        int version;
        return DriverGetVersion(&version) == 0 ? version : 0;
    }

    /// <summary>A version as people write it.</summary>
    public static string Spell(int version) => $"{version / 1000}.{version % 1000 / 10}";

    /// <summary>An error's name and what the driver says about it.</summary>
    public (string Name, string Text) Explain(int error)
    {
        byte* name = null, text = null;
        return (GetErrorName(error, &name) == 0 && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : "an unknown error",
            GetErrorString(error, &text) == 0 && text is not null ? Marshal.PtrToStringUTF8((nint)text)! : "");
    }

    private static CudaDriver Load(nint library, List<string> missing)
    {
        return new CudaDriver
        {
            Init = (delegate* unmanaged<uint, int>)Entry("cuInit"),
            DriverGetVersion = (delegate* unmanaged<int*, int>)Entry("cuDriverGetVersion"),
            GetErrorName = (delegate* unmanaged<int, byte**, int>)Entry("cuGetErrorName"),
            GetErrorString = (delegate* unmanaged<int, byte**, int>)Entry("cuGetErrorString"),
            DeviceGetCount = (delegate* unmanaged<int*, int>)Entry("cuDeviceGetCount"),
            DeviceGet = (delegate* unmanaged<int*, int, int>)Entry("cuDeviceGet"),
            DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)Entry("cuDeviceGetName"),
            DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Entry("cuDeviceGetAttribute"),
            DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)Entry("cuDevicePrimaryCtxRetain"),
            DevicePrimaryCtxRelease = (delegate* unmanaged<int, int>)Entry("cuDevicePrimaryCtxRelease_v2"),
            CtxPushCurrent = (delegate* unmanaged<nint, int>)Entry("cuCtxPushCurrent_v2"),
            CtxPopCurrent = (delegate* unmanaged<nint*, int>)Entry("cuCtxPopCurrent_v2"),
            ModuleLoadDataEx = (delegate* unmanaged<nint*, byte*, uint, int*, void**, int>)Entry("cuModuleLoadDataEx"),
            ModuleUnload = (delegate* unmanaged<nint, int>)Entry("cuModuleUnload"),
            ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Entry("cuModuleGetFunction"),
            FuncSetAttribute = (delegate* unmanaged<nint, int, int, int>)Entry("cuFuncSetAttribute"),
            MemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Entry("cuMemGetInfo_v2"),
            MemAlloc = (delegate* unmanaged<ulong*, nuint, int>)Entry("cuMemAlloc_v2"),
            MemFree = (delegate* unmanaged<ulong, int>)Entry("cuMemFree_v2"),
            MemHostAlloc = (delegate* unmanaged<void**, nuint, uint, int>)Entry("cuMemHostAlloc"),
            MemFreeHost = (delegate* unmanaged<void*, int>)Entry("cuMemFreeHost"),
            MemcpyHtoDAsync = (delegate* unmanaged<ulong, void*, nuint, nint, int>)Entry("cuMemcpyHtoDAsync_v2"),
            MemcpyDtoHAsync = (delegate* unmanaged<void*, ulong, nuint, nint, int>)Entry("cuMemcpyDtoHAsync_v2"),
            MemsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, int>)Entry("cuMemsetD8Async"),
            StreamCreate = (delegate* unmanaged<nint*, uint, int>)Entry("cuStreamCreate"),
            StreamDestroy = (delegate* unmanaged<nint, int>)Entry("cuStreamDestroy_v2"),
            StreamSynchronize = (delegate* unmanaged<nint, int>)Entry("cuStreamSynchronize"),
            LaunchKernelEx = (delegate* unmanaged<CudaLaunchConfig*, nint, void**, void**, int>)Entry("cuLaunchKernelEx"),
            StreamBeginCapture = (delegate* unmanaged<nint, int, int>)Entry("cuStreamBeginCapture_v2"),
            StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)Entry("cuStreamEndCapture"),
            GraphInstantiateWithFlags = (delegate* unmanaged<nint*, nint, ulong, int>)Entry("cuGraphInstantiateWithFlags"),
            GraphLaunch = (delegate* unmanaged<nint, nint, int>)Entry("cuGraphLaunch"),
            GraphExecDestroy = (delegate* unmanaged<nint, int>)Entry("cuGraphExecDestroy"),
            GraphDestroy = (delegate* unmanaged<nint, int>)Entry("cuGraphDestroy"),
        };

        nint Entry(string name)
        {
            if (!NativeLibrary.TryGetExport(library, name, out var entry))
            {
                missing.Add(name);
            }

            return entry;
        }
    }
}
