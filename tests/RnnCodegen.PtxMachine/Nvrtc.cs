using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.PtxMachine;

/// <summary>NVIDIA's run-time compiler, which needs neither a GPU nor a driver; found by RNNCODEGEN_NVRTC, the path of libnvrtc.</summary>
public static unsafe class Nvrtc
{
    private static readonly nint Library = Open();

    /// <summary>Whether there is one, with its builtins beside it.</summary>
    public static bool IsThere => Library != 0;

    /// <summary>What a test says that is skipped for want of it.</summary>
    public const string WhyNot = "RNNCODEGEN_NVRTC, the path of libnvrtc with its builtins beside it, is not set or does not load.";

    /// <summary>Compiles CUDA C++ to PTX.</summary>
    /// <exception cref="InvalidOperationException">It does not compile; the message is the compiler's log.</exception>
    public static string Compile(string source, string architecture = "compute_90", params string[] options) =>
        Compile(source, architecture, options, ("nvrtcGetPTXSize", "nvrtcGetPTX"));

    /// <summary>What the assembler says of the machine code of each kernel: registers, spills, shared memory.</summary>
    /// <exception cref="InvalidOperationException">It does not compile; the message is the compiler's log.</exception>
    public static string Log(string source, string architecture) =>
        Compile(source, architecture, ["--ptxas-options=-v"], ("nvrtcGetProgramLogSize", "nvrtcGetProgramLog"));

    private static string Compile(string source, string architecture, string[] options, (string Size, string Text) result)
    {
        using var text = new Native(source);
        using var name = new Native("kernel.cu");
        string[] all = [$"--gpu-architecture={architecture}", "--std=c++17", .. options];
        var native = all.Select(option => new Native(option)).ToArray();
        nint program = 0;
        var create = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Export("nvrtcCreateProgram");
        var compile = (delegate* unmanaged<nint, int, byte**, int>)Export("nvrtcCompileProgram");
        var destroy = (delegate* unmanaged<nint*, int>)Export("nvrtcDestroyProgram");
        Check(create(&program, text.Start, name.Start, 0, null, null), "nvrtcCreateProgram");
        try
        {
            var pointers = stackalloc byte*[all.Length];
            for (var i = 0; i < all.Length; i++)
            {
                pointers[i] = native[i].Start;
            }

            if (compile(program, all.Length, pointers) != 0)
            {
                throw new InvalidOperationException(Text(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog"));
            }

            return Text(program, result.Size, result.Text);
        }
        finally
        {
            destroy(&program);
            Array.ForEach(native, option => option.Dispose());
        }
    }

    private static string Text(nint program, string sizeOf, string get)
    {
        nuint size = 0;
        Check(((delegate* unmanaged<nint, nuint*, int>)Export(sizeOf))(program, &size), sizeOf);
        var bytes = new byte[size];
        fixed (byte* start = bytes)
        {
            Check(((delegate* unmanaged<nint, byte*, int>)Export(get))(program, start), get);
        }

        return Encoding.UTF8.GetString(bytes).TrimEnd('\0');
    }

    private static nint Open()
    {
        if (Environment.GetEnvironmentVariable("RNNCODEGEN_NVRTC") is not { Length: > 0 } path)
        {
            return 0;
        }

        // The compiler looks for its builtins by name, which finds what is loaded.
        foreach (var builtins in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "libnvrtc-builtins.so*"))
        {
            NativeLibrary.TryLoad(builtins, out _);
        }

        return NativeLibrary.TryLoad(path, out var library) ? library : 0;
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} returned {result}.");
        }
    }

    private readonly struct Native(string text) : IDisposable
    {
        private readonly nint _start = Marshal.StringToCoTaskMemUTF8(text);

        public byte* Start => (byte*)_start;

        public void Dispose() => Marshal.FreeCoTaskMem(_start);
    }
}
