using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Trains a model on batches of samples. Equal models, sets, settings and calls give equal results. Batches of samples of unequal lengths
/// are padded, and the padding counts neither in the model nor in the loss.
/// </summary>
/// <typeparam name="TModel">The model class.</typeparam>
public sealed class Trainer<TModel>
    where TModel : class, IRnnModel<TModel>
{
    private readonly ModelCore _core;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly TrainingSettings _settings = new();
    private SeededRandom? _random;
    private int _epochsDone;

    /// <summary>A trainer of one model.</summary>
    /// <param name="model">The model; its parameters change.</param>
    /// <param name="loss">What to make small.</param>
    /// <param name="optimizer">How; it keeps its state from one Fit to the next.</param>
    public Trainer(TModel model, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        (_core, _loss, _optimizer) = (model.Core, loss, optimizer);
    }

    /// <summary>Samples of a batch; the last batch of an epoch may have fewer. 32 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchSize
    {
        get => _settings.BatchSize;
        init => _settings.BatchSize = RequirePositive(value, nameof(BatchSize));
    }

    /// <summary>
    /// Batches whose gradients make one update of the parameters, which is, but for rounding and dropout, that of one batch of all their
    /// samples, in the memory of one. 1 by default; the last update of an epoch may have fewer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BatchesPerUpdate
    {
        get => _settings.BatchesPerUpdate;
        init => _settings.BatchesPerUpdate = RequirePositive(value, nameof(BatchesPerUpdate));
    }

    /// <summary>
    /// Batches' worth of shuffled samples that are sorted by length before they are cut into batches, so that samples of a batch are about
    /// equally long and little padding is computed; the batches then come in random order. 1, the default, does not sort.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int BucketBatches
    {
        get => _settings.BucketBatches;
        init => _settings.BucketBatches = RequirePositive(value, nameof(BucketBatches));
    }

    /// <summary>Seed of the samples' order and of dropout.</summary>
    public int Seed
    {
        get => _settings.Seed;
        init => _settings.Seed = value;
    }

    /// <summary>
    /// Largest global norm of an update's gradients, see <see cref="GradientClipping"/>; infinity, the default, does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipNorm
    {
        get => _settings.ClipNorm;
        init => _settings.ClipNorm = RequirePositive(value, nameof(ClipNorm));
    }

    /// <summary>Largest magnitude of an element of the gradients, after <see cref="ClipNorm"/>; infinity, the default, does not clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float ClipValue
    {
        get => _settings.ClipValue;
        init => _settings.ClipValue = RequirePositive(value, nameof(ClipValue));
    }

    /// <summary>
    /// A gradient's norm of more than this many times the median of the 64 norms before it is reported as exploding. 10 by default;
    /// infinity turns it off. Nothing else is done about it: that is what <see cref="ClipNorm"/> is for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public float NormAlarm
    {
        get => _settings.NormAlarm;
        init => _settings.NormAlarm = RequirePositive(value, nameof(NormAlarm));
    }

    /// <summary>
    /// Multiplies the optimizer's learning rate at each update; null, the default, leaves it. A schedule that watches a value gets that of
    /// each validation (the one early stopping monitors, if set), or of each epoch's training loss where there is no validation set.
    /// </summary>
    public LearningRateSchedule? Schedule
    {
        get => _settings.Schedule;
        init => _settings.Schedule = value;
    }

    /// <summary>Backpropagation in windows of long streams; null, the default, goes through whole samples.</summary>
    public Truncation? Truncation
    {
        get => _settings.Truncation;
        init => _settings.Truncation = value;
    }

    /// <summary>What is computed at each validation besides the loss.</summary>
    /// <exception cref="ArgumentNullException">The list, or a metric of it, is null.</exception>
    public IReadOnlyList<Metric> Metrics
    {
        get => _settings.Metrics;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Metrics));
            foreach (var metric in value)
            {
                ArgumentNullException.ThrowIfNull(metric, nameof(Metrics));
            }

            _settings.Metrics = [.. value];
        }
    }

    /// <summary>Updates from one validation to the next; 0, the default, validates after each epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int ValidateEvery
    {
        get => _settings.ValidateEvery;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(ValidateEvery));
            _settings.ValidateEvery = value;
        }
    }

    /// <summary>When to stop because validation gets no better; null, the default, trains all epochs and keeps the last weights.</summary>
    public EarlyStopping? EarlyStopping
    {
        get => _settings.EarlyStopping;
        init => _settings.EarlyStopping = value;
    }

    /// <summary>Where training writes what it needs to go on after a crash; null, the default, for nowhere.</summary>
    public CheckpointOptions? Checkpoint
    {
        get => _settings.Checkpoint;
        init => _settings.Checkpoint = value;
    }

    /// <summary>Trains for a number of epochs: in each, every sample is used once, in a new random order.</summary>
    /// <param name="training">Samples to train with.</param>
    /// <param name="validation">Samples to evaluate with after each epoch, or null.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="progress">Told after each update.</param>
    /// <param name="cancellation">Stops training between two updates; a checkpoint is written first, where one is wanted.</param>
    /// <returns>The losses of each epoch.</returns>
    /// <exception cref="ArgumentException">
    /// A set is empty, or does not fit the model or the loss, or settings contradict each other; nothing was trained.
    /// </exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, gradient or weight is not finite; the parameters are those before that update, and the last checkpoint stays.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those after the last update.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before stays.</exception>
    public TrainingResult Fit(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Check(training, validation, epochs);
        _random ??= new SeededRandom((ulong)Seed);
        var run = CreateRun(training, validation, epochs, progress, new TrainingState(_random, _epochsDone));
        return Run(run, Checkpoint is null ? null : CreateCheckpoint(training, validation), cancellation);
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
    public TrainingResult Resume(
        string path, TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Check(training, validation, epochs);
        var checkpoint = CreateCheckpoint(training, validation);
        var (state, apply) = checkpoint.Read(path, _settings.Metrics);
        var run = CreateRun(training, validation, epochs, progress, state);
        apply(run);
        (_random, _epochsDone) = (state.Random, state.EpochsBefore);
        return Run(run, checkpoint, cancellation);
    }

    /// <summary>
    /// The mean loss over all samples, without dropout; the model stays as it is, and the trainer's metrics hold their values for this set.
    /// </summary>
    /// <param name="set">Samples to evaluate with.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The loss; not a number where the model's outputs are not.</returns>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the model or the loss.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public float Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        set.Check(_core.Definition, _loss, nameof(set));
        _settings.Check(_core.Definition, _loss);
        var plan = new BatchPlan(set, _settings, evaluates: true);
        return new Evaluation(_core, set, plan, new TrainingBatch(_core, _loss, plan.MaxSteps, plan.MaxCount, 0), _settings).Run(cancellation);
    }

    private TrainingResult Run(TrainingRun run, RunCheckpoint? checkpoint, CancellationToken cancellation)
    {
        if (Checkpoint is { } options)
        {
            SafeTensorsFile.DeleteLeftovers(options.Path);
            run.Save = () => checkpoint!.Write(options.Path, run);
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
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress, TrainingState state) =>
        new(_core, _loss, _optimizer, _settings, training, validation, epochs, progress, state);

    private RunCheckpoint CreateCheckpoint(TrainingSet training, TrainingSet? validation) => new(
        _core, _optimizer, _settings, new RunCheckpoint.Task(_loss, DataFingerprint.Of(training), DataFingerprint.Of(validation)));

    private void Check(TrainingSet training, TrainingSet? validation, int epochs)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        training.Check(_core.Definition, _loss, nameof(training));
        validation?.Check(_core.Definition, _loss, nameof(validation));
        _settings.Check(_core.Definition, _loss);
        _settings.CheckValidation(validation);
    }
}
