using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>What all trainers on batches of samples have in common: which samples meet in a batch, and how an update is limited and scheduled.</summary>
public abstract class BatchTrainer
{
    private protected BatchTrainer()
    {
    }

    /// <summary>Samples of a batch; the last batch of an epoch may have fewer. 32 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchSize
    {
        get => Settings.BatchSize;
        init => Settings.BatchSize = RequirePositive(value, nameof(BatchSize));
    }

    /// <summary>
    /// Batches' worth of shuffled samples that are sorted by length (of the source, where there is also a target of another) before they are cut into
    /// batches, so that samples of a batch are about equally long and little padding is computed; the batches then come in random order. 1, the
    /// default, does not sort.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BucketBatches
    {
        get => Settings.BucketBatches;
        init => Settings.BucketBatches = RequirePositive(value, nameof(BucketBatches));
    }

    /// <summary>Seed of the samples' order and of dropout.</summary>
    public int Seed
    {
        get => Settings.Seed;
        init => Settings.Seed = value;
    }

    /// <summary>
    /// Largest global norm of an update's gradients, of all models together, see <see cref="GradientClipping"/>; infinity, the default, does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipNorm
    {
        get => Settings.ClipNorm;
        init => Settings.ClipNorm = RequirePositive(value, nameof(ClipNorm));
    }

    /// <summary>
    /// A gradient's norm of more than this many times the median of the 64 norms before it is reported as exploding, unless it is within
    /// <see cref="ClipNorm"/>. 10 by default; infinity turns it off. Nothing else is done about it: that is what <see cref="ClipNorm"/> is for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float NormAlarm
    {
        get => Settings.NormAlarm;
        init => Settings.NormAlarm = RequirePositive(value, nameof(NormAlarm));
    }

    /// <summary>
    /// Multiplies the optimizers' learning rates at each update; null, the default, leaves them. A schedule that watches a value gets that of
    /// each validation (the one early stopping monitors, where it is set), or of each epoch's training loss where there is no validation set.
    /// </summary>
    public LearningRateSchedule? Schedule
    {
        get => Settings.Schedule;
        init => Settings.Schedule = value;
    }

    /// <summary>When to stop because validation gets no better; null, the default, trains all epochs and keeps the last weights.</summary>
    public EarlyStopping? EarlyStopping
    {
        get => Settings.EarlyStopping;
        init => Settings.EarlyStopping = value;
    }

    private protected TrainingSettings Settings { get; } = new();
}
