using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// What is left of a layer's options once its reader has read it: those that say how it was made or trained, the type it computes in, and
/// those of which nothing is known, which are refused.
/// </summary>
internal static class KerasOptions
{
    /// <summary>Options of any layer that change nothing in inference.</summary>
    private static readonly string[] Common =
    [
        "name", "trainable", "autocast", "dynamic", "batch_size", "batch_shape", "batch_input_shape", "input_shape", "input_dtype",
        "input_length", "input_dim", "build_config", "seed", "shared_object_id", "activity_regularizer", "init", "weights", "lora_alpha",
    ];

    /// <summary>Ends of names of options that say how a weight was made, and what training does to it; in Keras 1 also init.</summary>
    private static readonly string[] WeightEnds = ["_initializer", "_regularizer", "_constraint", "_init"];

    private static readonly string[] Recurrent = ["unroll", "implementation", "unit_forget_bias", "use_cudnn", "consume_less"];

    private static readonly Dictionary<string, string[]> OfClass = new(StringComparer.Ordinal)
    {
        ["InputLayer"] = ["sparse", "optional"],
        ["LSTM"] = Recurrent,
        ["GRU"] = Recurrent,
        ["SimpleRNN"] = Recurrent,
        ["CuDNNLSTM"] = Recurrent,
        ["CuDNNGRU"] = Recurrent,
        ["LSTMCell"] = Recurrent,
        ["GRUCell"] = Recurrent,
        ["SimpleRNNCell"] = Recurrent,
        ["RNN"] = Recurrent,
        ["StackedRNNCells"] = ["reverse_state_order"],
        ["BatchNormalization"] = ["momentum", "synchronized", "fused", "virtual_batch_size", "renorm", "renorm_clipping",
            "renorm_momentum"],
        ["PReLU"] = ["shared_axes"],
        ["Embedding"] = ["dropout", "sparse"],
        ["Flatten"] = ["data_format"],
        ["SpatialDropout1D"] = ["rate", "noise_shape", "data_format"],
        ["GaussianNoise"] = ["stddev", "sigma"],
        ["GaussianDropout"] = ["rate"],
        ["AlphaDropout"] = ["rate", "noise_shape"],
        ["ActivityRegularization"] = ["l1", "l2"],
    };

    /// <summary>Finishes a layer that was read, with the layers inside it.</summary>
    /// <exception cref="InvalidDataException">It has an option of which nothing
    /// is known, or it computes in a type that has other numbers.</exception>
    public static void Finish(KerasImport import, KerasLayer layer)
    {
        var config = layer.Config;
        CheckType(import, layer);
        layer.RequireDefault("quantization_config", layer.IsNull("quantization_config"),
            "quantized layers are not read; save the model before quantizing it");
        layer.RequireDefault("quantization_mode", layer.IsNull("quantization_mode"),
            "quantized layers are not read; save the model before quantizing it");
        layer.RequireDefault("num_constants", layer.IsNull("num_constants") || layer.Number("num_constants", 0) == 0,
            "constants of a layer's cell are not supported");
        if (!layer.IsNull("lora_rank"))
        {
            import.Builder.Note(layer, "its LoRA matrices are in its weights already, since Keras adds them when it saves.");
        }

        config.Ignore(Common);
        config.Ignore(OfClass.GetValueOrDefault(layer.ClassName, []));
        config.Ignore([.. config.Unread.Where(name => Array.Exists(WeightEnds, end => name.EndsWith(end, StringComparison.Ordinal)))]);
        if (config.Unread.FirstOrDefault() is { } option)
        {
            throw layer.Bad(
                $"its option {config.Show(option)} is not one that is known of this layer; it may change what the layer computes. Remove " +
                "it if it does not.");
        }

        foreach (var inner in layer.Inside)
        {
            Finish(import, inner);
        }
    }

    /// <summary>
    /// The type a layer computes in: float32 is that of this project, others differ by their rounding, and quantized ones by more.
    /// </summary>
    private static void CheckType(KerasImport import, KerasLayer layer)
    {
        if (TypeOf(layer) is not { } type || type is "float32"
            || (layer.ClassName == "InputLayer" && type.Contains("int", StringComparison.Ordinal)))
        {
            return;
        }

        if (type is not ("float16" or "bfloat16" or "float64" or "mixed_float16" or "mixed_bfloat16"))
        {
            throw layer.Bad(
                $"its dtype is {type}; supported are float32, and float16, bfloat16, float64 and mixed_ ones, which are computed " +
                "in float32.");
        }

        if (layer.ClassName != "InputLayer")
        {
            import.Builder.Typed(type, layer);
        }
    }

    /// <summary>The name of a layer's type; null where it says none. Keras 3 has an object for it, Keras 2 an object or a name.</summary>
    private static string? TypeOf(KerasLayer layer)
    {
        if (layer.Config.Find("dtype") is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        return KerasClass.Find(value) is ("DTypePolicy" or "FloatDTypePolicy" or "Policy" or "PolicyV1",
            { ValueKind: JsonValueKind.Object } config)
            && config.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : KerasClass.Find(value) is { } other ? $"a {other.ClassName}"
                : throw layer.Bad($"its {layer.Config.Show("dtype")} is not a type.");
    }
}
