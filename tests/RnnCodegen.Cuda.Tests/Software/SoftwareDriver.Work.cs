using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using RnnCodegen.PtxMachine;

namespace RnnCodegen.Cuda.Tests;

/// <content>What the entry points do.</content>
internal sealed unsafe partial class SoftwareDriver
{
    private const string MachineCode = "\u007fELF sm_";

    /// <summary>Machine code as the software device has it: PTX for one architecture, marked as no longer text.</summary>
    public static byte[] ToMachineCode(string ptx, int architecture) => Encoding.UTF8.GetBytes($"{MachineCode}{architecture}\n{ptx}\0");

    private int ReleaseContext()
    {
        if (_retained == 0)
        {
            return Complain("cuDevicePrimaryCtxRelease_v2", "it is not retained", SoftwareError.InvalidContext);
        }

        _retained--;
        return _retained > 0 || Held() is not { Length: > 0 } held
            ? 0
            : Complain("cuDevicePrimaryCtxRelease_v2", $"still held: {held}", 0);
    }

    private int LoadModule(nint* handle, byte* image, ReadOnlySpan<int> options, void** values)
    {
        var text = Marshal.PtrToStringUTF8((nint)image)!;
        var isMachineCode = text.StartsWith(MachineCode, StringComparison.Ordinal);
        if (isMachineCode)
        {
            var line = text.IndexOf('\n', StringComparison.Ordinal);
            var architecture = int.Parse(text.AsSpan(MachineCode.Length, line - MachineCode.Length), CultureInfo.InvariantCulture);
            if (architecture / 10 != Card.Architecture / 10 || architecture > Card.Architecture)
            {
                return SoftwareError.NoBinaryForGpu;
            }

            text = text[(line + 1)..];
        }
        else if (!text.Contains(".version", StringComparison.Ordinal))
        {
            return SoftwareError.InvalidImage;
        }

        // PTX 8.4 came with CUDA 12.4, 9.0 with 13.0; machine code runs on every driver of its major version.
        var version = VersionText().Match(text);
        var (major, minor) = (Number(version, "major"), Number(version, "minor"));
        if (!isMachineCode && ((major + 4) * 1000) + (minor * 10) > Card.DriverVersion)
        {
            return Log($"ptxas fatal : Unsupported .version {major}.{minor}", SoftwareError.UnsupportedPtxVersion, options, values);
        }

        if (Number(TargetText().Match(text), "architecture") is var target && target > Card.Architecture)
        {
            return Log($"ptxas fatal : sm_{target} is not for this device", SoftwareError.InvalidPtx, options, values);
        }

        try
        {
            return Give(handle, Add(new SoftwareModule(PtxModule.Load(text, Memory))));
        }
        catch (PtxFault fault)
        {
            return Log($"ptxas error : {fault.Message}", SoftwareError.InvalidPtx, options, values);
        }

        static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private static int Log(string text, int error, ReadOnlySpan<int> options, void** values)
    {
        var (log, size) = (options.IndexOf(CudaConstants.JitErrorLog), options.IndexOf(CudaConstants.JitErrorLogBytes));
        if (log >= 0 && size >= 0)
        {
            var bytes = Encoding.UTF8.GetBytes(text + '\0');
            var count = Math.Min(bytes.Length, (int)(nint)values[size]);
            bytes.AsSpan(0, count).CopyTo(new Span<byte>(values[log], count));
            values[size] = (void*)(nint)count;
        }

        return error;
    }

    private int UnloadModule(nint handle)
    {
        Finish();
        if (Remove<SoftwareModule>("cuModuleUnload", handle) is not { } module)
        {
            return SoftwareError.InvalidHandle;
        }

        foreach (var (key, _) in _handles.Where(pair => pair.Value is SoftwareFunction function && function.Module == module).ToArray())
        {
            _handles.Remove(key);
            _gone.Add(key);
        }

        module.IsUnloaded = true;
        module.Module.Unload();
        return _stickyError;
    }

    private int FindFunction(nint* handle, nint moduleHandle, string name)
    {
        if (Find<SoftwareModule>("cuModuleGetFunction", moduleHandle) is not { } module)
        {
            return SoftwareError.InvalidHandle;
        }

        return module.Module.Has(name) ? Give(handle, Add(new SoftwareFunction(module, module.Module[name]))) : SoftwareError.NotFound;
    }

    private int Allow(nint handle, int attribute, int value)
    {
        if (Find<SoftwareFunction>("cuFuncSetAttribute", handle) is not { } function)
        {
            return SoftwareError.InvalidHandle;
        }

        switch (attribute)
        {
            case CudaConstants.MaxDynamicSharedBytes when function.Kernel.SharedBytes + value <= Card.MaxSharedBytes:
                function.SharedBytes = value;
                return 0;
            case CudaConstants.MaxDynamicSharedBytes:
                return SoftwareError.InvalidValue;
            case CudaConstants.NonPortableClusterSize when Card.Architecture >= 90:
                function.Cluster = value == 0 ? 8 : 16;
                return 0;
            default:
                return Complain("cuFuncSetAttribute", $"the attribute {attribute} is unknown", SoftwareError.InvalidValue);
        }
    }

    private int Allocate(ulong* address, nuint bytes)
    {
        if (bytes == 0)
        {
            return Complain("cuMemAlloc_v2", "no bytes are asked for", SoftwareError.InvalidValue);
        }

        if ((long)bytes > Card.MemoryBytes - Memory.Allocated)
        {
            return SoftwareError.OutOfMemory;
        }

        *address = Memory.Allocate((int)bytes);
        _memory.Add(*address, (long)bytes);
        return 0;
    }

    private int Free(ulong address)
    {
        Finish();
        if (!_memory.Remove(address))
        {
            return Complain("cuMemFree_v2", $"there is no allocation at 0x{address:x}", SoftwareError.InvalidValue);
        }

        Memory.Free(address);
        return _stickyError;
    }

    private int FreePinned(void* pointer)
    {
        Finish();
        if (!_pinned.Remove((nint)pointer))
        {
            return Complain("cuMemFreeHost", $"there is no pinned memory at 0x{(nint)pointer:x}", SoftwareError.InvalidValue);
        }

        NativeMemory.Free(pointer);
        return _stickyError;
    }

    private int CopyToDevice(ulong target, void* source, int bytes, nint stream) => !IsPinned(source, bytes)
        ? Complain("cuMemcpyHtoDAsync_v2", "the source is no pinned memory", SoftwareError.InvalidValue)
        : Enqueue("cuMemcpyHtoDAsync_v2", stream, () =>
        {
            Require(IsPinned(source, bytes), "a copy's source was freed before the copy was done");
            Memory.Write(target, new ReadOnlySpan<byte>(source, bytes));
            BytesToDevice += bytes;
        });

    private int CopyToHost(void* target, ulong source, int bytes, nint stream) => !IsPinned(target, bytes)
        ? Complain("cuMemcpyDtoHAsync_v2", "the target is no pinned memory", SoftwareError.InvalidValue)
        : Enqueue("cuMemcpyDtoHAsync_v2", stream, () =>
        {
            Require(IsPinned(target, bytes), "a copy's target was freed before the copy was done");
            Memory.Read(source, new Span<byte>(target, bytes));
            BytesToHost += bytes;
        });

    private int Launch(CudaLaunchConfig config, nint handle, void** values, void** extra)
    {
        if (Find<SoftwareFunction>("cuLaunchKernelEx", handle) is not { } function || extra is not null)
        {
            return SoftwareError.InvalidHandle;
        }

        var cluster = (X: 1, Y: 1, Z: 1);
        for (var i = 0; i < config.AttributeCount; i++)
        {
            var attribute = config.Attributes[i];
            if (attribute.Id != CudaLaunchAttribute.ClusterDimension)
            {
                return Complain("cuLaunchKernelEx", $"the attribute {attribute.Id} is unknown", SoftwareError.InvalidValue);
            }

            cluster = ((int)attribute.ClusterX, (int)attribute.ClusterY, (int)attribute.ClusterZ);
        }

        var kernel = function.Kernel;
        if (config.SharedBytes > function.SharedBytes || config.SharedBytes + kernel.SharedBytes > Card.MaxSharedBytes)
        {
            return SoftwareError.InvalidValue;
        }

        if (config.AttributeCount > 0 && (Card.Architecture < 90 || cluster.X > function.Cluster || config.GridX % cluster.X != 0))
        {
            return SoftwareError.InvalidClusterSize;
        }

        if (config.GridX == 0 || config.GridY is 0 or > 65535 || config.GridZ is 0 or > 65535 || config.BlockX is 0 or > 1024)
        {
            return SoftwareError.InvalidValue;
        }

        var parameters = new byte[kernel.ParameterBytes];
        for (var i = 0; i < kernel.Parameters.Count; i++)
        {
            var (offset, size) = kernel.Parameters[i];
            new ReadOnlySpan<byte>(values[i], size).CopyTo(parameters.AsSpan(offset));
        }

        var shape = new LaunchShape(
            ((int)config.GridX, (int)config.GridY, (int)config.GridZ),
            ((int)config.BlockX, (int)config.BlockY, (int)config.BlockZ), cluster, (int)config.SharedBytes);
        return Enqueue("cuLaunchKernelEx", config.Stream, () =>
        {
            Require(!function.Module.IsUnloaded, $"{kernel.Name} was unloaded before it was launched");
            Launched.Add(kernel.Name);
            PtxLaunch.Run(kernel, Memory, shape, parameters);
        });
    }

    private int CreateStream(nint* handle)
    {
        var stream = new SoftwareStream();
        _streams.Add(stream);
        return Give(handle, Add(stream));
    }

    private int DestroyStream(nint handle)
    {
        if (Remove<SoftwareStream>("cuStreamDestroy_v2", handle) is not { } stream)
        {
            return SoftwareError.InvalidHandle;
        }

        Finish(stream);
        _streams.Remove(stream);
        return _stickyError;
    }

    private int Synchronize(nint handle) =>
        Find<SoftwareStream>("cuStreamSynchronize", handle) is { } stream ? Finish(stream) : SoftwareError.InvalidHandle;

    private int BeginCapture(nint handle, int mode)
    {
        if (Find<SoftwareStream>("cuStreamBeginCapture_v2", handle) is not { } stream)
        {
            return SoftwareError.InvalidHandle;
        }

        if (stream.Capture is not null)
        {
            return Complain("cuStreamBeginCapture_v2", "a capture of another thread is under way there", SoftwareError.IllegalState);
        }

        stream.Capture = new();
        return mode == CudaConstants.CaptureThreadLocal
            ? 0
            : Complain("cuStreamBeginCapture_v2", "what finalizers do would end the capture", SoftwareError.InvalidValue);
    }

    private int EndCapture(nint handle, nint* graph)
    {
        if (Find<SoftwareStream>("cuStreamEndCapture", handle) is not { Capture: { } capture } stream)
        {
            return SoftwareError.IllegalState;
        }

        stream.Capture = null;
        return capture.IsInvalid ? SoftwareError.CaptureInvalidated : Give(graph, Add(new SoftwareGraph(capture.Work)));
    }

    private static void Require(bool isRight, string what)
    {
        if (!isRight)
        {
            throw new PtxFault(FaultKind.OutOfBounds, what);
        }
    }

    [GeneratedRegex(@"\.version\s+(?<major>\d+)\.(?<minor>\d+)")]
    private static partial Regex VersionText();

    [GeneratedRegex(@"\.target\s+sm_(?<architecture>\d+)")]
    private static partial Regex TargetText();
}
