using System.ComponentModel;
using System.Reflection;

namespace RnnCodegen.Cuda;

/// <summary>A model's device code, and how its passes are launched. Generated code fills it; nothing in it is for users.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CudaProgram
{
    /// <summary>CUDA C++ without headers.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// The assembly whose resources may have machine code and PTX of the text, see <see cref="CudaTextHash"/>; null where there is none.
    /// </summary>
    public Assembly? Images { get; init; }

    /// <summary>What large products round their operands to.</summary>
    public CudaPrecision Precision { get; init; }

    /// <summary>The matrices that kernels find by their numbers.</summary>
    public required CudaBuffer[] Buffers { get; init; }

    /// <summary>Of each time axis the windows that made it of the input's steps, in order; none for the input's own.</summary>
    public required CudaWindow[][] Axes { get; init; }

    /// <summary>Floats a row of the keys of each attention layer; 0 where the memory's rows are the keys.</summary>
    public required int[] KeyWidths { get; init; }

    /// <summary>Of each attention layer the axis of its rows; -1 where it has one row a sample.</summary>
    public required int[] AttentionAxes { get; init; }

    /// <summary>What makes keys of the rows to attend to, once a memory; empty where the rows are the keys.</summary>
    public required CudaOperation[] Keys { get; init; }

    /// <summary>
    /// A step of one stream, or of many as samples of a batch; empty where the model needs whole sequences. In it an axis has the input's
    /// steps divided by the strides of its windows, since what these see of earlier steps is in the state.
    /// </summary>
    public required CudaOperation[] Step { get; init; }

    /// <summary>Inference.</summary>
    public required CudaOperation[] Run { get; init; }

    /// <summary>Training's forward pass.</summary>
    public required CudaOperation[] Forward { get; init; }

    /// <summary>Training's backward pass.</summary>
    public required CudaOperation[] Backward { get; init; }
}

/// <summary>What a matrix is to the engine.</summary>
public enum CudaRole
{
    /// <summary>A tensor of the parameters, which kernels find there: no memory of its own.</summary>
    Tensor,

    /// <summary>The input's rows.</summary>
    Input,

    /// <summary>The output's rows.</summary>
    Output,

    /// <summary>The gradient of the input.</summary>
    InputGradient,

    /// <summary>The gradient of the output.</summary>
    OutputGradient,

    /// <summary>A state vector.</summary>
    State,

    /// <summary>The gradient of a state vector.</summary>
    StateGradient,

    /// <summary>The gradient of a trained vector, of each part of the batch; starts as zeros and is added up after Backward.</summary>
    VectorGradient,

    /// <summary>Kept from Forward to Backward.</summary>
    Kept,

    /// <summary>Temporary within a pass.</summary>
    Temporary,
}

/// <summary>How many rows a matrix has.</summary>
public enum CudaRows
{
    /// <summary>One; of a vector's gradient one a part.</summary>
    Once,

    /// <summary>One a sample.</summary>
    Sample,

    /// <summary>One a step and sample.</summary>
    Step,

    /// <summary>One a step and sample, and one a sample after the last step.</summary>
    StepAndEnd,

    /// <summary>One a sample and step of a chunk.</summary>
    ChunkStep,
}

/// <summary>A matrix of floats without gaps.</summary>
/// <param name="Role">What it is.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Width">Floats of a row.</param>
/// <param name="Axis">The axis of its steps; -1 where rows are no steps.</param>
/// <param name="Of">The number of the state, or the trained vector's offset among the parameters; -1 else.</param>
public readonly record struct CudaBuffer(CudaRole Role, CudaRows Rows, int Width, int Axis = -1, int Of = -1);

/// <summary>A window over steps: n steps become max(0, n + Padding - Extent + Stride) / Stride.</summary>
/// <param name="Extent">Steps from its first to its last.</param>
/// <param name="Stride">Steps from one window to the next.</param>
/// <param name="Padding">Steps of padding on both sides together.</param>
public readonly record struct CudaWindow(int Extent, int Stride, int Padding);
