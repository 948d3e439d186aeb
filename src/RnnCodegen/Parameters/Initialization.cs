namespace RnnCodegen;

/// <summary>How a new model's parameters are drawn. The values depend on the seed only, not on the platform.</summary>
public enum Initialization
{
    /// <summary>
    /// PyTorch's defaults: recurrent tensors (biases too) and dense weights and biases uniform in +-1 / sqrt(fan-in), where the fan-in is H
    /// for recurrent layers and the input size for dense ones; embeddings standard normal.
    /// </summary>
    PyTorch,

    /// <summary>
    /// Keras' defaults: input, projection and dense weights uniform in +-sqrt(6 / (rows + columns)), hidden weights orthogonal over all
    /// gates jointly, biases 0 but 1 for forget gates, peepholes 0, embeddings uniform in +-0.05.
    /// </summary>
    GlorotOrthogonal,
}
