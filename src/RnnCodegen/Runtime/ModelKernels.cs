namespace RnnCodegen.Runtime;

/// <summary>One model's generated code for one vector width. Sizes are in floats.</summary>
public abstract unsafe class ModelKernels
{
    /// <summary>The vector width this body is written for.</summary>
    public abstract SimdWidth Width { get; }

    /// <summary>Size of the packed weights that inference reads, and Forward too unless it has its own.</summary>
    public abstract long PackedLength { get; }

    /// <summary>
    /// Size of the packed weights that Forward reads; 0 where it reads those of inference, because all of them are float32.
    /// </summary>
    public virtual long PackedForwardLength => 0;

    /// <summary>Size of the transposed packed weights that Backward reads.</summary>
    public abstract long PackedBackwardLength { get; }

    /// <summary>Size of the weights' gradients as Backward leaves them, at the start of its temporary memory.</summary>
    public virtual long PackedGradientsLength => 0;

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
    public virtual void PackForward(float* parameters, float* packed) =>
        throw new NotSupportedException("Forward reads what Pack laid out.");

    /// <summary>Lays the parameters out as Backward reads them.</summary>
    public abstract void PackBackward(float* parameters, float* packed);

    /// <summary>One time step of one stream; only models that can stream have it.</summary>
    public virtual void Step(in ModelCall call) => throw new NotSupportedException("This model needs the whole sequence; use Run.");

    /// <summary>Inference over a sequence or batch.</summary>
    public abstract void Run(in ModelCall call);

    /// <summary>Run that fills the tape.</summary>
    public abstract void Forward(in ModelCall call);

    /// <summary>
    /// Gradients of the input and the initial state, from the tape, and those of the weights in the temporary memory: the two methods below
    /// add them to the parameters'. So several calls, each for some of a batch's samples, may run at the same time.
    /// </summary>
    public abstract void Backward(in ModelCall call);

    /// <summary>Adds the weights' gradients, which stand as the kernels left them, to the parameters'.</summary>
    /// <param name="call">The call of Backward.</param>
    /// <param name="share">Which of equal shares to add; different shares write to different places.</param>
    /// <param name="shares">Number of shares.</param>
    public virtual void AddGradients(in ModelCall call, int share, int shares)
    {
    }

    /// <summary>Adds the gradients of the tokens' rows to that of the table; token models only.</summary>
    /// <param name="call">The call of Backward.</param>
    /// <param name="share">Which of equal shares to add; different shares write to different places.</param>
    /// <param name="shares">Number of shares.</param>
    public virtual void AddTokenGradients(in ModelCall call, int share, int shares)
    {
    }
}
