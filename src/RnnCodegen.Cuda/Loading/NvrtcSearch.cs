namespace RnnCodegen.Cuda;

/// <summary>Where NVRTC may be: where the options or the environment say, or else wherever it usually is.</summary>
internal sealed class NvrtcSearch
{
    private static readonly string[] s_toolkitVariables = ["CUDA_PATH", "CUDA_HOME", "CONDA_PREFIX"];
    private readonly Func<string, string?> _variable;
    private readonly string _looked;

    /// <summary>Finds the places, and opens nothing yet.</summary>
    /// <param name="options">May name one.</param>
    /// <param name="driverVersion">The driver's version; compilers of later major versions are of no use to it.</param>
    /// <param name="variable">The environment.</param>
    public NvrtcSearch(CudaOptions options, int driverVersion, Func<string, string?> variable)
    {
        _variable = variable;
        if (options.NvrtcPath is { Length: > 0 } path)
        {
            (Places, _looked) = ([path], $"CudaOptions.NvrtcPath names {path}, which does not load");
        }
        else if (variable(CudaOptions.NvrtcVariable) is { Length: > 0 } named)
        {
            (Places, _looked) = ([named], $"{CudaOptions.NvrtcVariable} names {named}, which does not load");
        }
        else
        {
            var names = Names(driverVersion / 1000);
            Places = [.. names, .. Folders().SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists)];
            _looked = $"NVRTC is not here: {string.Join(", ", names)} were looked for by name, in CUDA_PATH " +
                $"({(variable("CUDA_PATH") is { Length: > 0 } toolkit ? toolkit : "which is not set")}) and in the usual folders";
        }
    }

    /// <summary>Names that the system searches for, and files, in the order in which they are tried.</summary>
    public IReadOnlyList<string> Places { get; }

    /// <summary>Opens one after the other, as far as the caller goes; where none is there, says what was looked for.</summary>
    public IEnumerable<(NvrtcLibrary? Compiler, string Reason)> Open()
    {
        var isFound = false;
        foreach (var place in Places)
        {
            var compiler = NvrtcLibrary.TryLoad(place, out var reason);
            if (compiler is not null || reason.Length > 0)
            {
                isFound = true;
                yield return (compiler, reason);
            }
        }

        if (!isFound)
        {
            yield return (null, _looked);
        }
    }

    // All of a major version have one name.
    private static string[] Names(int driverMajor)
    {
        var majors = Enumerable.Range(12, Math.Max(1, driverMajor - 11)).Reverse();
        return OperatingSystem.IsWindows()
            ? [.. majors.Select(major => $"nvrtc64_{major}0_0.dll")]
            : [.. majors.Select(major => $"libnvrtc.so.{major}"), "libnvrtc.so"];
    }

    private IEnumerable<string> Folders()
    {
        string[] toolkits = [.. s_toolkitVariables.Select(name => _variable(name) ?? "").Where(path => path.Length > 0)];
        if (OperatingSystem.IsWindows())
        {
            return toolkits.SelectMany(toolkit => new[] { Path.Combine(toolkit, "bin"), Path.Combine(toolkit, "bin", "x64") });
        }

        return new[] { [.. toolkits, "/usr/local/cuda"], In("/usr/local", "cuda-*"), ["/opt/cuda"] }
            .SelectMany(some => some)
            .SelectMany(toolkit => new[] { Path.Combine(toolkit, "lib64"), Path.Combine(toolkit, "lib") })
            .Concat(["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"])
            .Concat(OfPython())
            .Distinct();
    }

    // Python's packages bring it: nvidia/cuda_nvrtc that of CUDA 12, nvidia/cu13 that of 13.
    private IEnumerable<string> OfPython() =>
        new[] { $"{_variable("VIRTUAL_ENV")}/lib", $"{_variable("HOME")}/.local/lib", "/usr/local/lib", "/usr/lib" }
            .SelectMany(lib => In(lib, "python3*"))
            .SelectMany(python => new[] { $"{python}/site-packages/nvidia", $"{python}/dist-packages/nvidia" })
            .SelectMany(nvidia => new[] { $"{nvidia}/cuda_nvrtc/lib", $"{nvidia}/cu13/lib" });

    private static string[] In(string folder, string pattern)
    {
        try
        {
            return [.. Directory.GetDirectories(folder, pattern).OrderDescending(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
