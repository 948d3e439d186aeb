namespace RnnCodegen.Runtime;

/// <summary>What the bytes of a row of activations stand for.</summary>
/// <param name="Value">What one step of a byte is worth.</param>
/// <param name="Negative">
/// The magnitudes of the negative ones, summed, where products come short by as much: with AVX2 alone.
/// </param>
public readonly record struct ByteScale(float Value, int Negative);
