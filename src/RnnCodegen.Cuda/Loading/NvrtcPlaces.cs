using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>The names of NVRTC, and the folders in which it usually is.</summary>
/// <remarks>A file of its own, without dependencies, so that a build task can be compiled with it.</remarks>
internal static class NvrtcPlaces
{
    private static readonly string[] s_toolkitVariables = ["CUDA_PATH", "CUDA_HOME", "CONDA_PREFIX"];

    private static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>The file names of major versions, each of which has one for all its versions; in the order given.</summary>
    public static string[] Names(IEnumerable<int> majors) => IsWindows
        ? [.. majors.Select(major => $"nvrtc64_{major}0_0.dll")]
        : [.. majors.Select(major => $"libnvrtc.so.{major}"), "libnvrtc.so"];

    /// <summary>The files of these names that are in the usual folders.</summary>
    /// <param name="names">The names.</param>
    /// <param name="variable">The environment.</param>
    public static IEnumerable<string> Files(string[] names, Func<string, string?> variable) =>
        Folders(variable).SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists);

    /// <summary>What was looked for, where nothing is there.</summary>
    public static string Describe(string[] names, Func<string, string?> variable) =>
        $"NVRTC is not here: {string.Join(", ", names)} were looked for by name, in CUDA_PATH " +
        $"({(variable("CUDA_PATH") is { Length: > 0 } toolkit ? toolkit : "which is not set")}) and in the usual folders";

    /// <summary>The file name of the builtins that a version loads.</summary>
    /// <param name="version">E.g. 12040 for 12.4.</param>
    public static string BuiltinsOf(int version)
    {
        var (major, minor) = (version / 1000, version % 1000 / 10);
        return IsWindows ? $"nvrtc-builtins64_{major}{minor}.dll" : $"libnvrtc-builtins.so.{major}.{minor}";
    }

    private static IEnumerable<string> Folders(Func<string, string?> variable)
    {
        string[] toolkits = [.. s_toolkitVariables.Select(name => variable(name) ?? "").Where(path => path.Length > 0)];
        if (IsWindows)
        {
            return toolkits.SelectMany(toolkit => new[] { Path.Combine(toolkit, "bin"), Path.Combine(toolkit, "bin", "x64") });
        }

        return new[] { [.. toolkits, "/usr/local/cuda"], In("/usr/local", "cuda-*"), ["/opt/cuda"] }
            .SelectMany(some => some)
            .SelectMany(toolkit => new[] { Path.Combine(toolkit, "lib64"), Path.Combine(toolkit, "lib") })
            .Concat(["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"])
            .Concat(OfPython(variable))
            .Distinct();
    }

    // Python's packages bring it: nvidia/cuda_nvrtc that of CUDA 12, nvidia/cu13 that of 13.
    private static IEnumerable<string> OfPython(Func<string, string?> variable) =>
        new[] { $"{variable("VIRTUAL_ENV")}/lib", $"{variable("HOME")}/.local/lib", "/usr/local/lib", "/usr/lib", "/opt/conda/lib" }
            .SelectMany(lib => In(lib, "python3*"))
            .SelectMany(python => new[] { $"{python}/site-packages/nvidia", $"{python}/dist-packages/nvidia" })
            .SelectMany(nvidia => new[] { $"{nvidia}/cuda_nvrtc/lib", $"{nvidia}/cu13/lib" });

    private static string[] In(string folder, string pattern)
    {
        try
        {
            return [.. Directory.GetDirectories(folder, pattern).OrderByDescending(path => path, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
