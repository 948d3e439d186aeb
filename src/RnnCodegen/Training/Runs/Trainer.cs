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
    /// <summary>A trainer of one model.</summary>
    /// <param name="model">The model; its parameters change.</param>
    /// <param name="loss">The loss to minimise.</param>
    /// <param name="optimizer">How; it keeps its state from one Fit to the next.</param>
    /// <exception cref="ArgumentException">The loss would train another function
    /// than the model computes; the message says why, and what to do.</exception>
    public Trainer(TModel model, Loss loss, Optimizer optimizer)
        : base(CreateTask(model, loss, optimizer))
    {
    }

    /// <summary>Backpropagation in windows of long streams; null, the default, goes through whole samples.</summary>
    public Truncation? Truncation
    {
        get => Settings.Truncation;
        init => Settings.Truncation = value;
    }

    /// <summary>
    /// The mean loss over all samples, without dropout; the model stays as it is, and the trainer's metrics hold their values for this set.
    /// Among several ranks, each that calls this computes all of it, and asks no other.
    /// </summary>
    /// <param name="set">Samples to evaluate with.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The loss; not a number where the model's outputs are not.</returns>
    /// <exception cref="ArgumentException">The set is empty, or does not fit the model or the loss.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public float Evaluate(TrainingSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        Task.CheckSettings(Settings);
        Task.Check(set, nameof(set), Settings.Metrics);
        return Evaluation.Once(Task, set, Settings, cancellation);
    }

    /// <summary>
    /// The outputs of all samples, as the model's Run gives them: with its output transform, without dropout, with inference's weights.
    /// Targets are not looked at. Batches have <see cref="BatchTrainer.BatchSize"/> samples of about equal lengths.
    /// </summary>
    /// <param name="set">Samples to predict for; they need no targets.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The outputs, in the order of the set.</returns>
    /// <exception cref="ArgumentException">
    /// The set is empty, does not fit the model, or has more outputs than an array holds.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Predictions Predict(TrainingSet set, CancellationToken cancellation = default) =>
        Predictions.Of(Task.Trainees[0].Core, set, BatchSize, cancellation);

    private static ModelTask CreateTask(TModel model, Loss loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);

        // A loss over one output is refused with the set, whose targets may be meant for another loss.
        if (!(model.Core.Definition.OutputSize == 1 && loss is CrossEntropyLoss or CtcLoss))
        {
            RequireFit(model.Core.Definition, loss);
        }

        return new ModelTask(model.Core, optimizer, loss);
    }
}
