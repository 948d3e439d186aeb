namespace RnnCodegen.Cuda;

/// <summary>A kernel of a module.</summary>
internal sealed class CudaFunction(CudaModule module, string name, nint handle)
{
    /// <summary>Its module, which lives at least as long.</summary>
    public CudaModule Module => module;

    public string Name => name;

    /// <summary>The driver's CUfunction.</summary>
    public nint Handle => handle;

    /// <summary>
    /// Bytes of shared memory that were allowed to launches, beside the kernel's own. Without that they may have what its own leaves of
    /// 48 KB.
    /// </summary>
    public int AllowedSharedBytes { get; set; }

    /// <summary>Blocks of a cluster that launches may have; more than every device takes have to be allowed first.</summary>
    public int AllowedCluster { get; set; } = 8;
}
