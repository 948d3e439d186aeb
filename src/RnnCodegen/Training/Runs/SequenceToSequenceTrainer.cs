using static RnnCodegen.TrainingSettings;

namespace RnnCodegen;

/// <summary>
/// Trains an encoder and a decoder together: the decoder is fed with the start token and the target (teacher forcing) and should answer
/// with the target and the end token; the gradient reaches the encoder through the state. Sources and targets may have any lengths: padding
/// counts neither in the models nor in the loss. Equal models, sets, settings and calls give equal results. Sets have sources, and targets
/// without start and end token, added by <see cref="TrainingSet.AddLabels(ReadOnlyMemory{int}, ReadOnlyMemory{int}, float)"/>.
/// </summary>
/// <typeparam name="TEncoder">The encoder's class.</typeparam>
/// <typeparam name="TDecoder">The decoder's class.</typeparam>
public sealed class SequenceToSequenceTrainer<TEncoder, TDecoder> : BatchTrainer
    where TEncoder : class, IRnnModel<TEncoder>
    where TDecoder : class, IRnnModel<TDecoder>
{
    /// <summary>A trainer of a pair.</summary>
    /// <param name="models">The models; their parameters change.</param>
    /// <param name="encoderOptimizer">Changes the encoder's parameters; keeps its state from one Fit to the next.</param>
    /// <param name="decoderOptimizer">Changes the decoder's; another one, e.g. of the same kind and rate.</param>
    /// <exception cref="ArgumentException">
    /// Both optimizers are one, or one of the models is trained to another function than it computes; the message says why, and what to do.
    /// </exception>
    public SequenceToSequenceTrainer(EncoderDecoder<TEncoder, TDecoder> models, Optimizer encoderOptimizer, Optimizer decoderOptimizer)
        : base(CreateTask(models, encoderOptimizer, decoderOptimizer)) => Settings.Metrics = [new ExactMatch()];

    /// <summary>
    /// The loss of the decoder's outputs, over all steps of a target and its end; plain cross-entropy unless set.
    /// </summary>
    /// <exception cref="ArgumentException">The loss has a window: here all steps
    /// count; or it does not fit the decoder, or ignores the end token.</exception>
    public CrossEntropyLoss Loss
    {
        get => Pair.CrossEntropy;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Loss));
            Pair.CrossEntropy = value.Window == LossWindow.All
                ? value
                : throw new ArgumentException(
                    $"All steps of a target count, not {value.Window}. Remove the loss' Window.", nameof(Loss));
            Pair.CheckModels();
        }
    }

    /// <summary>
    /// Most tokens that the decoder says of a sample, where a metric looks at whole sequences: 100 unless set. A sample whose target is
    /// longer gets one more than its target has.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxLength
    {
        get => Pair.MaxLength;
        init => Pair.MaxLength = RequirePositive(value, nameof(MaxLength));
    }

    private PairTask Pair => (PairTask)Task;

    /// <summary>
    /// Loss and exact matches over all samples, without dropout; the models stay as they are, and the trainer's metrics hold their values
    /// for this set. Among several ranks, each that calls this computes all of it, and asks no other.
    /// </summary>
    /// <param name="set">Samples as for Fit.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the models, the loss or a metric.</exception>
    /// <exception cref="InvalidOperationException">An output of the decoder is not finite, so that nothing can be decoded.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SequenceToSequenceEvaluation Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        Task.CheckSettings(Settings);
        Task.Check(set, nameof(set), Settings.Metrics);
        var exact = new ExactMatch();
        var loss = Evaluation.Once(Task, set, Settings.With(exact), cancellation);
        return new SequenceToSequenceEvaluation(loss, exact.Value);
    }

    /// <summary>
    /// What the decoder says of each sample when it runs freely, each step fed with the likeliest token of the one before, of at most
    /// <see cref="MaxLength"/> tokens. Targets are not looked at.
    /// </summary>
    /// <param name="set">Samples to predict for; they need no targets.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <returns>The sequences, in the order of the set.</returns>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the encoder.</exception>
    /// <exception cref="InvalidOperationException">An output of the decoder is not finite, so that nothing can be decoded.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<Hypothesis> Predict(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Pair.Predict(set, cancellation);
    }

    private static PairTask CreateTask(EncoderDecoder<TEncoder, TDecoder> models, Optimizer encoderOptimizer, Optimizer decoderOptimizer)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(encoderOptimizer);
        ArgumentNullException.ThrowIfNull(decoderOptimizer);
        if (ReferenceEquals(encoderOptimizer, decoderOptimizer))
        {
            throw new ArgumentException(
                "An optimizer holds the state of one model's parameters; create another for the decoder.", nameof(decoderOptimizer));
        }

        var task = new PairTask(models.Encoder.Core, models.Decoder.Core, encoderOptimizer, decoderOptimizer,
            (models.StartToken, models.EndToken));
        task.CheckModels();
        return task;
    }
}
