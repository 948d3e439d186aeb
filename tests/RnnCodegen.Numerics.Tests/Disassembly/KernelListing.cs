using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RnnCodegen.Numerics.Tests.Disassembly;

/// <summary>Machine code of generated methods as the JIT lists it.</summary>
internal static class KernelListing
{
    /// <summary>Compiles the methods that all models share in a process of its own.</summary>
    /// <param name="body">What the name of their class starts with, e.g. Vector512Kernels.</param>
    /// <param name="avx512">Whether that process may use AVX-512.</param>
    public static IReadOnlyList<AssemblyMethod> Compile(string body, bool avx512)
    {
        var file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Host(), [typeof(KernelListing).Assembly.Location, body]) { RedirectStandardError = true };
            start.Environment["DOTNET_JitDisasm"] = $"*{body}_*:*";
            start.Environment["DOTNET_JitStdOutFile"] = file;
            start.Environment["DOTNET_TieredCompilation"] = "0";
            start.Environment["DOTNET_EnableAVX512"] = avx512 ? "1" : "0";
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? AssemblyMethod.Parse(File.ReadLines(file)) : throw new InvalidOperationException(error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The dotnet host beside the runtime that runs the tests.</summary>
    private static string Host() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
            OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
