namespace RnnCodegen.Interchange.Onnx;

/// <summary>ONNX's names, alphas and betas of the functions that layers know.</summary>
internal static class ActivationNames
{
    public const float LeakyReluAlpha = 0.01f;
    public const float EluAlpha = 1;
    public const float HardSigmoidAlpha = 1 / 6f;
    public const float HardSigmoidKeras2Alpha = 0.2f;
    public const float HardSigmoidBeta = 0.5f;

    /// <summary>The name, and how many of an alpha and a beta it takes in a recurrent node's lists.</summary>
    public static (string Name, bool TakesAlpha, bool TakesBeta) Of(Activation activation) => activation switch
    {
        Activation.Linear => ("Affine", true, true),
        Activation.Sigmoid => ("Sigmoid", false, false),
        Activation.Tanh => ("Tanh", false, false),
        Activation.Relu => ("Relu", false, false),
        Activation.HardSigmoid or Activation.HardSigmoidKeras2 => ("HardSigmoid", true, true),
        Activation.LeakyRelu => ("LeakyRelu", true, false),
        Activation.Elu => ("Elu", true, false),
        Activation.Softplus => ("Softplus", false, false),
        Activation.HardSwish => ("HardSwish", false, false),
        Activation.Mish => ("Mish", false, false),
        Activation.Silu => ("Swish", false, false),
        Activation.Gelu or Activation.GeluTanh => ("Gelu", false, false),
        Activation.Sqrt => ("Sqrt", false, false),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "An unknown activation."),
    };

    /// <summary>Whether recurrent nodes know the function.</summary>
    public static bool IsRecurrent(Activation activation) =>
        activation is not (Activation.HardSwish or Activation.Mish or Activation.Silu or Activation.Gelu or Activation.GeluTanh
            or Activation.Sqrt);

    /// <summary>The hard sigmoid clip(alpha x + beta, 0, 1); null for one that no framework's layers have.</summary>
    public static Activation? HardSigmoid(float alpha, float beta) => beta != HardSigmoidBeta ? null
        : alpha == HardSigmoidKeras2Alpha ? Activation.HardSigmoidKeras2

        // Files have 1/6 in several roundings.
        : MathF.Abs(alpha - HardSigmoidAlpha) < 1e-6f ? Activation.HardSigmoid
        : null;

    /// <summary>A layer's alpha: NaN where the function takes none or has its default, so that the layer need not say it.</summary>
    public static float Alpha(NodeReader n, Activation activation, float alpha)
    {
        if (activation is not (Activation.LeakyRelu or Activation.Elu))
        {
            return float.NaN;
        }

        return !(alpha > 0) || !float.IsFinite(alpha) ? throw n.Refuse($"the alpha of {activation} is {alpha}; a layer's is positive")
            : alpha == (activation == Activation.Elu ? EluAlpha : LeakyReluAlpha) ? float.NaN
            : alpha;
    }

    /// <summary>The alpha that a function is written with.</summary>
    public static float AlphaOf(Activation activation, float alpha) => activation switch
    {
        Activation.HardSigmoid => HardSigmoidAlpha,
        Activation.HardSigmoidKeras2 => HardSigmoidKeras2Alpha,
        Activation.LeakyRelu when float.IsNaN(alpha) => LeakyReluAlpha,
        Activation.Linear => 1,
        Activation.Elu when float.IsNaN(alpha) => EluAlpha,
        _ => alpha,
    };
}
