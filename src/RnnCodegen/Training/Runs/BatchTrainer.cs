using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// What all trainers on batches of samples do alike, whatever they train: which samples meet in a batch, how an update is limited and
/// scheduled, validation, early stopping, checkpoints, and training on several machines.
/// </summary>
public abstract partial class BatchTrainer
{
    private protected BatchTrainer(TrainingTask task) => Task = task;

    /// <summary>Samples of a batch; the last batch of an epoch may have fewer. 32 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchSize
    {
        get => Settings.BatchSize;
        init => Settings.BatchSize = RequirePositive(value, nameof(BatchSize));
    }

    /// <summary>
    /// Batches' worth of shuffled samples that are sorted by length (of the source, where there is also a target of another) before they
    /// are cut into batches, so that samples of a batch are about equally long and little padding is computed; the batches then come in
    /// random order. 1, the default, does not sort.
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
    /// Largest global norm of an update's gradients, of all models together, see <see cref="GradientClipping"/>; infinity, the default,
    /// does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipNorm
    {
        get => Settings.ClipNorm;
        init => Settings.ClipNorm = RequirePositive(value, nameof(ClipNorm));
    }

    /// <summary>
    /// A gradient's norm of more than this many times the median of the 64 norms before it is
    /// reported as exploding, unless it is within <see cref="ClipNorm"/>. 10 by default; infinity
    /// turns it off. Nothing else is done about it: that is what <see cref="ClipNorm"/> is for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float NormAlarm
    {
        get => Settings.NormAlarm;
        init => Settings.NormAlarm = RequirePositive(value, nameof(NormAlarm));
    }

    /// <summary>
    /// Multiplies the optimizers' learning rates at each update; null, the default, leaves them. A
    /// schedule that watches a value gets that of each validation (the one early stopping monitors,
    /// where it is set), or of each epoch's training loss where there is no validation set.
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

    /// <summary>
    /// Batches whose gradients make one update of the parameters, which is, but for rounding and dropout, that of one batch of all their
    /// samples, in the memory of one. 1 by default; the last update of an epoch may have fewer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchesPerUpdate
    {
        get => Settings.BatchesPerUpdate;
        init => Settings.BatchesPerUpdate = RequirePositive(value, nameof(BatchesPerUpdate));
    }

    /// <summary>
    /// Largest magnitude of an element of the gradients, after <see cref="ClipNorm"/>; infinity, the default, does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipValue
    {
        get => Settings.ClipValue;
        init => Settings.ClipValue = RequirePositive(value, nameof(ClipValue));
    }

    /// <summary>
    /// Metrics computed at each validation besides the loss; nothing unless set. Metrics of an encoder and a decoder see the decoder's
    /// outputs, those of whole sequences (<see cref="SequenceMetric"/>) what it says when it runs freely; <see cref="ExactMatch"/> alone is
    /// theirs unless set.
    /// </summary>
    /// <exception cref="ArgumentNullException">The list, or a metric of it, is null.</exception>
    /// <exception cref="ArgumentException">An object is in the list twice, and would count each row twice.</exception>
    public IReadOnlyList<Metric> Metrics
    {
        get => Settings.Metrics;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Metrics));
            foreach (var metric in value)
            {
                ArgumentNullException.ThrowIfNull(metric, nameof(Metrics));
                if (value.Count(other => ReferenceEquals(other, metric) || (other is MacroF1 f1 && ReferenceEquals(f1.Matrix, metric))) > 1)
                {
                    throw new ArgumentException(
                        $"The same object, {metric.Name}, is there twice and would count each row twice; remove one.", nameof(Metrics));
                }
            }

            Settings.Metrics = [.. value];
        }
    }

    /// <summary>Called after each update and epoch, in this order, with a way to stop; none unless set.</summary>
    /// <exception cref="ArgumentNullException">The list, or a callback of it, is null.</exception>
    public IReadOnlyList<TrainingCallback> Callbacks
    {
        get => Settings.Callbacks;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Callbacks));
            foreach (var callback in value)
            {
                ArgumentNullException.ThrowIfNull(callback, nameof(Callbacks));
            }

            Settings.Callbacks = [.. value];
        }
    }

    /// <summary>Updates from one validation to the next; 0, the default, validates after each epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int ValidateEvery
    {
        get => Settings.ValidateEvery;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(ValidateEvery));
            Settings.ValidateEvery = value;
        }
    }

    /// <summary>Where training writes what it needs to go on after a crash; null, the default, for nowhere.</summary>
    public CheckpointOptions? Checkpoint
    {
        get => Settings.Checkpoint;
        init => Settings.Checkpoint = value;
    }

    /// <summary>
    /// The processes that train together; null, the default, or a group of one trains alone. All of them make the same model, sets and
    /// settings and call the trainer alike: parameters and optimizer state are rank 0's, each rank computes its samples of every batch, and
    /// all add up what they found, so the samples of an update do not depend on the number of ranks. Rank 0 writes checkpoints and reports
    /// progress. What fails on one rank ends all; see docs/distributed.md.
    /// </summary>
    public IProcessGroup? World
    {
        get => Settings.World;
        init => Settings.World = value;
    }

    /// <summary>
    /// Whether the ranks of a <see cref="World"/> add up gradients in a fixed order and take each loss over the joined batch: the same bits
    /// each time, and where each rank has a thread, those of one process with as many threads. False, the default, adds in the order that
    /// is fastest for the machines.
    /// </summary>
    public bool Repeatable
    {
        get => Settings.IsRepeatable;
        init => Settings.IsRepeatable = value;
    }

    /// <summary>
    /// Whether losses, clipping and optimizers are computed on the host though the model computes on a device that could do so itself.
    /// False, the default, keeps them on the device where it can: then inputs and targets go there and losses come back, and parameters
    /// come when someone reads them. <see cref="TrainingResult.Placement"/> says what was done, and why.
    /// </summary>
    public bool UpdatesOnHost
    {
        get => Settings.UpdatesOnHost;
        init => Settings.UpdatesOnHost = value;
    }

    private protected TrainingSettings Settings { get; } = new();

    /// <summary>What is trained.</summary>
    private protected TrainingTask Task { get; }
}
