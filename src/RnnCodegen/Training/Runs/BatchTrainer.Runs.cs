using System.Globalization;

namespace RnnCodegen;

/// <content>Fit and Resume.</content>
public abstract partial class BatchTrainer
{
    private SeededRandom? _random;
    private int _epochsDone;

    /// <summary>Trains for a number of epochs: in each, every sample is used once, in a new random order.</summary>
    /// <param name="training">Samples to train with.</param>
    /// <param name="validation">Samples to evaluate with after each epoch, or null.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="progress">Told after each update.</param>
    /// <param name="cancellation">Stops training between two updates; a checkpoint is written first, where one is wanted.</param>
    /// <returns>The losses of each epoch.</returns>
    /// <exception cref="ArgumentException">
    /// A set is empty, does not fit the models, the loss or a metric, or holds a number that is not finite; or settings contradict each
    /// other. Nothing was trained.
    /// </exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, gradient or weight is not finite; the parameters are those before that update, and the last checkpoint stays.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those after the last update.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before stays.</exception>
    /// <exception cref="InvalidOperationException">
    /// Among several ranks: they were given different things, or another rank cannot go on; the message says which rank and why. Or a
    /// decoder that runs freely for a metric has an output that is not finite.
    /// </exception>
    public TrainingResult Fit(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var world = Enter(nameof(Fit), training, validation, epochs);
        return world.Guard(() =>
        {
            foreach (var trainee in Task.Trainees)
            {
                world.Broadcast(trainee);
            }

            _random ??= new SeededRandom((ulong)Seed);
            var run = CreateRun(training, validation, epochs, progress, new TrainingState(_random, _epochsDone), world);
            return Run(run, Checkpoint is null ? null : CreateCheckpoint(training, validation), world, cancellation);
        });
    }

    /// <summary>
    /// Goes on with a training from its checkpoint, to the bit as if it had never stopped: give the trainer models (of as many threads),
    /// optimizers and settings as those that wrote it, and call this as Fit was called. The learning rates are the optimizers' own, so that
    /// they may be others, and clipping and epochs may be others, too.
    /// </summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="training">The samples trained with, in the same order.</param>
    /// <param name="validation">The samples evaluated with, in the same order, or null.</param>
    /// <param name="epochs">Number of epochs, those done included.</param>
    /// <param name="progress">Told after each update.</param>
    /// <param name="cancellation">Stops training between two updates; a checkpoint is written first, where one is wanted.</param>
    /// <returns>The losses of each epoch, those done included.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or of other models, optimizers, settings or sets; the message says which, and nothing was changed.
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
        var file = world.IsShared
            ? TrainingCheckpoint.Of(path, SafeTensorsFile.Parse(path, world.ReadFile(path)))
            : TrainingCheckpoint.Read(path);
        var (state, apply) = world.Agree(() => checkpoint.Read(file));
        return world.Guard(() =>
        {
            var run = CreateRun(training, validation, epochs, progress, state, world);
            apply(run);
            (_random, _epochsDone) = (state.Random, state.EpochsBefore);
            return Run(run, checkpoint, world, cancellation);
        });
    }

    /// <summary>Checks what is to be trained, and that all ranks were given the same.</summary>
    private TrainingWorld Enter(string call, TrainingSet training, TrainingSet? validation, int epochs)
    {
        var world = new TrainingWorld(World, Repeatable);
        world.Agree(() =>
        {
            Check(training, validation, epochs);
            foreach (var trainee in Task.Trainees)
            {
                if (world.IsShared)
                {
                    trainee.Optimizer.Prepare(trainee.Parameters);
                }
            }

            return true;
        });
        if (world.IsShared)
        {
            world.RequireSame(
            [
                ("call", call),
                .. CreateCheckpoint(training, validation).Words().Select(w => (w.What, w.Words)),
                .. Task.Trainees.Select(
                    t => (t.Its("learning rate"), t.Optimizer.LearningRate.ToString("R", CultureInfo.InvariantCulture))),
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
            run.End();
        }
    }

    private TrainingRun CreateRun(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress, TrainingState state,
        TrainingWorld world) => new(Task, Settings, training, validation, epochs, progress, state, world);

    private RunCheckpoint CreateCheckpoint(TrainingSet training, TrainingSet? validation) => new(
        Task, Settings, DataFingerprint.Of(training), DataFingerprint.Of(validation));

    private void Check(TrainingSet training, TrainingSet? validation, int epochs)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        Task.CheckSettings(Settings);
        Settings.Check(validation);
        Task.Check(training, nameof(training), []);
        if (validation is not null)
        {
            Task.Check(validation, nameof(validation), Settings.Metrics);
        }
    }
}
