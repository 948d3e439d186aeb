namespace RnnCodegen.Cuda;

/// <summary>Where NVRTC may be: where the options or the environment say, or else wherever it usually is.</summary>
internal sealed class NvrtcSearch
{
    private readonly string _looked;

    /// <summary>Finds the places, and opens nothing yet.</summary>
    /// <param name="options">May name one.</param>
    /// <param name="driverVersion">The driver's version; compilers of later major versions are of no use to it.</param>
    /// <param name="variable">The environment.</param>
    public NvrtcSearch(CudaOptions options, int driverVersion, Func<string, string?> variable)
    {
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
            // What is newer than the driver makes what it does not load.
            var names = NvrtcPlaces.Names(Enumerable.Range(12, Math.Max(1, (driverVersion / 1000) - 11)).Reverse());
            Places = [.. names, .. NvrtcPlaces.Files(names, variable)];
            _looked = NvrtcPlaces.Describe(names, variable);
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
}
