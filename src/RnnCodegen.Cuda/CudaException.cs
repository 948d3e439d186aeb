namespace RnnCodegen.Cuda;

/// <summary>
/// A call of the CUDA driver failed, or device code could not be compiled or loaded. The message says which call, why, and for which
/// kernel.
/// </summary>
public sealed class CudaException : Exception
{
    internal CudaException(string message, string log = "", Exception? inner = null)
        : base(log.Length == 0 ? message : $"{message}\n{log}", inner) => Log = log;

    internal CudaException(string call, int code, string message, string kernel, string log = "")
        : this(message, log) => (Call, Code, Kernel) = (call, code, kernel);

    /// <summary>The driver's function that failed, e.g. <c>cuMemAlloc_v2</c>; empty where it was none.</summary>
    public string Call { get; } = "";

    /// <summary>Its CUresult, e.g. 2 where memory is short; 0 where it was no call.</summary>
    public int Code { get; }

    /// <summary>
    /// The kernel that was launched, or the last one launched before: kernels run behind the program, and the call that
    /// waits for them reports what befell one. Empty where there was none.
    /// </summary>
    public string Kernel { get; } = "";

    /// <summary>What the compiler, or the driver's own, said; empty where it said nothing.</summary>
    public string Log { get; } = "";
}
