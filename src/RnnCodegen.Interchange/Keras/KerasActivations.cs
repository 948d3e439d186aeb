using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>An activation and its alpha, NaN for the activation's own default.</summary>
internal readonly record struct KerasActivation(Activation Function, float Alpha = float.NaN);

/// <summary>Reads Keras' names of activations.</summary>
internal static class KerasActivations
{
    /// <summary>Keras' leaky ReLU has this slope where it is named as a function, in all versions.</summary>
    private const float FunctionSlope = 0.2f;

    /// <summary>The activation that an option names.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="option">The option, e.g. <c>recurrent_activation</c>.</param>
    /// <param name="default">What an absent option means; null means linear.</param>
    public static KerasActivation Read(KerasLayer layer, string option, string? @default = null) =>
        Name(layer, option, @default) is { } name
            ? Known(layer, option, name)
            : Configured(layer, option, layer.Config.GetProperty(option));

    /// <summary>The name an option has as plain text; null where it is an object with options of its own.</summary>
    public static string? Name(KerasLayer layer, string option, string? @default = null)
    {
        if (!layer.Config.TryGetProperty(option, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return @default ?? "linear";
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
    }

    private static KerasActivation Known(KerasLayer layer, string option, string name) => name switch
    {
        "linear" or "" => new(Activation.Linear),
        "sigmoid" => new(Activation.Sigmoid),
        "tanh" => new(Activation.Tanh),
        "relu" => new(Activation.Relu),
        "hard_sigmoid" => new(layer.Version.Major >= 3 ? Activation.HardSigmoid : Activation.HardSigmoidKeras2),
        "leaky_relu" => new(Activation.LeakyRelu, FunctionSlope),
        "elu" => new(Activation.Elu),
        "silu" or "swish" => new(Activation.Silu),
        "gelu" => new(Activation.Gelu),
        "softplus" => new(Activation.Softplus),
        "mish" => new(Activation.Mish),
        "hard_silu" or "hard_swish" => new(Activation.HardSwish),
        "softmax" or "log_softmax" => throw layer.Bad($"its {option} is {name}, which is only supported at the model's output."),
        _ => throw layer.Bad(
            $"its {option} '{name}' is not supported; supported are linear, sigmoid, tanh, relu, hard_sigmoid, leaky_relu, elu, silu, " +
            "gelu, softplus, mish and hard_silu."),
    };

    private static KerasActivation Configured(KerasLayer layer, string option, JsonElement value)
    {
        if (KerasClass.Find(value) is var (name, config))
        {
            KerasClass.Check(value, layer.File, $"layer '{layer.Name}': its {option}");
            if (name == "function" && config.ValueKind == JsonValueKind.String)
            {
                return Known(layer, option, config.GetString()!);
            }

            if (config.ValueKind == JsonValueKind.Object && OfLayer(layer.Inner(option)) is { } activation)
            {
                return activation;
            }

            throw layer.Bad($"its {option} is of the class {name}, which is not supported.");
        }

        throw layer.Bad($"its {option} is neither a name nor an object with class_name and config.");
    }

    /// <summary>The activation that a layer of nothing else applies; null where it is another layer.</summary>
    public static KerasActivation? OfLayer(KerasLayer layer) => layer.ClassName switch
    {
        "Activation" => Read(layer, "activation"),
        "ReLU" => OfRelu(layer),
        "LeakyReLU" => Leaky(layer, layer.Number("negative_slope", layer.Number("alpha", 0.3f))),
        "ELU" => layer.Number("alpha", 1) is > 0 and var alpha
            ? new(Activation.Elu, alpha)
            : throw layer.Bad("its alpha is not positive, which is not supported."),
        _ => null,
    };

    private static KerasActivation OfRelu(KerasLayer layer)
    {
        layer.RequireDefault("max_value", layer.IsNull("max_value"), "a bounded ReLU is not supported");
        layer.RequireDefault("threshold", layer.Number("threshold", 0) == 0, "a ReLU with a threshold is not supported");
        return Leaky(layer, layer.Number("negative_slope", 0));
    }

    private static KerasActivation Leaky(KerasLayer layer, float slope) => slope switch
    {
        0 => new(Activation.Relu),
        > 0 => new(Activation.LeakyRelu, slope),
        _ => throw layer.Bad($"its slope {slope} is not positive, which is not supported."),
    };
}
