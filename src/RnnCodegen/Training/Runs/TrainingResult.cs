namespace RnnCodegen;

/// <summary>The results of a training. After a resume they include those of the earlier calls.</summary>
public sealed record TrainingResult
{
    /// <summary>The mean training loss of each epoch, measured while its batches were trained.</summary>
    public required IReadOnlyList<float> TrainingLosses { get; init; }

    /// <summary>
    /// The loss of each validation, one per epoch unless the trainer validates more often; empty without a validation set.
    /// </summary>
    public required IReadOnlyList<float> ValidationLosses { get; init; }

    /// <summary>
    /// The metrics of the weights that training ended with: those of the best validation where <see cref="EarlyStopping"/> put its weights
    /// back, else of the last one (see <see cref="ValidatedUpdate"/>). Not numbers where there was none.
    /// </summary>
    public required IReadOnlyList<MetricValue> Metrics { get; init; }

    /// <summary>The validation loss that goes with <see cref="Metrics"/>; null where there was no validation.</summary>
    public float? ValidationLoss { get; init; }

    /// <summary>
    /// The updates done at the validation that <see cref="Metrics"/> and <see cref="ValidationLoss"/> are of; null where there was none.
    /// Where training ended between two validations this is less than <see cref="Updates"/>, and a call of Evaluate tells of the weights as
    /// they are.
    /// </summary>
    public long? ValidatedUpdate { get; init; }

    /// <summary>The metrics of the last validation, whatever weights were kept; not numbers where there was none.</summary>
    public IReadOnlyList<MetricValue> LastMetrics { get; init; } = [];

    /// <summary>Updates of the parameters.</summary>
    public required long Updates { get; init; }

    /// <summary>Whether training ended before its last epoch because validation got no better.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>Whether training ended before its last epoch because a <see cref="TrainingCallback"/> stopped it.</summary>
    public bool StoppedByCallback { get; init; }

    /// <summary>The epoch, from 1, with the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public required int? BestEpoch { get; init; }

    /// <summary>The updates done at the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public long? BestUpdate { get; init; }

    /// <summary>The monitored value of the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public required double? BestValue { get; init; }

    /// <summary>The validation loss at the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public float? BestLoss { get; init; }

    /// <summary>The metrics of the best validation; empty without <see cref="EarlyStopping"/>.</summary>
    public IReadOnlyList<MetricValue> BestMetrics { get; init; } = [];

    /// <summary>The name of the metric that <see cref="BestValue"/> is of; null for the validation loss.</summary>
    public string? Monitored { get; init; }

    /// <summary>
    /// Of a model on a device, a sentence that says where losses, clipping and optimizers were computed, and why; null on the CPU.
    /// </summary>
    public string? Placement { get; init; }

    /// <summary>Time taken.</summary>
    public required TimeSpan Elapsed { get; init; }
}
