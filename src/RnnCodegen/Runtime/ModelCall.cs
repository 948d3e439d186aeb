namespace RnnCodegen.Runtime;

/// <summary>
/// What a generated kernel reads and writes, as raw memory. Checked by <see cref="ModelCore"/> before it reaches a kernel.
/// Sequences are [T, B, F] without padding; a state slot of size S is [B, S rounded up to 16]. A call may be for some of a batch's samples:
/// then the sequences that are the user's start at its first sample and have the rows of all samples between two steps.
/// </summary>
public unsafe struct ModelCall
{
    /// <summary>Input rows [T, B, I]; null for token models.</summary>
    public float* Input;

    /// <summary>Token ids [T, B] of this call's samples alone; null for feature models.</summary>
    public int* Tokens;

    /// <summary>Which of them are the same token, as <see cref="RowOps.LinkTokens"/> says it; Backward of token models only.</summary>
    public int* TokenLinks;

    /// <summary>Output rows: [T, B, F], or [B, F] where the output is one row per sequence.</summary>
    public float* Output;

    /// <summary>Time steps T.</summary>
    public int Steps;

    /// <summary>Samples B of this call.</summary>
    public int Batch;

    /// <summary>Samples of the whole batch: rows of Input, Output and their gradients from one step to the next.</summary>
    public int WholeBatch;

    /// <summary>Where this call's samples start in the whole batch.</summary>
    public int FirstSample;

    /// <summary>
    /// Samples of a larger batch, of which the whole batch is a part, that come before it; only dropout masks know of them.
    /// </summary>
    public int SamplesBefore;

    /// <summary>Samples of that larger batch before and after the whole one.</summary>
    public int SamplesElsewhere;

    /// <summary>Valid steps of each sample [B]; null when all are T.</summary>
    public int* Lengths;

    /// <summary>The flat parameters, for layers that read them as they are.</summary>
    public float* Parameters;

    /// <summary>
    /// Weights as <see cref="ModelKernels.Pack"/> laid them out; in training, as <see cref="ModelKernels.PackForward"/> did where a model
    /// has it.
    /// </summary>
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

    /// <summary>Gradients of the parameters, in their flat layout; added to by what comes after Backward.</summary>
    public float* Gradients;

    /// <summary>
    /// The memory that the whole batch attends to: of each sample MemorySteps rows, one after the other, at multiples of 16 floats; null
    /// where a model attends to none.
    /// </summary>
    public float* MemoryRows;

    /// <summary>Rows of each sample's memory, those past its length included.</summary>
    public int MemorySteps;

    /// <summary>Valid rows of each sample's memory [WholeBatch]; null when all are.</summary>
    public int* MemoryLengths;

    /// <summary>Keys, laid out as the rows: of all samples for one layer, then for the next.</summary>
    public float* MemoryKeys;

    /// <summary>
    /// Receives the weights that each attention layer gives the memory's rows: [layer, T, WholeBatch, MemorySteps]; null when not wanted.
    /// </summary>
    public float* AttentionWeights;

    /// <summary>Receives the steps that each attention layer has; null with the weights.</summary>
    public int* AttentionSteps;

    /// <summary>Gradient of the memory's rows, added to; Backward only.</summary>
    public float* MemoryRowsGradient;

    /// <summary>Gradient of the keys, added to; they follow the rows. Backward only.</summary>
    public float* MemoryKeysGradient;

    /// <summary>
    /// Room for as many doubles as there are gradients of rows and keys, in which sums over many queries are made; Backward only.
    /// </summary>
    public double* MemoryGradientSums;

    /// <summary>The same call for the steps of another axis, of which each sample has so many valid ones.</summary>
    /// <param name="lengths">Valid steps of each sample [B]; null when all are.</param>
    public readonly ModelCall WithLengths(int* lengths)
    {
        var call = this;
        call.Lengths = lengths;
        return call;
    }

    /// <summary>Copies the tokens of this call's samples out of the whole batch's, to stand together.</summary>
    internal readonly void CopyTokens(int* target) =>
        RowOps.CopySteps((float*)Tokens, 1, WholeBatch, (float*)target, 1, Batch, Steps, Batch, 1);

    /// <summary>Of a call for the whole batch, the one for some of its samples, in the user's memory; null stays null.</summary>
    internal readonly ModelCall Part(ModelDefinition model, int first, int count)
    {
        var part = this;
        (part.FirstSample, part.Batch) = (first, count);
        part.Input = At(Input, first, model.InputSize);
        part.InputGradient = At(InputGradient, first, model.InputSize);
        part.Output = At(Output, first, model.OutputSize);
        part.OutputGradient = At(OutputGradient, first, model.OutputSize);
        part.Tokens = (int*)At((float*)Tokens, first, 1);
        part.Lengths = (int*)At((float*)Lengths, first, 1);
        return part;

        static float* At(float* rows, nint first, nint width) => rows == null ? null : rows + (first * width);
    }
}
