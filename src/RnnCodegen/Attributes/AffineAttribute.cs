namespace RnnCodegen;

/// <summary>Scales and shifts each feature by trained values of its own: y = w x + b. What a batch normalisation is after training.</summary>
public sealed class AffineAttribute : ChainedLayerAttribute;
