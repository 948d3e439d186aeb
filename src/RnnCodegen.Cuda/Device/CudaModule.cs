namespace RnnCodegen.Cuda;

/// <summary>The device code of a model, on a device.</summary>
internal sealed class CudaModule(CudaDevice device) : CudaResource(device)
{
    private readonly Dictionary<string, CudaFunction> _functions = [];

    /// <summary>The driver's CUmodule.</summary>
    public nint Handle { get; set; }

    /// <summary>Where the code came from, for people.</summary>
    public string Origin { get; init; } = "";

    /// <summary>A kernel by its name.</summary>
    /// <exception cref="CudaException">There is none of this name.</exception>
    public CudaFunction this[string kernel]
    {
        get
        {
            lock (_functions)
            {
                if (!_functions.TryGetValue(kernel, out var function))
                {
                    _functions.Add(kernel, function = Device.Find(this, kernel));
                }

                return function;
            }
        }
    }

    protected override void Free() => Device.Free(this);
}
