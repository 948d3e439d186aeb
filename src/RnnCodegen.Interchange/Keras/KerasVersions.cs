using System.Globalization;
using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>What differs between Keras' major versions in names alone.</summary>
internal static class KerasVersions
{
    /// <summary>Keras 1's names of options, and what they are called since Keras 2.</summary>
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        ["inner_activation"] = "recurrent_activation",
        ["nb_filter"] = "filters",
        ["filter_length"] = "kernel_size",
        ["border_mode"] = "padding",
        ["subsample_length"] = "strides",
        ["atrous_rate"] = "dilation_rate",
        ["pool_length"] = "pool_size",
        ["stride"] = "strides",
        ["bias"] = "use_bias",
        ["p"] = "rate",
        ["dropout_W"] = "dropout",
        ["dropout_U"] = "recurrent_dropout",
    };

    /// <summary>Classes of Keras 1 and TensorFlow, and what they are called since Keras 2.</summary>
    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["Convolution1D"] = "Conv1D",
        ["TimeDistributedDense"] = "Dense",
        ["BatchNormalizationV1"] = "BatchNormalization",
        ["BatchNormalizationV2"] = "BatchNormalization",
        ["AtrousConvolution1D"] = "Conv1D",
        ["MaxPool1D"] = "MaxPooling1D",
        ["AvgPool1D"] = "AveragePooling1D",
        ["GlobalAvgPool1D"] = "GlobalAveragePooling1D",
        ["GlobalMaxPool1D"] = "GlobalMaxPooling1D",
        ["GRUV1"] = "GRU",
        ["GRUV2"] = "GRU",
        ["LSTMV1"] = "LSTM",
        ["LSTMV2"] = "LSTM",
    };

    /// <summary>A class under its name since Keras 2, without the package that may stand before it.</summary>
    public static string Class(string name)
    {
        var simple = name[(name.LastIndexOf('>') + 1)..];
        return Classes.GetValueOrDefault(simple, simple);
    }

    /// <summary>A layer's options under their names since Keras 2.</summary>
    public static JsonFields Normalize(string className, JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object)
        {
            return new(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>()));
        }

        var isRenamed = false;
        var options = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var option in config.EnumerateObject())
        {
            // An embedding's output_dim kept its name.
            var name = option.Name == "output_dim" && className != "Embedding"
                ? "units"
                : Options.GetValueOrDefault(option.Name, option.Name);
            isRenamed |= name != option.Name;
            options[name] = option.Value;
        }

        return new(isRenamed ? JsonSerializer.SerializeToElement(options) : config);
    }
}

/// <summary>A version of Keras.</summary>
internal readonly record struct KerasVersion(int Major, int Minor)
{
    /// <summary>Whether recurrent layers and the wrappers around layers pass their mask on to what reads their rows.</summary>
    public bool WrappersPassMask => (Major, Minor).CompareTo((3, 16)) < 0;

    /// <summary>Whether layers that join others pass a mask on that only some of these have.</summary>
    public bool MergesPassMask => (Major, Minor).CompareTo((3, 4)) < 0;

    /// <summary>Whether Keras ran on Theano, whose convolutions read their kernels from the last step to the first.</summary>
    public bool IsOnTheano { get; init; }

    /// <summary>The version in a text as 2.1.6-tf.</summary>
    /// <exception cref="InvalidDataException">The text is not a version.</exception>
    public static KerasVersion Parse(string file, string version)
    {
        var parts = version.Split('.');
        return Number(parts[0]) is { } major and >= 1 and < 100
            ? new(major, parts.Length > 1 ? Number(parts[1]) ?? 0 : 0)
            : throw new InvalidDataException(
                $"'{file}': the Keras version '{(version.Length > 40 ? version[..40] : version)}' is not a version.");

        static int? Number(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
