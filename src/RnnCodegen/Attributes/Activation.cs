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

    /// <summary>f(x) = x / (1 + exp(-x)): SiLU, also called swish.</summary>
    Silu,

    /// <summary>f(x) = x (1 + erf(x / sqrt(2))) / 2: GELU as it is defined, the default of PyTorch, Keras and ONNX.</summary>
    Gelu,

    /// <summary>f(x) = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2: the tanh form of GELU.</summary>
    GeluTanh,

    /// <summary>f(x) = ln(1 + exp(x)).</summary>
    Softplus,

    /// <summary>f(x) = x tanh(ln(1 + exp(x))).</summary>
    Mish,

    /// <summary>f(x) = x clip(x / 6 + 0.5, 0, 1): hard SiLU, also called hard swish.</summary>
    HardSwish,

    /// <summary>f(x) = sqrt(x) where x is positive, else 0: of a sum of squares, the magnitude.</summary>
    Sqrt,
}

/// <summary>Between which bounds an activation's values lie: what losses and gates ask of it.</summary>
internal static class ActivationRange
{
    /// <summary>The bounds; infinite where there is none.</summary>
    /// <param name="activation">The name of a member of <see cref="Activation"/>.</param>
    public static (double Lowest, double Highest) Of(string activation) => activation switch
    {
        nameof(Activation.Linear) or nameof(Activation.LeakyRelu) => (double.NegativeInfinity, double.PositiveInfinity),
        nameof(Activation.Sigmoid) or nameof(Activation.HardSigmoid) or nameof(Activation.HardSigmoidKeras2) => (0, 1),
        nameof(Activation.Tanh) => (-1, 1),
        nameof(Activation.Relu) or nameof(Activation.Softplus) or nameof(Activation.Sqrt) => (0, double.PositiveInfinity),
        nameof(Activation.Elu) => (-1, double.PositiveInfinity),
        nameof(Activation.Silu) or nameof(Activation.Gelu) or nameof(Activation.GeluTanh) or nameof(Activation.Mish) or
            nameof(Activation.HardSwish) => (-0.375, double.PositiveInfinity),
        _ => throw new System.ArgumentOutOfRangeException(nameof(activation), activation, "Give the activation its bounds."),
    };

    /// <summary>Whether values are from 0 to 1.</summary>
    /// <param name="activation">The name of a member of <see cref="Activation"/>.</param>
    public static bool IsShare(string activation) => Of(activation) is (0, 1);
}
