namespace RnnCodegen;

/// <summary>
/// Trains an encoder and a decoder together: the decoder is fed with the start token and the target (teacher forcing) and should answer with
/// the target and the end token; the gradient reaches the encoder through the state. Sources and targets may have any lengths: padding
/// counts neither in the models nor in the loss. Equal models, sets, settings and calls give equal results.
/// </summary>
/// <typeparam name="TEncoder">The encoder's class.</typeparam>
/// <typeparam name="TDecoder">The decoder's class.</typeparam>
public sealed class SequenceToSequenceTrainer<TEncoder, TDecoder> : BatchTrainer
    where TEncoder : class, IRnnModel<TEncoder>
    where TDecoder : class, IRnnModel<TDecoder>
{
    private readonly SequenceToSequenceTask _task;
    private SeededRandom? _random;
    private int _epochsDone;

    /// <summary>A trainer of a pair.</summary>
    /// <param name="models">The models; their parameters change.</param>
    /// <param name="encoderOptimizer">Changes the encoder's parameters; keeps its state from one Fit to the next.</param>
    /// <param name="decoderOptimizer">Changes the decoder's; another one, e.g. of the same kind and rate.</param>
    /// <exception cref="ArgumentException">
    /// Both optimizers are one, or one of the models is trained to another function than it computes; the message says why, and what to do.
    /// </exception>
    public SequenceToSequenceTrainer(EncoderDecoder<TEncoder, TDecoder> models, Optimizer encoderOptimizer, Optimizer decoderOptimizer)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(encoderOptimizer);
        ArgumentNullException.ThrowIfNull(decoderOptimizer);
        if (ReferenceEquals(encoderOptimizer, decoderOptimizer))
        {
            throw new ArgumentException("An optimizer holds the state of one model's parameters; create another for the decoder.", nameof(decoderOptimizer));
        }

        _task = new SequenceToSequenceTask(
            models.Encoder.Core, models.Decoder.Core, encoderOptimizer, decoderOptimizer, (models.StartToken, models.EndToken));
        _task.CheckModels();
    }

    /// <summary>
    /// The loss of the decoder's outputs, over all steps of a target and its end; plain cross-entropy unless set.
    /// </summary>
    /// <exception cref="ArgumentException">The loss has a window: here all steps count; or it does not fit the decoder, or ignores the end token.</exception>
    public CrossEntropyLoss Loss
    {
        get => _task.Loss;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Loss));
            _task.Loss = value.Window == LossWindow.All
                ? value
                : throw new ArgumentException($"All steps of a target count, not {value.Window}. Leave the loss' Window away.", nameof(Loss));
            _task.CheckModels();
        }
    }

    /// <summary>Trains for a number of epochs: in each, every sample is used once, in a new random order.</summary>
    /// <param name="training">
    /// Samples to train with, added by <see cref="TrainingSet.AddLabels(ReadOnlyMemory{int}, ReadOnlyMemory{int}, float)"/>: sources, and
    /// targets without start and end token.
    /// </param>
    /// <param name="validation">Samples to evaluate with after each epoch, or null.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="progress">Told after each update; has the metric "exact match", see <see cref="SequenceToSequenceEvaluation"/>.</param>
    /// <param name="cancellation">Stops training between two updates.</param>
    /// <returns>The losses of each epoch, and the exact match of the weights that training ended with among the metrics.</returns>
    /// <exception cref="ArgumentException">A set is empty or does not fit the models or the loss, or settings contradict each other; nothing was trained.</exception>
    /// <exception cref="TrainingDivergedException">
    /// A loss, gradient or weight is not finite; both models' parameters are those before that update.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those after the last update.</exception>
    public TrainingResult Fit(
        TrainingSet training, TrainingSet? validation, int epochs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        CheckSettings();
        Settings.CheckValidation(validation);
        _task.Check(training, nameof(training));
        if (validation is not null)
        {
            _task.Check(validation, nameof(validation));
        }

        _random ??= new SeededRandom((ulong)Seed);
        var run = new SequenceToSequenceRun(_task, Settings, training, validation, epochs, progress, new TrainingState(_random, _epochsDone));
        try
        {
            return run.Run(cancellation);
        }
        finally
        {
            _epochsDone += run.EpochsDone;
        }
    }

    /// <summary>Loss and exact matches over all samples, without dropout; the models stay as they are.</summary>
    /// <param name="set">Samples as for Fit.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The set is empty or does not fit the models or the loss.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SequenceToSequenceEvaluation Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        _task.Check(set, nameof(set));
        var plan = new BatchPlan(set, Settings, evaluates: true);
        return _task.CreateEvaluator(set, plan, _task.CreateBatch(plan, set)).Run(cancellation);
    }

    private void CheckSettings()
    {
        if (EarlyStopping?.Monitor is { } monitor)
        {
            throw new ArgumentException(
                $"EarlyStopping monitors {monitor.Name}, which this trainer does not compute. Leave Monitor away: the validation loss is watched.", nameof(EarlyStopping));
        }

        Settings.CheckSchedule();
    }
}
