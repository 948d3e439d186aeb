namespace RnnCodegen;

/// <summary>Where training is, reported after each batch.</summary>
/// <param name="Epoch">The epoch in progress, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Batch">Batches done of this epoch, from 1.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Loss">The training loss, its mean over this epoch so far.</param>
/// <param name="ValidationLoss">
/// The validation loss after the last epoch that is complete (this one, with its last batch); null before, and without a validation set.
/// </param>
/// <param name="GradientNorm">Global norm of the batch's gradients before clipping.</param>
/// <param name="SamplesPerSecond">Samples trained with per second so far.</param>
/// <param name="Elapsed">Time since the start of training.</param>
/// <param name="Remaining">Time to the end at the speed so far.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, int Batch, int Batches, float Loss, float? ValidationLoss, float GradientNorm,
    double SamplesPerSecond, TimeSpan Elapsed, TimeSpan Remaining);
