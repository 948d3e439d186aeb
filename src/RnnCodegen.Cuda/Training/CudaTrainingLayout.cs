namespace RnnCodegen.Cuda;

/// <summary>What there is once: the loss of a batch, and the numbers that come back.</summary>
internal sealed unsafe class CudaTrainingLayout : CudaTrainingMemory
{
    public CudaTrainingLayout(in DeviceTrainingPlan plan, int features, int coefficients, int parts)
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
        Numbers = Take(sizeof(double) * (long)CudaTraining.NumberCount);
        Coefficients = Take(sizeof(float) * (long)coefficients);
        HostBytes = EndOfCoefficients = End;
        Parts = Take(sizeof(double) * (long)parts);
        if (isAligned)
        {
            var positions = (2 * labels) + 1;
            Shifts = Take(sizeof(double) * rows);
            Ways = Take(sizeof(double) * rows * positions);
            Rests = Take(sizeof(double) * 2 * samples * positions);
            Repeats = Take(2 * sizeof(int) * samples * labels);
        }
    }

    public long Loss { get; }

    /// <summary>What a loss of alignments has besides; empty of other losses, as is all below that is of alignments.</summary>
    public long Alignments { get; }

    /// <summary>
    /// Lengths, weights of samples, targets, weights of steps and starts of labels, as many as a batch has, one after the other.
    /// </summary>
    public long Rows { get; }

    /// <summary>What comes back of a batch or an update.</summary>
    public long Numbers { get; }

    public long Coefficients { get; }

    public long EndOfCoefficients { get; }

    public long Parts { get; }

    /// <summary>Of alignments: a double each row.</summary>
    public long Shifts { get; }

    /// <summary>Of alignments: a double each row and position of its labels.</summary>
    public long Ways { get; }

    /// <summary>Of alignments: two doubles each position.</summary>
    public long Rests { get; }

    /// <summary>Of alignments: two integers each label.</summary>
    public long Repeats { get; }
}
