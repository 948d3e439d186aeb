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
        var (rows, samples, labels) = ((long)plan.Rows, (long)plan.Samples, (long)plan.Labels);
        var isAligned = plan.Loss.TargetKind == TargetKind.Labels;
        var targets = plan.Loss.TargetKind switch
        {
            TargetKind.Values => rows * plan.Loss.TargetWidth(features),
            TargetKind.Labels => (samples * labels) + samples + 1,
            _ => rows,
        };
        Loss = Take(sizeof(CudaLossCall));
        Alignments = Take(isAligned ? sizeof(CudaAlignmentCall) : 0);
        Rows = Take(sizeof(float) * ((2 * samples) + rows + targets));
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
        if (isAligned)
        {
            var positions = (2 * labels) + 1;
            Shifts = Take(sizeof(double) * rows);
            Ways = Take(sizeof(double) * rows * positions);
            Rests = Take(sizeof(double) * 2 * samples * positions);
            Repeats = Take(2 * sizeof(int) * samples * labels);
        }

        DeviceBytes = _end;
    }

    public long Loss { get; }

    /// <summary>What a loss of alignments has besides; empty of other losses, as is all below that is of alignments.</summary>
    public long Alignments { get; }

    /// <summary>
    /// Lengths, weights of samples, targets, weights of steps and starts of labels, as many as a batch has, one after the other.
    /// </summary>
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

    /// <summary>Of alignments: a double each row.</summary>
    public long Shifts { get; }

    /// <summary>Of alignments: a double each row and position of its labels.</summary>
    public long Ways { get; }

    /// <summary>Of alignments: two doubles each position.</summary>
    public long Rests { get; }

    /// <summary>Of alignments: two integers each label.</summary>
    public long Repeats { get; }

    public long DeviceBytes { get; }

    private long Take(long bytes)
    {
        var start = _end;
        _end += (bytes + Alignment - 1) / Alignment * Alignment;
        return start;
    }
}
