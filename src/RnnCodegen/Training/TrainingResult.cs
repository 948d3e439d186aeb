namespace RnnCodegen;

/// <summary>What training came to. After a resume it tells of the calls before, too.</summary>
public sealed record TrainingResult
{
    /// <summary>The mean training loss of each epoch, measured while its batches were trained.</summary>
    public required IReadOnlyList<float> TrainingLosses { get; init; }

    /// <summary>The loss of each validation, one an epoch unless the trainer validates more often; empty without a validation set.</summary>
    public required IReadOnlyList<float> ValidationLosses { get; init; }

    /// <summary>The metrics of the last validation; not numbers where there was none.</summary>
    public required IReadOnlyList<MetricValue> Metrics { get; init; }

    /// <summary>Updates of the parameters.</summary>
    public required long Updates { get; init; }

    /// <summary>Whether training ended before its last epoch because validation got no better.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>The epoch, from 1, with the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public required int? BestEpoch { get; init; }

    /// <summary>The monitored value of the best validation; null without <see cref="EarlyStopping"/>.</summary>
    public required double? BestValue { get; init; }

    /// <summary>Time taken.</summary>
    public required TimeSpan Elapsed { get; init; }
}
