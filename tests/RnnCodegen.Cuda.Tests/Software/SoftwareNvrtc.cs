using System.Runtime.InteropServices;
using System.Text;

namespace RnnCodegen.Cuda.Tests;

/// <summary>A compiler for PTX: what it makes of a text is that text, as PTX or as the software device's machine code.</summary>
internal sealed unsafe class SoftwareNvrtc
{
    private static readonly AsyncLocal<SoftwareNvrtc?> Chosen = new();
    private byte[] _made = [];
    private string _options = "";

    /// <summary>12.4, for all chips up to that of an H200.</summary>
    public SoftwareNvrtc() => Chosen.Value = this;

    public int Version { get; init; } = 12040;

    public int[] Architectures { get; init; } = [70, 80, 86, 90];

    /// <summary>The error that compiling returns.</summary>
    public int Error { get; init; }

    /// <summary>What the compiler says then.</summary>
    public string Log { get; init; } = "";

    /// <summary>The options of each time that it compiled.</summary>
    public List<string> Compiled { get; } = [];

    /// <summary>Programs that were made and not destroyed.</summary>
    public int Programs { get; private set; }

    private static SoftwareNvrtc Now => Chosen.Value!;

    /// <summary>The compiler, for code under test; entry points mean the one that was made last.</summary>
    public NvrtcLibrary Table => new()
    {
        Path = "a test", GetVersion = &GetVersion, GetErrorString = &GetErrorString, GetNumSupportedArchs = &GetNumSupportedArchs,
        GetSupportedArchs = &GetSupportedArchs, CreateProgram = &CreateProgram, DestroyProgram = &DestroyProgram,
        CompileProgram = &CompileProgram, GetProgramLogSize = &GetProgramLogSize, GetProgramLog = &GetProgramLog,
        GetCubinSize = &GetCubinSize, GetCubin = &GetCubin, GetPtxSize = &GetPtxSize, GetPtx = &GetPtx,
    };

    [UnmanagedCallersOnly]
    private static int GetVersion(int* major, int* minor)
    {
        (*major, *minor) = (Now.Version / 1000, Now.Version % 1000 / 10);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static byte* GetErrorString(int error) => (byte*)Marshal.StringToCoTaskMemUTF8($"NVRTC_ERROR {error}");

    [UnmanagedCallersOnly]
    private static int GetNumSupportedArchs(int* count)
    {
        *count = Now.Architectures.Length;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GetSupportedArchs(int* all)
    {
        Now.Architectures.CopyTo(new Span<int>(all, Now.Architectures.Length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int CreateProgram(nint* program, byte* source, byte* name, int headers, byte** texts, byte** names)
    {
        Now.Programs++;
        Now._made = Encoding.UTF8.GetBytes(Marshal.PtrToStringUTF8((nint)source)!);
        *program = 1;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DestroyProgram(nint* program)
    {
        Now.Programs--;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int CompileProgram(nint program, int count, byte** options)
    {
        Now._options = string.Join(' ', Enumerable.Range(0, count).Select(i => Marshal.PtrToStringUTF8((nint)options[i])));
        Now.Compiled.Add(Now._options);
        return Now.Error;
    }

    [UnmanagedCallersOnly]
    private static int GetProgramLogSize(nint program, nuint* size) => Size(size, Encoding.UTF8.GetBytes(Now.Log + '\0'));

    [UnmanagedCallersOnly]
    private static int GetProgramLog(nint program, byte* log) => Copy(log, Encoding.UTF8.GetBytes(Now.Log + '\0'));

    [UnmanagedCallersOnly]
    private static int GetCubinSize(nint program, nuint* size) => Size(size, MachineCode());

    [UnmanagedCallersOnly]
    private static int GetCubin(nint program, byte* image) => Copy(image, MachineCode());

    [UnmanagedCallersOnly]
    private static int GetPtxSize(nint program, nuint* size) => Size(size, Now._made);

    [UnmanagedCallersOnly]
    private static int GetPtx(nint program, byte* image) => Copy(image, Now._made);

    private static byte[] MachineCode()
    {
        var architecture = Now._options.Split("=sm_")[1].Split(' ')[0];
        return SoftwareDriver.ToMachineCode(
            Encoding.UTF8.GetString(Now._made), int.Parse(architecture, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Size(nuint* size, byte[] bytes)
    {
        *size = (nuint)bytes.Length;
        return 0;
    }

    private static int Copy(byte* target, byte[] bytes)
    {
        bytes.CopyTo(new Span<byte>(target, bytes.Length));
        return 0;
    }
}
