using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.Cuda;

/// <summary>NVIDIA's run-time compiler: the entry points that are used here, filled from its library, or by tests.</summary>
internal sealed unsafe class NvrtcLibrary
{
    /// <summary>NVRTC_ERROR_COMPILATION: the text is wrong.</summary>
    public const int WrongText = 6;

    /// <summary>NVRTC_ERROR_BUILTIN_OPERATION_FAILURE: the library of its builtins does not load.</summary>
    public const int NoBuiltins = 7;

    /// <summary>Where it is, or its name where the system found it.</summary>
    public required string Path { get; init; }

    public delegate* unmanaged<int*, int*, int> GetVersion;
    public delegate* unmanaged<int, byte*> GetErrorString;
    public delegate* unmanaged<int*, int> GetNumSupportedArchs;
    public delegate* unmanaged<int*, int> GetSupportedArchs;
    public delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> CreateProgram;
    public delegate* unmanaged<nint*, int> DestroyProgram;
    public delegate* unmanaged<nint, int, byte**, int> CompileProgram;
    public delegate* unmanaged<nint, nuint*, int> GetProgramLogSize;
    public delegate* unmanaged<nint, byte*, int> GetProgramLog;
    public delegate* unmanaged<nint, nuint*, int> GetCubinSize;
    public delegate* unmanaged<nint, byte*, int> GetCubin;
    public delegate* unmanaged<nint, nuint*, int> GetPtxSize;
    public delegate* unmanaged<nint, byte*, int> GetPtx;

    /// <summary>Its version as the driver writes one: 12040 for 12.4.</summary>
    public int Version
    {
        get
        {
            int major = 0, minor = 0;
            return GetVersion(&major, &minor) == 0 ? (1000 * major) + (10 * minor) : 0;
        }
    }

    /// <summary>The library at a path, or of a name that the system finds.</summary>
    /// <param name="path">The path or name.</param>
    /// <param name="reason">Why there is none; empty where it does not load at all, or does.</param>
    public static NvrtcLibrary? TryLoad(string path, out string reason)
    {
        reason = "";
        if (!NativeLibrary.TryLoad(path, out var library))
        {
            return null;
        }

        string? missing = null;
        var nvrtc = new NvrtcLibrary
        {
            Path = path,
            GetVersion = (delegate* unmanaged<int*, int*, int>)Entry("nvrtcVersion"),
            GetErrorString = (delegate* unmanaged<int, byte*>)Entry("nvrtcGetErrorString"),
            GetNumSupportedArchs = (delegate* unmanaged<int*, int>)Entry("nvrtcGetNumSupportedArchs"),
            GetSupportedArchs = (delegate* unmanaged<int*, int>)Entry("nvrtcGetSupportedArchs"),
            CreateProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Entry("nvrtcCreateProgram"),
            DestroyProgram = (delegate* unmanaged<nint*, int>)Entry("nvrtcDestroyProgram"),
            CompileProgram = (delegate* unmanaged<nint, int, byte**, int>)Entry("nvrtcCompileProgram"),
            GetProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)Entry("nvrtcGetProgramLogSize"),
            GetProgramLog = (delegate* unmanaged<nint, byte*, int>)Entry("nvrtcGetProgramLog"),
            GetCubinSize = (delegate* unmanaged<nint, nuint*, int>)Entry("nvrtcGetCUBINSize"),
            GetCubin = (delegate* unmanaged<nint, byte*, int>)Entry("nvrtcGetCUBIN"),
            GetPtxSize = (delegate* unmanaged<nint, nuint*, int>)Entry("nvrtcGetPTXSize"),
            GetPtx = (delegate* unmanaged<nint, byte*, int>)Entry("nvrtcGetPTX"),
        };
        if (missing is not null)
        {
            reason = $"{path} lacks {missing}";
            return null;
        }

        LoadBuiltins(path, nvrtc.Version);
        return nvrtc;

        nint Entry(string name)
        {
            if (!NativeLibrary.TryGetExport(library, name, out var entry))
            {
                missing ??= name;
            }

            return entry;
        }
    }

    /// <summary>The architectures that it compiles for, e.g. 90.</summary>
    public int[] Architectures()
    {
        int count = 0;
        if (GetNumSupportedArchs(&count) != 0)
        {
            return [];
        }

        var all = new int[count];
        fixed (int* start = all)
        {
            return GetSupportedArchs(start) == 0 ? all : [];
        }
    }

    /// <summary>Compiles a text.</summary>
    /// <param name="text">CUDA C++.</param>
    /// <param name="options">The compiler's options.</param>
    /// <param name="isMachineCode">Whether machine code is wanted, rather than PTX.</param>
    /// <returns>What it makes; or an error, and what the compiler says.</returns>
    public (byte[] Image, int Error, string Log) Compile(string text, string[] options, bool isMachineCode)
    {
        nint program = 0;
        var native = options.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            int error;
            fixed (byte* source = Encoding.UTF8.GetBytes(text + '\0'), name = "model.cu\0"u8)
            {
                error = CreateProgram(&program, source, name, 0, null, null);
            }

            if (error != 0)
            {
                return ([], error, Explain(error));
            }

            fixed (nint* pointers = native)
            {
                error = CompileProgram(program, options.Length, (byte**)pointers);
            }

            if (error != 0)
            {
                var (log, _) = Bytes(program, GetProgramLogSize, GetProgramLog);
                return ([], error, $"{Explain(error)}\n{Encoding.UTF8.GetString(log).Trim('\0', '\n', ' ')}");
            }

            var (image, failed) = isMachineCode ? Bytes(program, GetCubinSize, GetCubin) : Bytes(program, GetPtxSize, GetPtx);
            return (image, failed, failed == 0 ? "" : Explain(failed));
        }
        finally
        {
            if (program != 0)
            {
                _ = DestroyProgram(&program);
            }

            Array.ForEach(native, Marshal.FreeCoTaskMem);
        }
    }

    private static (byte[] Bytes, int Error) Bytes(
        nint program, delegate* unmanaged<nint, nuint*, int> sizeOf, delegate* unmanaged<nint, byte*, int> get)
    {
        nuint size = 0;
        if (sizeOf(program, &size) is not 0 and var error)
        {
            return ([], error);
        }

        var bytes = new byte[size];
        fixed (byte* start = bytes)
        {
            return get(program, start) is not 0 and var failed ? ([], failed) : (bytes, 0);
        }
    }

    // The compiler asks the system for its builtins by name alone, which finds what is loaded: those beside it are loaded here.
    private static void LoadBuiltins(string path, int version)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            NativeLibrary.TryLoad(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, NvrtcPlaces.BuiltinsOf(version))), out _);
        }
    }

    private string Explain(int error) => Marshal.PtrToStringUTF8((nint)GetErrorString(error)) ?? $"error {error}";
}
