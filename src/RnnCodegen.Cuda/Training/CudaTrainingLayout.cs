namespace RnnCodegen.Cuda;

/// <summary>
/// Where everything stands in the memory of a training, in bytes: what is copied at the front, which the host has too, laid out alike.
/// </summary>
internal sealed unsafe class CudaTrainingLayout
{
    private const int Alignment = 256;

    private long _end;

    public CudaTrainingLayout(in DeviceTrainingPlan plan, int parameters, int features, int coefficients, int slots, int ranges, int parts)
    {
        var targets = plan.Loss.TargetKind == TargetKind.Values ? plan.Loss.TargetWidth(features) : 1;
        Loss = Take(sizeof(CudaLossCall));
        Rows = Take(sizeof(float) * ((2L * plan.Samples) + (plan.Rows * (targets + 1L))));
        Step = Take(sizeof(CudaStepCall));
        Ranges = Take(sizeof(CudaStepRange) * (long)ranges);
        EndOfStep = _end;
        Numbers = Take(sizeof(double) * (long)CudaTraining.NumberCount);
        Coefficients = Take(sizeof(float) * (long)coefficients);
        EndOfCoefficients = _end;
        Slots = Take(sizeof(float) * (long)slots * parameters);
        EndOfSlots = _end;
        Values = Take(sizeof(float) * (long)parameters);
        EndOfValues = _end;
        HostBytes = _end;
        Gradients = Take(sizeof(float) * (long)parameters);
        Sums = Take(plan.AddsUp ? sizeof(double) * (long)parameters : 0);
        EndOfSums = _end;
        Parts = Take(sizeof(double) * (long)parts);
        DeviceBytes = _end;
    }

    public long Loss { get; }

    /// <summary>Lengths, weights of samples, targets and weights of steps, as many as a batch has, one after the other.</summary>
    public long Rows { get; }

    public long Step { get; }

    public long Ranges { get; }

    public long EndOfStep { get; }

    /// <summary>What comes back of a batch or an update.</summary>
    public long Numbers { get; }

    public long Coefficients { get; }

    public long EndOfCoefficients { get; }

    /// <summary>The optimizer's state, slot after slot without gaps.</summary>
    public long Slots { get; }

    public long EndOfSlots { get; }

    /// <summary>On the device the parameters before a step; on the host the parameters, or gradients, that are copied.</summary>
    public long Values { get; }

    public long EndOfValues { get; }

    /// <summary>Bytes that the host has too.</summary>
    public long HostBytes { get; }

    public long Gradients { get; }

    public long Sums { get; }

    public long EndOfSums { get; }

    public long Parts { get; }

    public long DeviceBytes { get; }

    private long Take(long bytes)
    {
        var start = _end;
        _end += (bytes + Alignment - 1) / Alignment * Alignment;
        return start;
    }
}
