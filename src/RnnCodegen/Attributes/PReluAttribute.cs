namespace RnnCodegen;

/// <summary>
/// Applies f(x) = x where x is positive, else a x, with a trained slope a for each feature (PyTorch's PReLU, Keras' with shared time).
/// </summary>
public sealed class PReluAttribute : ChainedLayerAttribute;
