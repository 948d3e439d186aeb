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

    /// <summary>
    /// Bytes that the folder of compiled code may have, 256 MB unless set: what was not used for longest is deleted when more is written.
    /// What was written last stays, however large it is. Files of other names in the folder are neither counted nor deleted.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long CacheLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(CacheLimit));
            field = value;
        }
    } = 256L * 1024 * 1024;

    /// <summary>The driver; the machine's where null.</summary>
    internal CudaDriver? Driver { get; init; }

    /// <summary>Whether PTX is asked for where machine code could be: tests read it.</summary>
    internal bool WantsPtx { get; init; }

    /// <summary>How passes are divided: tests of small models take small parts.</summary>
    internal CudaDivision Division { get; init; } = CudaDivision.Default;
}
