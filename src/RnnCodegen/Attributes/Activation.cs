#if RNN_GENERATOR
namespace RnnCodegen.Generators.Specs;
#else
namespace RnnCodegen;
#endif

/// <summary>An elementwise function a layer applies.</summary>
public enum Activation
{
    /// <summary>f(x) = x.</summary>
    Linear,

    /// <summary>f(x) = 1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>f(x) = tanh(x).</summary>
    Tanh,

    /// <summary>f(x) = max(x, 0).</summary>
    Relu,

    /// <summary>f(x) = clip(x / 6 + 0.5, 0, 1): Keras 3 and PyTorch's hardsigmoid.</summary>
    HardSigmoid,

    /// <summary>f(x) = clip(0.2 x + 0.5, 0, 1): Keras 1 and 2, and ONNX's HardSigmoid with default alpha and beta.</summary>
    HardSigmoidKeras2,

    /// <summary>f(x) = x where x is positive, else alpha x; alpha is 0.01 where the layer gives none.</summary>
    LeakyRelu,

    /// <summary>f(x) = x where x is positive, else alpha (exp(x) - 1); alpha is 1 where the layer gives none.</summary>
    Elu,
}
