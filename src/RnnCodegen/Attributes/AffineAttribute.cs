namespace RnnCodegen;

/// <summary>
/// Scales and shifts each feature by trained values of its own: y = w x + b. A batch normalisation takes this form after training.
/// </summary>
public sealed class AffineAttribute : ChainedLayerAttribute;
