namespace RnnCodegen;

/// <summary>A loss or gradient stopped being finite. The parameters are those before the batch that showed it.</summary>
/// <param name="message">Which batch, which number, and what may help.</param>
public sealed class TrainingDivergedException(string message) : Exception(message);
