using System.Globalization;

namespace RnnCodegen;

/// <summary>What a trainer was asked for; see the properties of <see cref="BatchTrainer"/>.</summary>
internal sealed class TrainingSettings
{
    public int BatchSize { get; set; } = 32;

    public int BatchesPerUpdate { get; set; } = 1;

    public int BucketBatches { get; set; } = 1;

    public int Seed { get; set; }

    public IProcessGroup? World { get; set; }

    public bool IsRepeatable { get; set; }

    public bool UpdatesOnHost { get; set; }

    public float ClipNorm { get; set; } = float.PositiveInfinity;

    public float ClipValue { get; set; } = float.PositiveInfinity;

    public float NormAlarm { get; set; } = 10;

    public int ValidateEvery { get; set; }

    public Truncation? Truncation { get; set; }

    public EarlyStopping? EarlyStopping { get; set; }

    public CheckpointOptions? Checkpoint { get; set; }

    public LearningRateSchedule? Schedule { get; set; }

    public Metric[] Metrics { get; set; } = [];

    public TrainingCallback[] Callbacks { get; set; } = [];

    /// <summary>The metrics' names, each made to differ from the others.</summary>
    public string[] MetricNames => UniqueNames.Of([.. Metrics.Select(m => m.Name)]);

    /// <summary>The name of what early stopping watches; null for the validation loss.</summary>
    public string? Monitored => EarlyStopping?.Monitor is { } monitor ? MetricNames[Array.IndexOf(Metrics, monitor)] : null;

    /// <summary>These settings, with one metric more.</summary>
    public TrainingSettings With(Metric metric)
    {
        var settings = (TrainingSettings)MemberwiseClone();
        settings.Metrics = [.. Metrics, metric];
        return settings;
    }

    /// <summary>
    /// What decides which samples meet in which batch, and what is compared: the same where training goes on from a checkpoint.
    /// </summary>
    public string DescribePlan() => string.Create(
        CultureInfo.InvariantCulture,
        $"BatchSize {BatchSize}, BatchesPerUpdate {BatchesPerUpdate}, BucketBatches {BucketBatches}, ValidateEvery {ValidateEvery}, " +
        $"Truncation {(Truncation is null ? "none" : $"{Truncation.Steps} of {Truncation.Window}")}, " +
        $"Seed {Seed}, Metrics [{string.Join(", ", Metrics.Select(m => m.Describe()))}], " +
        $"EarlyStopping by {(EarlyStopping is null ? "nothing" : EarlyStopping.Monitor?.Describe() ?? "validation loss")}");

    /// <summary>What else each rank of a training must have alike.</summary>
    public string DescribeUpdates() => string.Create(
        CultureInfo.InvariantCulture,
        $"Seed {Seed}, Repeatable {IsRepeatable}, ClipNorm {ClipNorm}, ClipValue {ClipValue}, NormAlarm {NormAlarm}, " +
        $"Checkpoint {(Checkpoint is null ? "none" : $"every {Checkpoint.EveryEpochs} epochs and {Checkpoint.EveryUpdates} updates")}, " +
        $"EarlyStopping " +
        $"{(EarlyStopping is null ? "none" : $"{EarlyStopping.Patience}, {EarlyStopping.MinDelta}, {EarlyStopping.RestoresBest}")}, " +
        $"Schedule [{string.Join(" ", Schedule?.State ?? [])}], Callbacks {Callbacks.Length}");

    /// <summary>Refuses settings that contradict each other, before anything is trained.</summary>
    /// <param name="validation">The set to validate with.</param>
    public void Check(TrainingSet? validation)
    {
        if (EarlyStopping?.Monitor is { } monitor && !Metrics.Contains(monitor))
        {
            throw new ArgumentException(
                $"EarlyStopping monitors {monitor.Name}, which is not among the trainer's Metrics; add the same object there.",
                nameof(EarlyStopping));
        }

        CheckSchedule();
        if (validation is null && (EarlyStopping is not null || ValidateEvery > 0))
        {
            throw new ArgumentException(
                $"{(EarlyStopping is null ? nameof(ValidateEvery) : nameof(EarlyStopping))} needs a validation set; pass one to Fit.",
                nameof(validation));
        }
    }

    /// <summary>Refuses one model that cannot be trained alone, or not in the windows that are asked for.</summary>
    public void CheckModel(ModelDefinition model, Loss loss)
    {
        if (model.MemorySize > 0)
        {
            throw new ArgumentException(
                $"{model.Name} attends to a memory, which samples do not have: train it as a decoder, with SequenceToSequenceTrainer.",
                nameof(model));
        }

        if (Truncation is not null && model.OutputWindows.Count > 0)
        {
            throw new ArgumentException(
                $"{model.Name} cannot be trained in windows of steps: its outputs are not for the same steps as its inputs. Leave " +
                "Truncation away.", nameof(Truncation));
        }

        if (Truncation is not null && !(model.CanStream && model.OutputIsSequence))
        {
            throw new ArgumentException(
                $"{model.Name} cannot be trained in windows: " +
                (model.OutputIsSequence ? "it needs the whole sequence." : "its output is one row per sequence, not one per step.") +
                " Remove Truncation.", nameof(Truncation));
        }

        if (Truncation is not null && (loss.TargetKind == TargetKind.Labels || loss.Window != LossWindow.All))
        {
            throw new ArgumentException(
                $"A loss of {(loss.TargetKind == TargetKind.Labels ? Loss.Describe(loss.TargetKind) : $"{loss.Window} of a sequence")} " +
                "needs the whole sequence. Remove Truncation.", nameof(Truncation));
        }
    }

    /// <summary>Refuses a schedule that waits for the watched value to move the other way than it gets better.</summary>
    private void CheckSchedule()
    {
        var (name, isHigherBetter) = EarlyStopping?.Monitor is { } watched ? (watched.Name, watched.HigherIsBetter) : ("the loss", false);
        if (Schedule?.Plateau is { } plateau && plateau.Maximize != isHigherBetter)
        {
            throw new ArgumentException(
                $"The PlateauSchedule watches {name}, of which {(isHigherBetter ? "more" : "less")} is better: set its Maximize " +
                $"to {(isHigherBetter ? "true" : "false")}" +
                $"{(isHigherBetter ? "" : ", or let EarlyStopping monitor the metric it is meant for")}.", nameof(Schedule));
        }
    }

    /// <summary>Refuses a loss that would train another function than the model computes.</summary>
    public static void RequireFit(ModelDefinition model, Loss loss)
    {
        if (loss.FindFault(model) is { } fault)
        {
            throw new ArgumentException(fault, nameof(loss));
        }
    }

    public static T RequirePositive<T>(T value, string name)
        where T : System.Numerics.INumber<T> =>
        value > T.Zero ? value : throw new ArgumentOutOfRangeException(name, value, "Must be positive.");
}
