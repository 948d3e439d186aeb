namespace RnnCodegen;

/// <summary>
/// Adam (Kingma and Ba, 2015), as PyTorch's <c>Adam</c>, at step t: g += weightDecay p; m += (1 - beta1) (g - m);
/// v = beta2 v + (1 - beta2) g^2; p -= learningRate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon).
/// </summary>
/// <param name="learningRate">Size of the steps.</param>
/// <param name="beta1">Memory of the gradients' mean, in [0, 1).</param>
/// <param name="beta2">Memory of the gradients' mean square, in [0, 1).</param>
/// <param name="epsilon">Keeps the division finite.</param>
/// <param name="weightDecay">Pull of the parameters towards 0, through the gradient; for decay apart from it see
/// <see cref="AdamW"/>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
public sealed class Adam(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    : AdaptiveMoments(learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled: false);
