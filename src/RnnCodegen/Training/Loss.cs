namespace RnnCodegen;

/// <summary>
/// What training makes small: a number computed from the model's outputs (before any output transform) and targets, and its gradient.
/// Instances hold no state; they can be used from many threads at once.
/// </summary>
public abstract class Loss
{
    /// <summary>The mean of (y - t)^2 over the valid elements. Targets are values shaped like the outputs.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredErrorLoss();

    /// <summary>
    /// The mean over the valid rows of -log softmax(y)_t = log(sum_k exp(y_k)) - y_t, computed from the untransformed outputs (logits) so
    /// that it neither overflows nor loses small losses. Targets are class ids from 0 to F - 1, one a row.
    /// </summary>
    public static Loss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>Whether targets are class ids, one a row, rather than values, F a row.</summary>
    public abstract bool TakesClasses { get; }

    /// <summary>The loss against values, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The values wanted, [T, B, F]; those past a sample's length are not read.</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 past a sample's length; empty when not wanted.</param>
    /// <param name="shape">The sizes.</param>
    /// <returns>The loss, a mean over what is valid.</returns>
    /// <exception cref="ArgumentException">A span's size does not fit the shape, or no row is valid.</exception>
    /// <exception cref="NotSupportedException">This loss takes class ids.</exception>
    public virtual float Compute(ReadOnlySpan<float> output, ReadOnlySpan<float> target, Span<float> gradient, LossShape shape) =>
        throw new NotSupportedException("This loss takes class ids (int), not values (float).");

    /// <summary>The loss against class ids, and its gradient.</summary>
    /// <param name="output">The model's outputs, [T, B, F].</param>
    /// <param name="target">The class wanted, [T, B]; those past a sample's length are not read.</param>
    /// <param name="gradient">Receives d loss / d output, [T, B, F], 0 past a sample's length; empty when not wanted.</param>
    /// <param name="shape">The sizes.</param>
    /// <returns>The loss, a mean over what is valid.</returns>
    /// <exception cref="ArgumentException">
    /// A span's size does not fit the shape, a class id is not from 0 to F - 1, or no row is valid.
    /// </exception>
    /// <exception cref="NotSupportedException">This loss takes values.</exception>
    public virtual float Compute(ReadOnlySpan<float> output, ReadOnlySpan<int> target, Span<float> gradient, LossShape shape) =>
        throw new NotSupportedException("This loss takes values (float), not class ids (int).");
}
