namespace RnnCodegen.Kernels;

/// <summary>
/// What a generated kernel reads and writes, as raw memory. Checked by <see cref="ModelCore"/> before it reaches a kernel.
/// Sequences are [T, B, F] without padding; a state slot of size S is [B, S rounded up to 16].
/// </summary>
public unsafe struct ModelCall
{
    /// <summary>Input rows [T, B, I]; null for token models.</summary>
    public float* Input;

    /// <summary>Token ids [T, B]; null for feature models.</summary>
    public int* Tokens;

    /// <summary>Output rows: [T, B, F], or [B, F] where the output is one row a sequence.</summary>
    public float* Output;

    /// <summary>Time steps T.</summary>
    public int Steps;

    /// <summary>Samples B.</summary>
    public int Batch;

    /// <summary>Valid steps of each sample [B]; null when all are T.</summary>
    public int* Lengths;

    /// <summary>The flat parameters, for layers that read them as they are.</summary>
    public float* Parameters;

    /// <summary>Weights as <see cref="ModelKernels.Pack"/> laid them out; in training, as <see cref="ModelKernels.PackForward"/> did where a model has it.</summary>
    public float* Packed;

    /// <summary>Weights as <see cref="ModelKernels.PackBackward"/> laid them out; Backward only.</summary>
    public float* PackedBackward;

    /// <summary>Recurrent state: the initial one on entry, the final one on return.</summary>
    public float* State;

    /// <summary>Temporary memory. No result depends on what it held, as long as all of it is finite.</summary>
    public float* Workspace;

    /// <summary>What Forward keeps for Backward; null in inference.</summary>
    public float* Tape;

    /// <summary>Seed of this call's dropout masks.</summary>
    public ulong DropoutSeed;

    /// <summary>Counts the steps of a stream: weights are walked forwards on even turns and backwards on odd ones.</summary>
    public int Turn;

    /// <summary>Whether dropout is active.</summary>
    public bool Training;

    /// <summary>Gradient of the output, shaped like <see cref="Output"/>; Backward only.</summary>
    public float* OutputGradient;

    /// <summary>Gradient of the input, overwritten; null when not wanted.</summary>
    public float* InputGradient;

    /// <summary>Gradient of the state: of the final one on entry to Backward, of the initial one on return.</summary>
    public float* StateGradient;

    /// <summary>Gradients of the parameters, in their flat layout; added to.</summary>
    public float* Gradients;
}
