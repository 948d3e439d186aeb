namespace RnnCodegen;

/// <summary>How an encoder and decoder do on a set.</summary>
/// <param name="Loss">The mean loss with teacher forcing, without dropout.</param>
/// <param name="ExactMatch">The share of samples, but for those of weight 0, whose whole target, end included, comes out of free-running
/// greedy decoding.</param>
public readonly record struct SequenceToSequenceEvaluation(float Loss, double ExactMatch);
