namespace RnnCodegen;

/// <summary>Where one training stands: with parameters and optimizer, all that the rest of it depends on.</summary>
internal sealed class TrainingState(SeededRandom random, int epochsBefore)
{
    /// <summary>Makes the samples' order and the seeds of dropout.</summary>
    public SeededRandom Random { get; } = random;

    /// <summary>The generator as it was before it made the order of the epoch in progress.</summary>
    public RandomState EpochStart { get; set; } = random.State;

    /// <summary>Epochs of earlier trainings with the same trainer, which a schedule counts too.</summary>
    public int EpochsBefore { get; } = epochsBefore;

    /// <summary>Epochs done.</summary>
    public int Epoch { get; set; }

    /// <summary>Portions done of the epoch in progress.</summary>
    public int Batch { get; set; }

    /// <summary>Updates done.</summary>
    public long Update { get; set; }

    /// <summary>Whether the last update's validation is still to be done.</summary>
    public bool IsUnfinished { get; set; }

    /// <summary>Whether validation got no better for too long.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The training loss of the epoch in progress.</summary>
    public LossMean Mean { get; set; }

    /// <summary>The last update's gradient norm, and whether it was far above the others.</summary>
    public (float Norm, bool IsExploding) Last { get; set; }

    public List<float> TrainingLosses { get; } = [];

    public List<float> ValidationLosses { get; } = [];

    /// <summary>Metrics of the last validation; not numbers before the first.</summary>
    public MetricValue[] Metrics { get; set; } = [];

    /// <summary>The updates done at the last validation; 0 before the first.</summary>
    public long Validated { get; set; }

    /// <summary>Whether it goes on from a checkpoint.</summary>
    public bool IsResumed { get; init; }

    /// <summary>Time taken by the calls before the one in progress.</summary>
    public TimeSpan ElapsedBefore { get; set; }

    /// <summary>
    /// How long so many batches take if they go on as those that were done; the longest time there is where it is longer.
    /// </summary>
    public static TimeSpan Remaining(TimeSpan elapsed, long done, double left) =>
        done == 0 ? TimeSpan.Zero
        : elapsed.Ticks * (left / done) is var ticks && ticks < TimeSpan.MaxValue.Ticks ? TimeSpan.FromTicks((long)ticks)
        : TimeSpan.MaxValue;

    /// <summary>What the training came to.</summary>
    public TrainingResult Result(BestWeights? best, TrainingSettings settings, int epochs, TimeSpan elapsed)
    {
        best = best is { Epoch: > 0 } ? best : null;
        var kept = settings.EarlyStopping is { RestoresBest: true } ? best : null;
        var hasValidated = ValidationLosses.Count > 0;
        return new TrainingResult
        {
            TrainingLosses = TrainingLosses.AsReadOnly(),
            ValidationLosses = ValidationLosses.AsReadOnly(),
            Metrics = Array.AsReadOnly(kept?.Metrics ?? Metrics),
            ValidationLoss = kept?.Loss ?? (hasValidated ? ValidationLosses[^1] : null),
            ValidatedUpdate = kept?.Update ?? (hasValidated ? Validated : null),
            LastMetrics = Array.AsReadOnly(Metrics),
            Updates = Update,
            StoppedEarly = IsStopped && Epoch < epochs,
            BestEpoch = best?.Epoch,
            BestUpdate = best?.Update,
            BestValue = best?.Value,
            BestLoss = best?.Loss,
            BestMetrics = Array.AsReadOnly(best?.Metrics ?? []),
            Monitored = settings.Monitored,
            Elapsed = elapsed,
        };
    }
}
