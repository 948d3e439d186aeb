using System.Globalization;
using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Trains a model on batches of samples. Equal models, sets, settings and calls give equal results. Batches of samples of unequal lengths
/// are padded, and the padding counts neither in the model nor in the loss.
/// </summary>
/// <typeparam name="TModel">The model class.</typeparam>
public sealed class Trainer<TModel> : BatchTrainer
    where TModel : class, IRnnModel<TModel>
{
    private readonly ModelCore _core;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private SeededRandom? _random;
    private int _epochsDone;

    /// <summary>A trainer of one model.</summary>
    /// <param name="model">The model; its parameters change.</param>
    /// <param name="loss">What to make small.</param>
    /// <param name="optimizer">How; it keeps its state from one Fit to the next.</param>
    /// <exception cref="ArgumentException">The loss would train another function than the model computes; the message says why, and what to do.</exception>
    public Trainer(TModel model, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        // A loss over one output is refused with the set, whose targets may be meant for another loss.
        if (!(model.Core.Definition.OutputSize == 1 && loss is CrossEntropyLoss or CtcLoss))
        {
            RequireFit(model.Core.Definition, loss);
        }

        (_core, _loss, _optimizer) = (model.Core, loss, optimizer);
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

    /// <summary>Largest magnitude of an element of the gradients, after <see cref="BatchTrainer.ClipNorm"/>; infinity, the default, does not clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipValue
    {
        get => Settings.ClipValue;
        init => Settings.ClipValue = RequirePositive(value, nameof(ClipValue));
    }

    /// <summary>Backpropagation in windows of long streams; null, the default, goes through whole samples.</summary>
    public Truncation? Truncation
    {
        get => Settings.Truncation;
        init => Settings.Truncation = value;
    }

    /// <summary>What is computed at each validation besides the loss.</summary>
    /// <exception cref="ArgumentNullException">The list, or a metric of it, is null.</exception>
    public IReadOnlyList<Metric> Metrics
    {
        get => Settings.Metrics;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Metrics));
            foreach (var metric in value)
            {
                ArgumentNullException.ThrowIfNull(metric, nameof(Metrics));
            }

            Settings.Metrics = [.. value];
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
    /// The processes that train together; null, the default, or a group of one trains alone. All of them make the same model, sets and settings and call the trainer
    /// alike: parameters and optimizer state are rank 0's, each rank computes its samples of every batch, and all add up what they found, so the samples of an update
    /// do not depend on the number of ranks. Rank 0 writes checkpoints and reports progress. What fails on one rank ends all; see docs/distributed.md.
    /// </summary>
    public IProcessGroup? World
    {
        get => Settings.World;
        init => Settings.World = value;
    }

    /// <summary>
    /// Whether the ranks of a <see cref="World"/> add up gradients in a fixed order and take each loss over the joined batch: the same bits each time, and where each
    /// rank has a thread, those of one process with as many threads. False, the default, adds in the order that is fastest for the machines.
    /// </summary>
    public bool Repeatable
    {
        get => Settings.IsRepeatable;
        init => Settings.IsRepeatable = value;
    }

    /// <summary>Trains for a number of epochs: in each, every sample is used once, in a new random order.</summary>
    /// <param name="training">Samples to train with.</param>
    /// <param name="validation">Samples to evaluate with after each epoch, or null.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="progress">Told after each update.</param>
    /// <param name="cancellation">Stops training between two updates; a checkpoint is written first, where one is wanted.</param>
    /// <returns>The losses of each epoch.</returns>
    /// <exception cref="ArgumentException">
    /// A set is empty, does not fit the model, the loss or a metric, or holds a number that is not finite; or settings contradict each other. Nothing was trained.
    /// </exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, gradient or weight is not finite; the parameters are those before that update, and the last checkpoint stays.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those after the last update.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before stays.</exception>
    /// <exception cref="InvalidOperationException">
    /// Among several ranks: they were given different things, or another rank cannot go on; the message says which rank and why.
    /// </exception>
    public TrainingResult Fit(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var world = Enter(nameof(Fit), training, validation, epochs);
        return world.Guard(() =>
        {
            world.Broadcast(_core.Parameters, _optimizer);
            _random ??= new SeededRandom((ulong)Seed);
            var run = CreateRun(training, validation, epochs, progress, new TrainingState(_random, _epochsDone), world);
            return Run(run, Checkpoint is null ? null : CreateCheckpoint(training, validation), world, cancellation);
        });
    }

    /// <summary>
    /// Goes on with a training from its checkpoint, to the bit as if it had never stopped: give the trainer a model (of as many threads),
    /// optimizer and settings as those that wrote it, and call this as Fit was called. The learning rate is the optimizer's own, so that it may be another, and
    /// clipping and epochs may be others, too.
    /// </summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="training">The samples trained with, in the same order.</param>
    /// <param name="validation">The samples evaluated with, in the same order, or null.</param>
    /// <param name="epochs">Number of epochs, those done included.</param>
    /// <param name="progress">Told after each update.</param>
    /// <param name="cancellation">Stops training between two updates; a checkpoint is written first, where one is wanted.</param>
    /// <returns>The losses of each epoch, those done included.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or of another model, optimizer, setting or set; the message says which, and nothing was changed.
    /// </exception>
    /// <exception cref="ArgumentException">As for Fit.</exception>
    /// <exception cref="TrainingDivergedException">As for Fit.</exception>
    /// <exception cref="OperationCanceledException">As for Fit.</exception>
    /// <exception cref="IOException">The file cannot be read, or a checkpoint cannot be written.</exception>
    /// <exception cref="InvalidOperationException">As for Fit.</exception>
    public TrainingResult Resume(
        string path, TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var world = Enter(nameof(Resume), training, validation, epochs);
        var checkpoint = CreateCheckpoint(training, validation);
        var file = world.IsShared ? TrainingCheckpoint.Of(path, SafeTensorsFile.Parse(path, world.ReadFile(path))) : TrainingCheckpoint.Read(path);
        var (state, apply) = world.Agree(() => checkpoint.Read(file));
        return world.Guard(() =>
        {
            var run = CreateRun(training, validation, epochs, progress, state, world);
            apply(run);
            (_random, _epochsDone) = (state.Random, state.EpochsBefore);
            return Run(run, checkpoint, world, cancellation);
        });
    }

    /// <summary>
    /// The mean loss over all samples, without dropout; the model stays as it is, and the trainer's metrics hold their values for this set. Among several ranks,
    /// each that calls this computes all of it, and asks no other.
    /// </summary>
    /// <param name="set">Samples to evaluate with.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The loss; not a number where the model's outputs are not.</returns>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the model or the loss.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public float Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        Settings.Check(_core.Definition, _loss);
        set.Check(_core.Definition, _loss, nameof(set), Settings.Metrics);
        var plan = new BatchPlan(set, Settings, evaluates: true);
        var alone = TrainingWorld.Alone;
        var batch = new TrainingBatch(_core, _loss, plan.MaxSteps, plan.MaxCount, 0, alone);
        return new Evaluation(_core, set, plan, batch, Settings, alone).Run(cancellation);
    }

    /// <summary>Checks what is to be trained, and that all ranks were given the same.</summary>
    private TrainingWorld Enter(string call, TrainingSet training, TrainingSet? validation, int epochs)
    {
        var world = new TrainingWorld(World, Repeatable);
        world.Agree(() =>
        {
            Check(training, validation, epochs);
            if (world.IsShared)
            {
                _optimizer.Prepare(_core.Parameters);
            }

            return true;
        });
        if (world.IsShared)
        {
            world.RequireSame(
            [
                ("call", call),
                .. CreateCheckpoint(training, validation).Words().Select(w => (w.What, w.Words)),
                ("learning rate", _optimizer.LearningRate.ToString("R", CultureInfo.InvariantCulture)),
                ("set of settings", Settings.DescribeUpdates()),
                ("number of epochs", $"{epochs} after {_epochsDone}"),
            ]);
        }

        return world;
    }

    private TrainingResult Run(TrainingRun run, RunCheckpoint? checkpoint, TrainingWorld world, CancellationToken cancellation)
    {
        if (Checkpoint is { } options)
        {
            if (world.IsFirst)
            {
                AtomicFile.DeleteLeftovers(options.Path);
            }

            run.Save = () =>
            {
                var carried = run.Carried?.Gather() ?? [];
                world.Agree(() =>
                {
                    if (world.IsFirst)
                    {
                        checkpoint!.Write(options.Path, run, carried);
                    }

                    return true;
                });
            };
        }

        try
        {
            return run.Run(cancellation);
        }
        finally
        {
            _epochsDone += run.State.Epoch;
        }
    }

    private TrainingRun CreateRun(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress, TrainingState state,
        TrainingWorld world) => new(_core, _loss, _optimizer, Settings, training, validation, epochs, progress, state, world);

    private RunCheckpoint CreateCheckpoint(TrainingSet training, TrainingSet? validation) => new(
        _core, _optimizer, Settings, new RunCheckpoint.Task(_loss, DataFingerprint.Of(training), DataFingerprint.Of(validation)));

    private void Check(TrainingSet training, TrainingSet? validation, int epochs)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        Settings.Check(_core.Definition, _loss);
        training.Check(_core.Definition, _loss, nameof(training));
        validation?.Check(_core.Definition, _loss, nameof(validation), Settings.Metrics);
        Settings.CheckValidation(validation);
    }
}
