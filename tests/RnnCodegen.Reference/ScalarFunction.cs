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
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.Gelu => x * NormalShare(x),
        Activation.GeluTanh => x / (1 + Math.Exp(-2 * GeluArgument(x))),
        Activation.Softplus => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x))),
        Activation.Mish => x * Math.Tanh(Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x)))),
        Activation.HardSwish => x * Math.Clamp((x / 6) + 0.5, 0, 1),
        Activation.Sqrt => Math.Sqrt(Math.Max(x, 0)),
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
        Activation.Silu => Logistic(x) * (1 + (x * Logistic(-x))),
        Activation.Gelu => NormalShare(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)),
        Activation.GeluTanh =>
            Logistic(2 * GeluArgument(x)) + (x * Logistic(2 * GeluArgument(x)) * Logistic(-2 * GeluArgument(x)) * 2 * GeluArgumentSlope(x)),
        Activation.Softplus => Logistic(x),
        Activation.Mish => MishSlope(x),
        Activation.HardSwish => x <= -3 ? 0 : x >= 3 ? 1 : (x / 3) + 0.5,
        Activation.Sqrt => x > 0 ? 0.5 / Math.Sqrt(x) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Use one of the enum's values."),
    };

    /// <summary>The share of a normal distribution below x.</summary>
    private static double NormalShare(double x) => x > 0 ? 1 - NormalTail(x) : NormalTail(-x);

    /// <summary>The share above x >= 0: a series near 0, a continued fraction in the tail.</summary>
    private static double NormalTail(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (density == 0)
        {
            return 0;
        }

        if (x > 2.5)
        {
            var fraction = x;
            for (var k = 200; k > 0; k--)
            {
                fraction = x + (k / fraction);
            }

            return density / fraction;
        }

        var (sum, term) = (x, x);
        for (var k = 3; sum + term > sum && k < 120; k += 2)
        {
            term *= x * x / k;
            sum += term;
        }

        return 0.5 - (density * sum);
    }

    /// <summary>ln(1 + x) for x from 0 to 1.</summary>
    private static double LogOnePlus(double x) => x < 1e-5 ? x - (x * x / 2) + (x * x * x / 3) : Math.Log(1 + x);

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double GeluArgument(double x) => Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x));

    private static double GeluArgumentSlope(double x) => Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * x * x));

    private static double MishSlope(double x)
    {
        var t = Math.Tanh(Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x))));
        return t + (x * (1 - (t * t)) * Logistic(x));
    }

    /// <summary>Arguments at which its slope changes.</summary>
    public static ReadOnlySpan<double> Kinks(Activation kind) => kind switch
    {
        Activation.Relu or Activation.LeakyRelu or Activation.Elu or Activation.Sqrt => [0],
        Activation.HardSigmoid or Activation.HardSwish => [-3, 3],
        Activation.HardSigmoidKeras2 => [-2.5, 2.5],
        _ => [],
    };

    private static double Alpha(double given, double own) => double.IsNaN(given) ? own : given;
}
