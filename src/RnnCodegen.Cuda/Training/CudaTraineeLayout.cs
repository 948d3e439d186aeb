namespace RnnCodegen.Cuda;

/// <summary>What each model has: its optimizer's step and state, and its gradients.</summary>
internal sealed unsafe class CudaTraineeLayout : CudaTrainingMemory
{
    public CudaTraineeLayout(int parameters, int slots, int ranges, bool addsUp)
    {
        Step = Take(sizeof(CudaStepCall));
        Ranges = Take(sizeof(CudaStepRange) * (long)ranges);
        EndOfStep = End;
        Slots = Take(sizeof(float) * (long)slots * parameters);
        EndOfSlots = End;
        Values = Take(sizeof(float) * (long)parameters);
        HostBytes = EndOfValues = End;
        Gradients = Take(sizeof(float) * (long)parameters);
        Sums = Take(addsUp ? sizeof(double) * (long)parameters : 0);
        EndOfSums = End;
    }

    public long Step { get; }

    public long Ranges { get; }

    public long EndOfStep { get; }

    /// <summary>The optimizer's state, slot after slot without gaps.</summary>
    public long Slots { get; }

    public long EndOfSlots { get; }

    /// <summary>On the device the parameters before a step; on the host the parameters, or gradients, that are copied.</summary>
    public long Values { get; }

    public long EndOfValues { get; }

    public long Gradients { get; }

    public long Sums { get; }

    public long EndOfSums { get; }
}
