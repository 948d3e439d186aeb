using System.Runtime.InteropServices;

namespace RnnCodegen.Cuda;

/// <summary>The arguments of a pass, as kernels read them from device memory; addresses are the device's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaCall
{
    /// <summary>Addresses of the matrices, by number.</summary>
    public ulong Buffers;
    public ulong Parameters;

    /// <summary>Gradients of the parameters, one set a part.</summary>
    public ulong Gradients;

    /// <summary>Token ids [T, B].</summary>
    public ulong Tokens;

    /// <summary>Valid steps of each sample; 0 where all are.</summary>
    public ulong Lengths;

    /// <summary>
    /// Rows to attend to [S, B, M], the valid ones of each sample (0 where all are), and of each attention layer its keys.
    /// </summary>
    public ulong Memory;
    public ulong MemoryLengths;
    public ulong Keys;
    public ulong KeyGradients;
    public ulong MemoryGradient;

    /// <summary>
    /// Receives the weights that attention layers give the memory's rows [layer, T, B, S]; 0 where unwanted, and always in Run.
    /// </summary>
    public ulong Attention;

    /// <summary>The seed of dropout.</summary>
    public ulong Seed;
    public int Steps;
    public int Batch;
    public int MemorySteps;

    /// <summary>Which part of a larger batch this one is, see <see cref="Tape"/>.</summary>
    public int SamplesBefore;
    public int SamplesElsewhere;
    public int IsTraining;
}

/// <summary>What differs between the launches of a pass.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaTurn
{
    /// <summary>The first step of the chunk.</summary>
    public int Chunk;
    public int ChunkSteps;

    /// <summary>The step, where the host goes from step to step.</summary>
    public int Step;

    /// <summary>Samples of a block, or of a cluster.</summary>
    public int Samples;
}
