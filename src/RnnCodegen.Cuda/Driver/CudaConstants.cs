namespace RnnCodegen.Cuda;

/// <summary>The driver's constants that are used here; each comment has the driver's own name.</summary>
internal static class CudaConstants
{
    /// <summary>CUDA_ERROR_OUT_OF_MEMORY.</summary>
    public const int OutOfMemory = 2;

    /// <summary>CUDA_ERROR_NO_DEVICE.</summary>
    public const int NoDevice = 100;

    /// <summary>CUDA_ERROR_INVALID_IMAGE.</summary>
    public const int InvalidImage = 200;

    /// <summary>CUDA_ERROR_NO_BINARY_FOR_GPU.</summary>
    public const int NoBinaryForGpu = 209;

    /// <summary>CUDA_ERROR_INVALID_PTX.</summary>
    public const int InvalidPtx = 218;

    /// <summary>CUDA_ERROR_JIT_COMPILER_NOT_FOUND.</summary>
    public const int JitCompilerNotFound = 221;

    /// <summary>CUDA_ERROR_UNSUPPORTED_PTX_VERSION.</summary>
    public const int UnsupportedPtxVersion = 222;

    /// <summary>CUDA_ERROR_JIT_COMPILATION_DISABLED.</summary>
    public const int JitCompilationDisabled = 223;

    /// <summary>CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT.</summary>
    public const int MultiprocessorCount = 16;

    /// <summary>CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR.</summary>
    public const int ComputeCapabilityMajor = 75;

    /// <summary>CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR.</summary>
    public const int ComputeCapabilityMinor = 76;

    /// <summary>CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN.</summary>
    public const int MaxSharedBytes = 97;

    /// <summary>CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.</summary>
    public const int MaxDynamicSharedBytes = 8;

    /// <summary>CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED.</summary>
    public const int NonPortableClusterSize = 14;

    /// <summary>CU_JIT_ERROR_LOG_BUFFER.</summary>
    public const int JitErrorLog = 5;

    /// <summary>CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES.</summary>
    public const int JitErrorLogBytes = 6;

    /// <summary>CU_STREAM_NON_BLOCKING.</summary>
    public const uint StreamNonBlocking = 1;

    /// <summary>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: what other threads do, finalizers too, does not end the capture.</summary>
    public const int CaptureThreadLocal = 1;
}
