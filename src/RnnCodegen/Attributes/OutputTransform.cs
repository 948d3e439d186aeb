#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>
/// The transform that <c>Step</c> and <c>Run</c> apply to the model's output row. <c>Forward</c> returns the row untransformed (logits),
/// because the losses contain the matching transform in its numerically stable form.
/// </summary>
public enum OutputTransform
{
    /// <summary>The row as the last layer computes it.</summary>
    None,

    /// <summary>exp(x_k - max) / sum_j exp(x_j - max).</summary>
    Softmax,

    /// <summary>x_k - max - log(sum_j exp(x_j - max)).</summary>
    LogSoftmax,

    /// <summary>1 / (1 + exp(-x_k)), each output on its own.</summary>
    Sigmoid,
}
