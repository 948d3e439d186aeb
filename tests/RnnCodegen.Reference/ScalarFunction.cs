namespace RnnCodegen.Reference;

/// <summary>Activations and their derivatives by x, as docs/math.md defines them.</summary>
public static class ScalarFunction
{
    /// <param name="kind">The function.</param>
    /// <param name="x">Its argument.</param>
    /// <param name="alpha">Its alpha; NaN for its own.</param>
    public static double Value(Activation kind, double x, double alpha = double.NaN) => kind switch
    {
        Activation.Linear => x,
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Activation.Tanh => Math.Tanh(x),
        Activation.Relu => Math.Max(x, 0),
        Activation.HardSigmoid => Math.Clamp((x / 6) + 0.5, 0, 1),
        Activation.HardSigmoidKeras2 => Math.Clamp((0.2 * x) + 0.5, 0, 1),
        Activation.LeakyRelu => x > 0 ? x : Alpha(alpha, 0.01f) * x,
        Activation.Elu => x > 0 ? x : Alpha(alpha, 1) * (Math.Exp(x) - 1),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Use one of the enum's values."),
    };

    /// <inheritdoc cref="Value"/>
    public static double Derivative(Activation kind, double x, double alpha = double.NaN) => kind switch
    {
        Activation.Linear => 1,
        Activation.Sigmoid => 1 / ((1 + Math.Exp(-x)) * (1 + Math.Exp(x))),
        Activation.Tanh => 1 / (Math.Cosh(x) * Math.Cosh(x)),
        Activation.Relu => x > 0 ? 1 : 0,
        Activation.HardSigmoid => Math.Abs(x) < 3 ? 1.0 / 6 : 0,
        Activation.HardSigmoidKeras2 => Math.Abs(x) < 2.5 ? 0.2 : 0,
        Activation.LeakyRelu => x > 0 ? 1 : Alpha(alpha, 0.01f),
        Activation.Elu => x > 0 ? 1 : Alpha(alpha, 1) * Math.Exp(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Use one of the enum's values."),
    };

    /// <summary>Arguments at which its slope changes.</summary>
    public static ReadOnlySpan<double> Kinks(Activation kind) => kind switch
    {
        Activation.Relu or Activation.LeakyRelu or Activation.Elu => [0],
        Activation.HardSigmoid => [-3, 3],
        Activation.HardSigmoidKeras2 => [-2.5, 2.5],
        _ => [],
    };

    private static double Alpha(double given, double own) => double.IsNaN(given) ? own : given;
}
