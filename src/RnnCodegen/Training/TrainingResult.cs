namespace RnnCodegen;

/// <summary>What training came to.</summary>
/// <param name="TrainingLosses">The mean training loss of each epoch, measured while its batches were trained.</param>
/// <param name="ValidationLosses">The validation loss after each epoch; empty without a validation set.</param>
/// <param name="Elapsed">Time taken.</param>
public sealed record TrainingResult(IReadOnlyList<float> TrainingLosses, IReadOnlyList<float> ValidationLosses, TimeSpan Elapsed);
