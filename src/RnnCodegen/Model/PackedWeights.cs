using RnnCodegen.Kernels;

namespace RnnCodegen;

/// <summary>A model's weights as its kernels read them; made anew, once, when the parameters have changed.</summary>
internal sealed class PackedWeights(ModelKernels kernels, ParameterSet parameters, bool backward)
{
    private readonly Lock _lock = new();
    private AlignedBuffer? _buffer;
    private int _version;

    /// <summary>Whether they are of the parameters' values of this moment.</summary>
    public bool IsCurrent => Volatile.Read(ref _buffer) is not null && Volatile.Read(ref _version) == parameters.Version;

    /// <summary>The packed weights. Threads that come at once wait for the first one's work.</summary>
    public unsafe float* Current()
    {
        var buffer = Volatile.Read(ref _buffer);
        return buffer is not null && Volatile.Read(ref _version) == parameters.Version ? buffer.Pointer : Pack();
    }

    private unsafe float* Pack()
    {
        lock (_lock)
        {
            var buffer = _buffer ?? new AlignedBuffer(backward ? kernels.PackedBackwardLength : kernels.PackedLength);
            var version = parameters.Version;
            if (_buffer is null || _version != version)
            {
                if (backward)
                {
                    kernels.PackBackward(parameters.Pointer, buffer.Pointer);
                }
                else
                {
                    kernels.Pack(parameters.Pointer, buffer.Pointer);
                }

                Volatile.Write(ref _version, version);
                Volatile.Write(ref _buffer, buffer);
            }

            return buffer.Pointer;
        }
    }
}
