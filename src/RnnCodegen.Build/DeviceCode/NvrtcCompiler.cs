using System.Runtime.InteropServices;
using System.Text;
using RnnCodegen.Cuda;

namespace RnnCodegen.Build;

/// <summary>NVIDIA's run-time compiler, which needs neither a GPU nor a driver, in the process that builds.</summary>
internal sealed class NvrtcCompiler
{
    /// <summary>The options beside the architecture; the loader has the same.</summary>
    public const string Options = "--std=c++17";

    private const int NoBuiltins = 7;
    private const int LeastVersion = 12000;

    private readonly ErrorString _errorString;
    private readonly CreateProgram _create;
    private readonly DestroyProgram _destroy;
    private readonly CompileProgram _compile;
    private readonly SizeOf _logSize, _cubinSize, _ptxSize;
    private readonly BytesOf _log, _cubin, _ptx;

    private NvrtcCompiler(string path, IntPtr library)
    {
        Path = path;
        NativeLibraries.Entry<GetVersion>(library, "nvrtcVersion")(out var major, out var minor);
        Version = (1000 * major) + (10 * minor);
        _errorString = NativeLibraries.Entry<ErrorString>(library, "nvrtcGetErrorString");
        _create = NativeLibraries.Entry<CreateProgram>(library, "nvrtcCreateProgram");
        _destroy = NativeLibraries.Entry<DestroyProgram>(library, "nvrtcDestroyProgram");
        _compile = NativeLibraries.Entry<CompileProgram>(library, "nvrtcCompileProgram");
        _logSize = NativeLibraries.Entry<SizeOf>(library, "nvrtcGetProgramLogSize");
        _log = NativeLibraries.Entry<BytesOf>(library, "nvrtcGetProgramLog");
        _cubinSize = NativeLibraries.Entry<SizeOf>(library, "nvrtcGetCUBINSize");
        _cubin = NativeLibraries.Entry<BytesOf>(library, "nvrtcGetCUBIN");
        _ptxSize = NativeLibraries.Entry<SizeOf>(library, "nvrtcGetPTXSize");
        _ptx = NativeLibraries.Entry<BytesOf>(library, "nvrtcGetPTX");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetVersion(out int major, out int minor);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate IntPtr ErrorString(int error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int CreateProgram(out IntPtr program, byte[] source, byte[] name, int headers, IntPtr texts, IntPtr names);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int DestroyProgram(ref IntPtr program);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int CompileProgram(IntPtr program, int count, IntPtr[] options);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SizeOf(IntPtr program, out UIntPtr size);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int BytesOf(IntPtr program, byte[] bytes);

    /// <summary>Where it is, or its name where the system found it.</summary>
    public string Path { get; }

    /// <summary>E.g. 12040 for 12.4.</summary>
    public int Version { get; }

    /// <summary>Its name and version, for people.</summary>
    public string Name => $"NVRTC {Version / 1000}.{Version % 1000 / 10} ({Path})";

    /// <summary>Finds it: the one that the project or the environment names, else wherever it usually is.</summary>
    /// <param name="named">What the project names; empty for none.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="reason">Why there is none, without a point.</param>
    public static NvrtcCompiler? Find(string named, Func<string, string?> variable, out string reason)
    {
        if (named.Length > 0)
        {
            return TryLoad(named, out reason);
        }

        if (variable("RNNCODEGEN_NVRTC") is { Length: > 0 } path)
        {
            return TryLoad(path, out reason);
        }

        // What CUDA 12 makes, drivers for 12 and 13 load; what 13 makes, those for 13 alone.
        var names = NvrtcPlaces.Names([12, 13]);
        var faults = new List<string>();
        foreach (var place in names.Concat(NvrtcPlaces.Files(names, variable)))
        {
            if (TryLoad(place, out var fault) is { } found)
            {
                reason = "";
                return found;
            }

            if (File.Exists(place))
            {
                faults.Add(fault);
            }
        }

        reason = faults.Count == 0 ? NvrtcPlaces.Describe(names, variable) : string.Join("; ", faults);
        return null;
    }

    /// <summary>Compiles a text to machine code, and to the PTX that it is made of.</summary>
    /// <param name="text">CUDA C++.</param>
    /// <param name="architecture">E.g. 90.</param>
    /// <returns>Both; or what is wrong.</returns>
    public (byte[] Cubin, byte[] Ptx, string? Error) Compile(string text, int architecture)
    {
        var options = new[] { $"--gpu-architecture=sm_{architecture}", Options }.Select(Marshal.StringToCoTaskMemAnsi).ToArray();
        var program = IntPtr.Zero;
        try
        {
            var error = _create(out program, Encoding.UTF8.GetBytes(text + '\0'), Encoding.UTF8.GetBytes("model.cu\0"), 0, IntPtr.Zero,
                IntPtr.Zero);
            if (error == 0)
            {
                error = _compile(program, options.Length, options);
            }

            if (error != 0)
            {
                return ([], [], Explain(program, error));
            }

            // PTX ends with a zero, which the driver wants.
            var (cubin, ptx) = (Bytes(program, _cubinSize, _cubin), Bytes(program, _ptxSize, _ptx));
            return (cubin, ptx, cubin.Length == 0 || ptx.Length == 0 ? $"{Name} gives nothing for sm_{architecture}" : null);
        }
        finally
        {
            if (program != IntPtr.Zero)
            {
                _destroy(ref program);
            }

            Array.ForEach(options, Marshal.FreeCoTaskMem);
        }
    }

    private static NvrtcCompiler? TryLoad(string path, out string reason)
    {
        var library = NativeLibraries.TryLoad(path);
        if (library == IntPtr.Zero)
        {
            reason = $"{path} does not load";
            return null;
        }

        try
        {
            var compiler = new NvrtcCompiler(path, library);
            if (compiler.Version < LeastVersion)
            {
                reason = $"{compiler.Name} is older than 12.0";
                return null;
            }

            compiler.LoadBuiltins();
            reason = "";
            return compiler;
        }
        catch (MissingMethodException e)
        {
            reason = $"{path} is no NVRTC of 12.0 or later: {e.Message}";
            return null;
        }
    }

    // The compiler asks the system for its builtins by name alone, which finds what is loaded: those beside it are loaded here.
    private void LoadBuiltins()
    {
        if (System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder)
        {
            NativeLibraries.TryLoad(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, NvrtcPlaces.BuiltinsOf(Version))));
        }
    }

    private string Explain(IntPtr program, int error)
    {
        var log = program == IntPtr.Zero ? "" : Encoding.UTF8.GetString(Bytes(program, _logSize, _log)).Trim('\0', '\n', ' ');
        return error == NoBuiltins
            ? $"{Name} loads, but its builtins do not: {NvrtcPlaces.BuiltinsOf(Version)} has to lie beside it"
            : $"{Name} says {Marshal.PtrToStringAnsi(_errorString(error))}{(log.Length == 0 ? "" : "\n" + log)}";
    }

    private static byte[] Bytes(IntPtr program, SizeOf sizeOf, BytesOf get)
    {
        if (sizeOf(program, out var size) != 0)
        {
            return [];
        }

        var bytes = new byte[(int)size];
        return get(program, bytes) == 0 ? bytes : [];
    }
}
