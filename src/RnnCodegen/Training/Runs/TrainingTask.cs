using RnnCodegen.Runtime;

namespace RnnCodegen;

/// <summary>
/// What a trainer trains: models, a loss, and how a batch goes through them. All else about a training is the same for every task.
/// </summary>
/// <param name="trainees">The models, in the order in which they compute.</param>
internal abstract class TrainingTask(params Trainee[] trainees)
{
    public IReadOnlyList<Trainee> Trainees => trainees;

    public abstract Loss Loss { get; }

    /// <summary>What the loss and most metrics see the outputs of.</summary>
    public ModelDefinition Output => trainees[^1].Core.Definition;

    /// <summary>Refuses settings that contradict the models or the loss, before anything is trained.</summary>
    public abstract void CheckSettings(TrainingSettings settings);

    /// <summary>Refuses a set that the models, the loss or a metric cannot take, before anything is computed.</summary>
    /// <param name="set">The samples.</param>
    /// <param name="argument">What the caller calls them.</param>
    /// <param name="metrics">What is computed of them besides the loss.</param>
    public abstract void Check(TrainingSet set, string argument, IReadOnlyList<Metric> metrics);

    /// <summary>Output rows of the sample that has most, which the loss sees.</summary>
    /// <param name="sizes">The largest sizes.</param>
    public abstract long OutputSteps(BatchSizes sizes);

    /// <summary>Memory for batches.</summary>
    /// <param name="sizes">The largest sizes.</param>
    /// <param name="settings">What else decides on it.</param>
    /// <param name="world">The ranks that share each batch.</param>
    public abstract TrainingBatch CreateBatch(BatchSizes sizes, TrainingSettings settings, TrainingWorld world);

    /// <summary>Takes the updates to where the models compute, if that can be done.</summary>
    /// <param name="sizes">The largest sizes of batches.</param>
    /// <param name="settings">What else decides on it.</param>
    /// <param name="world">The ranks that train together.</param>
    /// <param name="placement">Where losses, clipping and optimizers are computed, and why; null where there is no choice.</param>
    /// <returns>The training there; null where the host updates.</returns>
    public IDeviceTraining? TryPlace(BatchSizes sizes, TrainingSettings settings, TrainingWorld world, out string? placement)
    {
        placement = null;
        ITrainingEngine[] engines = [.. trainees.Select(t => t.Core.Engine).OfType<ITrainingEngine>()];
        if (engines.Length == 0)
        {
            return null;
        }

        IDeviceTraining? placed = null;
        var elsewhere = trainees.FirstOrDefault(t => t.Core.Engine is not ITrainingEngine);
        var reason = settings.UpdatesOnHost ? "UpdatesOnHost is set"
            : world.IsShared ? "several ranks train together"
            : elsewhere is not null ? $"{elsewhere.Name} computes on the CPU"
            : "";
        if (reason.Length == 0)
        {
            foreach (var trainee in trainees)
            {
                trainee.Optimizer.Prepare(trainee.Parameters);
            }

            var rows = BatchRoom.Of("output steps", OutputSteps(sizes), sizes.Count);
            placed = engines[^1].TryCreateTraining(
                new DeviceTrainingPlan(trainees, Loss, rows, sizes.Count, sizes.Labels, settings.BatchesPerUpdate > 1), out reason);
        }

        var models = elsewhere is null ? "Models compute" : $"{trainees.First(t => t.Core.Engine is ITrainingEngine).Name} computes";
        var device = string.Join(" and ", engines.Select(engine => engine.Device).Distinct());
        placement = placed is null
            ? $"{models} on {device}; losses, clipping and optimizers are on the host, because {reason}."
            : $"Models, losses, clipping and optimizers compute on {device}.";
        return placed;
    }

    /// <summary>What else must be the same for a training to go on, and on all ranks: its key, its words, and what it is.</summary>
    public virtual IReadOnlyList<(string Key, string Words, string What)> Words => [];

    /// <summary>Refuses metrics that cannot be computed of the outputs.</summary>
    protected void CheckMetrics(TrainingSettings settings)
    {
        foreach (var metric in settings.Metrics)
        {
            if (metric.FindFault(Output, Loss) is { } fault)
            {
                throw new ArgumentException(fault, nameof(settings.Metrics));
            }
        }
    }
}

/// <summary>One model alone.</summary>
internal sealed class ModelTask(ModelCore core, Optimizer optimizer, Loss loss) : TrainingTask(new Trainee(core, optimizer))
{
    public override Loss Loss => loss;

    public override void CheckSettings(TrainingSettings settings)
    {
        CheckMetrics(settings);
        settings.CheckModel(core.Definition, loss);
    }

    public override void Check(TrainingSet set, string argument, IReadOnlyList<Metric> metrics) =>
        set.Check(core.Definition, loss, argument, metrics);

    public override long OutputSteps(BatchSizes sizes) => core.Definition.OutputRows(sizes.Steps, 1);

    public override TrainingBatch CreateBatch(BatchSizes sizes, TrainingSettings settings, TrainingWorld world) =>
        new ModelBatch(core, loss, sizes, settings.Truncation is { } t && t.Window > t.Steps && sizes.Steps > t.Steps ? t.Steps : 0, world);
}
