namespace RnnCodegen;

/// <summary>A metric's value after a validation.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Value">Its value over the validation set.</param>
public readonly record struct MetricValue(string Name, double Value);

/// <summary>Where training is, reported after each update of the parameters.</summary>
public readonly record struct TrainingProgress
{
    private readonly Origin _origin;

    /// <summary>The epoch in progress, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs in all.</summary>
    public required int Epochs { get; init; }

    /// <summary>Batches done of this epoch, from 1; windows of batches where backpropagation is truncated.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches of this epoch.</summary>
    public required int Batches { get; init; }

    /// <summary>Updates of the parameters done.</summary>
    public required long Update { get; init; }

    /// <summary>The training loss, its mean over this epoch so far.</summary>
    public required float Loss { get; init; }

    /// <summary>The validation loss of the last validation; null before the first.</summary>
    public float? ValidationLoss { get; init; }

    /// <summary>The metrics of the last validation; not numbers before the first.</summary>
    public required IReadOnlyList<MetricValue> Metrics { get; init; }

    /// <summary>Whether this update was followed by a validation, of which the numbers are.</summary>
    public bool IsValidated { get; init; }

    /// <summary>
    /// Whether this validation was the best so far, by <see cref="Monitored"/>; never without <see cref="EarlyStopping"/>.
    /// </summary>
    public bool IsBest { get; init; }

    /// <summary>The name of the metric that <see cref="EarlyStopping"/> watches; null for the validation loss.</summary>
    public string? Monitored { get; init; }

    /// <summary>
    /// Whether this training goes on from a checkpoint. It then repeats the updates that came after the checkpoint, so that earlier reports
    /// of the same updates do not count.
    /// </summary>
    public bool IsResumed
    {
        get => _origin.IsResumed;
        init => _origin = new Origin(value);
    }

    /// <summary>Global norm of the update's gradients before clipping.</summary>
    public required float GradientNorm { get; init; }

    /// <summary>
    /// Whether the norm is far above those before it, and above what it is clipped to: see <see cref="BatchTrainer.NormAlarm"/>.
    /// </summary>
    public bool IsExploding { get; init; }

    /// <summary>The learning rate of the update, the schedule's factor included.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// Samples trained with per second in the last updates, without the time that validations, checkpoints and reports take; where
    /// backpropagation is truncated, each window of a sample counts.
    /// </summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Time since the start of training, that of the calls before a resume included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time to the end of the last epoch at the speed so far, at most <see cref="TimeSpan.MaxValue"/>.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Not part of what a report says: those of a training that goes on equal those of one that never stopped.</summary>
    private readonly struct Origin(bool isResumed) : IEquatable<Origin>
    {
        public bool IsResumed => isResumed;

        public bool Equals(Origin other) => true;

        public override bool Equals(object? obj) => obj is Origin;

        public override int GetHashCode() => 0;
    }
}
