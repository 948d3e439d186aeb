using RnnCodegen.Cuda;
using RnnCodegen.Cuda.Tests;

namespace RnnCodegen.Gpu;

/// <summary>Where models compute: a GPU, or the software device for a rehearsal.</summary>
sealed class Place : IDisposable
{
    private readonly SoftwareDriver? _software;

    public Place(bool isSoftware) => _software = isSoftware ? new SoftwareDriver() : null;

    /// <summary>Whether it is a rehearsal.</summary>
    public bool IsSoftware => _software is not null;

    /// <summary>Options that bring a model there; PTX is what the software device takes.</summary>
    public CudaOptions Options => _software is null ? new() : new() { Driver = _software.Table, WantsPtx = true };

    /// <summary>What was left behind or done wrong, in words; of a rehearsal only.</summary>
    public string Complaints => _software is null ? "" : string.Join("; ", _software.Complaints) + _software.Held();

    public void Dispose() => _software?.Dispose();
}
