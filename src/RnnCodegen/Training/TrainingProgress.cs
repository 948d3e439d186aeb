namespace RnnCodegen;

/// <summary>A metric's value after a validation.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Value">Its value over the validation set.</param>
public readonly record struct MetricValue(string Name, double Value);

/// <summary>Where training is, reported after each update of the parameters.</summary>
public readonly record struct TrainingProgress
{
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

    /// <summary>Whether this validation was the best so far; never without <see cref="EarlyStopping"/>.</summary>
    public bool IsBest { get; init; }

    /// <summary>Global norm of the update's gradients before clipping.</summary>
    public required float GradientNorm { get; init; }

    /// <summary>Whether the norm is far above those before it: see <see cref="BatchTrainer.NormAlarm"/>.</summary>
    public bool IsExploding { get; init; }

    /// <summary>The learning rate of the update, the schedule's factor included.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Samples trained with per second in this call; where backpropagation is truncated, each window of a sample counts.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Time since the start of training, that of the calls before a resume included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time to the end of the last epoch at the speed so far.</summary>
    public required TimeSpan Remaining { get; init; }
}
