namespace RnnCodegen.Cuda;

/// <summary>A kernel of a module.</summary>
internal sealed class CudaFunction(CudaModule module, string name, nint handle)
{
    /// <summary>Its module, which lives at least as long.</summary>
    public CudaModule Module => module;

    public string Name => name;

    /// <summary>The driver's CUfunction.</summary>
    public nint Handle => handle;

    /// <summary>Bytes of shared memory that launches may ask for, beside the kernel's own: more has to be asked for before.</summary>
    public int AllowedSharedBytes { get; set; } = 48 * 1024;

    /// <summary>Blocks of a cluster that launches may ask for: more than every device has has to be asked for before.</summary>
    public int AllowedCluster { get; set; } = 8;
}
