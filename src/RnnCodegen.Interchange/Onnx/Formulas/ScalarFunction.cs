namespace RnnCodegen.Interchange.Onnx.Formulas;

/// <summary>A function of one number, by ONNX's name for it.</summary>
/// <param name="Op">The name.</param>
/// <param name="Alpha">Its first constant; 0 where it has none.</param>
/// <param name="Beta">Its second constant; 0 where it has none.</param>
internal readonly record struct ScalarFunction(string Op, double Alpha = 0, double Beta = 0)
{
    private const string RootOfPositive = "RootOfPositive";

    private static readonly Dictionary<string, Func<double, double, double, double>> s_table = new(StringComparer.Ordinal)
    {
        ["Exp"] = (x, _, _) => Math.Exp(x),
        ["Log"] = (x, _, _) => Math.Log(x),
        ["Sqrt"] = (x, _, _) => Math.Sqrt(x),
        [RootOfPositive] = (x, _, _) => Math.Sqrt(Math.Max(x, 0)),
        ["Reciprocal"] = (x, _, _) => 1 / x,
        ["Abs"] = (x, _, _) => Math.Abs(x),
        ["Erf"] = (x, _, _) => Erf(x),
        ["Sigmoid"] = (x, _, _) => Sigmoid(x),
        ["Tanh"] = (x, _, _) => Math.Tanh(x),
        ["Relu"] = (x, _, _) => Math.Max(x, 0),
        ["Softplus"] = (x, _, _) => Softplus(x),
        ["Softsign"] = (x, _, _) => x / (1 + Math.Abs(x)),
        ["HardSwish"] = (x, _, _) => x * Math.Clamp((x / 6) + 0.5, 0, 1),
        ["Mish"] = (x, _, _) => x * Math.Tanh(Softplus(x)),
        ["Swish"] = (x, alpha, _) => x * Sigmoid(alpha * x),
        ["Gelu"] = (x, _, _) => x * (1 + Erf(x / Math.Sqrt(2))) / 2,
        ["GeluTanh"] = (x, _, _) => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) / 2,
        ["LeakyRelu"] = (x, alpha, _) => x > 0 ? x : alpha * x,
        ["Elu"] = (x, alpha, _) => x > 0 ? x : alpha * (Math.Exp(x) - 1),
        ["HardSigmoid"] = (x, alpha, beta) => Math.Clamp((alpha * x) + beta, 0, 1),
        ["Clip"] = (x, lowest, highest) => Math.Min(Math.Max(x, lowest), highest),
        ["Pow"] = (x, exponent, _) => Math.Pow(x, exponent),
    };

    /// <summary>Whether a function of the name is known.</summary>
    public static bool Knows(string op) => s_table.ContainsKey(op);

    /// <summary>The function of an activation, whose alpha is its default where it is NaN.</summary>
    public static ScalarFunction Of(Activation activation, float alpha) => activation switch
    {
        Activation.Linear => new("Linear"),
        Activation.HardSigmoid or Activation.HardSigmoidKeras2 =>
            new("HardSigmoid", ActivationNames.AlphaOf(activation, alpha), ActivationNames.HardSigmoidBeta),
        Activation.Sqrt => new(RootOfPositive),
        Activation.Silu => new("Swish", 1),
        Activation.LeakyRelu or Activation.Elu => new($"{activation}", ActivationNames.AlphaOf(activation, alpha)),
        _ => new($"{activation}"),
    };

    /// <summary>The value at a number.</summary>
    public double Of(double x) => Op == "Linear" ? x : s_table[Op](x, Alpha, Beta);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    /// <summary>The error function: its series near 0, the continued fraction of what it lacks to 1 further out.</summary>
    private static double Erf(double x)
    {
        var square = x * x;
        if (square < 9)
        {
            var (term, sum) = (x, x);
            for (var n = 1; n < 100 && Math.Abs(term) > 1e-17; n++)
            {
                term *= -square / n;
                sum += term / ((2 * n) + 1);
            }

            return 2 / Math.Sqrt(Math.PI) * sum;
        }

        var fraction = Math.Abs(x);
        for (var n = 60; n > 0; n--)
        {
            fraction = Math.Abs(x) + (n / 2.0 / fraction);
        }

        return Math.Sign(x) * (1 - (Math.Exp(-square) / Math.Sqrt(Math.PI) / fraction));
    }
}
