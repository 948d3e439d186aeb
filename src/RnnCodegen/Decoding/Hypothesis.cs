namespace RnnCodegen;

/// <summary>A sequence that a decoder found.</summary>
/// <param name="Tokens">The tokens, without start and end token.</param>
/// <param name="LogProbability">The natural logarithm of the sequence's probability, the end token's included where it was reached.</param>
/// <param name="Score">The score by which sequences are ranked: the
/// log-probability, divided by the length penalty where there is one.</param>
/// <param name="IsComplete">Whether the end token was reached; otherwise the sequence was cut at the greatest length.</param>
public sealed record Hypothesis(IReadOnlyList<int> Tokens, double LogProbability, double Score, bool IsComplete);
