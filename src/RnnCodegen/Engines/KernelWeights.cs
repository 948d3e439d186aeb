using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>The passes that read packed weights.</summary>
internal enum PackedFor
{
    /// <summary>Inference, and Forward where it reads the same.</summary>
    Inference,

    /// <summary>Forward, where inference's weights are rounded.</summary>
    Forward,

    /// <summary>Backward.</summary>
    Backward,
}

/// <summary>A model's weights as its kernels read them; made anew, once, when the parameters have changed.</summary>
internal sealed unsafe class KernelWeights(ModelKernels kernels, ParameterSet parameters, PackedFor reader)
{
    private readonly Lock _lock = new();
    private AlignedBuffer? _buffer;
    private int _version;

    /// <summary>Whether they are of the parameters' values of this moment.</summary>
    public bool IsCurrent => Volatile.Read(ref _buffer) is not null && Volatile.Read(ref _version) == parameters.Version;

    /// <summary>
    /// The first of the parameters' values that <see cref="Current"/> was made
    /// of: cheaper to ask for, once a step, than the parameters themselves.
    /// </summary>
    public float* Values { get; private set; }

    /// <summary>The packed weights. Threads that come at once wait for the first one's work.</summary>
    public float* Current()
    {
        var buffer = Volatile.Read(ref _buffer);
        return buffer is not null && Volatile.Read(ref _version) == parameters.Version ? buffer.Pointer : Pack();
    }

    private long Length => reader switch
    {
        PackedFor.Inference => kernels.PackedLength,
        PackedFor.Forward => kernels.PackedForwardLength,
        _ => kernels.PackedBackwardLength,
    };

    private float* Pack()
    {
        lock (_lock)
        {
            var buffer = _buffer ?? new AlignedBuffer(Length);
            var version = parameters.Version;
            if (_buffer is null || _version != version)
            {
                switch (reader)
                {
                    case PackedFor.Inference:
                        kernels.Pack(parameters.Pointer, buffer.Pointer);
                        break;
                    case PackedFor.Forward:
                        kernels.PackForward(parameters.Pointer, buffer.Pointer);
                        break;
                    case PackedFor.Backward:
                        kernels.PackBackward(parameters.Pointer, buffer.Pointer);
                        break;
                }

                Values = parameters.Pointer;
                Volatile.Write(ref _version, version);
                Volatile.Write(ref _buffer, buffer);
            }

            return buffer.Pointer;
        }
    }
}
