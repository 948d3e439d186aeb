namespace RnnCodegen.Cuda.Tests;

/// <summary>The driver's errors that the software device returns.</summary>
internal static class SoftwareError
{
    public const int InvalidValue = 1, OutOfMemory = 2, NotInitialized = 3, DeviceUnavailable = 46, NoDevice = 100, InvalidDevice = 101,
        InvalidImage = 200, InvalidContext = 201, NoBinaryForGpu = 209, EccUncorrectable = 214, InvalidPtx = 218,
        UnsupportedPtxVersion = 222, InvalidHandle = 400, IllegalState = 401, NotFound = 500, IllegalAddress = 700,
        OutOfResources = 701, MisalignedAddress = 716,
        LaunchFailed = 719, CaptureUnsupported = 900, CaptureInvalidated = 901, InvalidClusterSize = 912, Unknown = 999;

    /// <summary>The driver's name of an error.</summary>
    public static string Name(int error) => error switch
    {
        InvalidValue => "CUDA_ERROR_INVALID_VALUE", OutOfMemory => "CUDA_ERROR_OUT_OF_MEMORY",
        NotInitialized => "CUDA_ERROR_NOT_INITIALIZED", DeviceUnavailable => "CUDA_ERROR_DEVICE_UNAVAILABLE",
        NoDevice => "CUDA_ERROR_NO_DEVICE", InvalidDevice => "CUDA_ERROR_INVALID_DEVICE", InvalidImage => "CUDA_ERROR_INVALID_IMAGE",
        InvalidContext => "CUDA_ERROR_INVALID_CONTEXT", NoBinaryForGpu => "CUDA_ERROR_NO_BINARY_FOR_GPU",
        EccUncorrectable => "CUDA_ERROR_ECC_UNCORRECTABLE", InvalidPtx => "CUDA_ERROR_INVALID_PTX",
        UnsupportedPtxVersion => "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", InvalidHandle => "CUDA_ERROR_INVALID_HANDLE",
        IllegalState => "CUDA_ERROR_ILLEGAL_STATE", NotFound => "CUDA_ERROR_NOT_FOUND", IllegalAddress => "CUDA_ERROR_ILLEGAL_ADDRESS",
        OutOfResources => "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", MisalignedAddress => "CUDA_ERROR_MISALIGNED_ADDRESS",
        LaunchFailed => "CUDA_ERROR_LAUNCH_FAILED", CaptureUnsupported => "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
        CaptureInvalidated => "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", InvalidClusterSize => "CUDA_ERROR_INVALID_CLUSTER_SIZE",
        _ => "CUDA_ERROR_UNKNOWN",
    };

    /// <summary>Whether the context is of no use after it.</summary>
    public static bool IsSticky(int error) => error is EccUncorrectable or IllegalAddress or MisalignedAddress or LaunchFailed;
}
