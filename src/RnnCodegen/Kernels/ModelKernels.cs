namespace RnnCodegen.Kernels;

/// <summary>One model's generated code for one vector width. Sizes are in floats.</summary>
public abstract unsafe class ModelKernels
{
    /// <summary>The vector width this body is written for.</summary>
    public abstract SimdWidth Width { get; }

    /// <summary>Size of the packed weights that inference reads, and Forward too unless it has its own.</summary>
    public abstract long PackedLength { get; }

    /// <summary>Size of the packed weights that Forward reads; 0 where it reads those of inference, because all of them are float32.</summary>
    public virtual long PackedForwardLength => 0;

    /// <summary>Size of the transposed packed weights that Backward reads.</summary>
    public abstract long PackedBackwardLength { get; }

    /// <summary>Size of the temporary memory of one <see cref="Step"/>.</summary>
    public virtual int StepWorkspaceLength => 0;

    /// <summary>Size of the temporary memory of <see cref="Run"/>.</summary>
    public abstract long RunWorkspaceLength(int steps, int batch);

    /// <summary>Size of the tape of <see cref="Forward"/>.</summary>
    public abstract long TapeLength(int steps, int batch);

    /// <summary>Size of the temporary memory that <see cref="Forward"/> and <see cref="Backward"/> share.</summary>
    public abstract long TrainingWorkspaceLength(int steps, int batch);

    /// <summary>Lays the parameters out as inference reads them, rounded where a layer has a reduced weight format.</summary>
    public abstract void Pack(float* parameters, float* packed);

    /// <summary>Lays the parameters out as Forward reads them; only models with a <see cref="PackedForwardLength"/> have it.</summary>
    public virtual void PackForward(float* parameters, float* packed) => throw new NotSupportedException("Forward reads what Pack laid out.");

    /// <summary>Lays the parameters out as Backward reads them.</summary>
    public abstract void PackBackward(float* parameters, float* packed);

    /// <summary>One time step of one stream; only models that can stream have it.</summary>
    public virtual void Step(in ModelCall call) => throw new NotSupportedException("This model needs the whole sequence; use Run.");

    /// <summary>Inference over a sequence or batch.</summary>
    public abstract void Run(in ModelCall call);

    /// <summary>Run that fills the tape.</summary>
    public abstract void Forward(in ModelCall call);

    /// <summary>Gradients of the parameters, the input and the initial state, from the tape.</summary>
    public abstract void Backward(in ModelCall call);
}
