namespace RnnCodegen.Cuda;

/// <summary>Which GPU is used, and how device code comes to it.</summary>
public sealed class CudaOptions
{
    /// <summary>
    /// The environment variable that names the library of NVIDIA's run-time compiler (NVRTC) where <see cref="NvrtcPath"/> does not.
    /// </summary>
    public const string NvrtcVariable = "RNNCODEGEN_NVRTC";

    /// <summary>The GPU's number as the driver counts them, from 0; CUDA_VISIBLE_DEVICES hides and reorders them.</summary>
    public int Device { get; init; }

    /// <summary>
    /// The file of NVRTC, e.g. <c>/opt/cuda/lib64/libnvrtc.so.12</c>; no other is tried then. Where null, <see cref="NvrtcVariable"/>,
    /// the system's own search, CUDA_PATH and the usual folders are. It is needed only where the model's assembly has no code for the GPU.
    /// </summary>
    public string? NvrtcPath { get; init; }

    /// <summary>
    /// The folder of what NVRTC has compiled; where null, <c>rnncodegen/cuda</c> in XDG_CACHE_HOME (or ~/.cache), on Windows
    /// <c>RnnCodegen\Cuda</c> in the local application data. A folder that cannot be written to is no error. It may be deleted at any time.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>Whether what NVRTC compiles is kept on disk for the next start.</summary>
    public bool UseCache { get; init; } = true;

    /// <summary>The driver; the machine's where null.</summary>
    internal CudaDriver? Driver { get; init; }

    /// <summary>Whether PTX is asked for where machine code could be: tests read it.</summary>
    internal bool WantsPtx { get; init; }

    /// <summary>How passes are divided: tests of small models take small parts.</summary>
    internal CudaDivision Division { get; init; } = CudaDivision.Default;
}
