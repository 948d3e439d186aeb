using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads the JSON that RTNeural's Python script writes of a Keras model: a list of layers with their types, activations, output shapes and weights in Keras'
/// layouts. All such layers work step by step, so recurrent ones give a row a step and convolutions are causal.
/// </summary>
public static class KerasJsonFile
{
    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not such a file, or a layer is not supported or does not fit; the message names file and layer.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelDescription Import(string path) => Import(path, FileReader.ReadAll(path));

    /// <summary>Reads a model in memory.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="json">The file.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Import(string name, ReadOnlyMemory<byte> json) => JsonArrays.WithText(name, () => Read(name, json));

    private static ModelDescription Read(string name, ReadOnlyMemory<byte> json)
    {
        var root = JsonArrays.Parse(name, json);
        if (!root.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array || !root.TryGetProperty("in_shape", out var shape))
        {
            throw new InvalidDataException($"'{name}': it has no in_shape and layers, so it is not a model in RTNeural's JSON.");
        }

        var weights = new Dictionary<string, IReadOnlyList<KerasArray>>(StringComparer.Ordinal);
        var items = new List<object>
        {
            new { class_name = "InputLayer", config = new { name = "input", batch_shape = new int?[] { null, null, LastSize(name, "in_shape", shape) } } },
        };
        foreach (var layer in layers.EnumerateArray())
        {
            var index = items.Count - 1;
            items.Add(Read(name, index, layer, weights));
        }

        var model = new { keras_version = "3.0.0", class_name = "Sequential", config = new { layers = items } };
        var architecture = KerasArchitecture.Read(name, JsonSerializer.SerializeToUtf8Bytes(model), version: null, fallback: 3);
        return KerasImport.Run(name, architecture, new ListedWeights(weights));
    }

    /// <summary>One layer as Keras would serialise it.</summary>
    private static object Read(string file, int index, JsonElement layer, Dictionary<string, IReadOnlyList<KerasArray>> weights)
    {
        var type = Text(layer, "type") ?? throw new InvalidDataException($"'{file}': layer {index} has no type.");
        var name = $"{type.Replace('-', '_')}_{index}";
        var place = $"layer {index} ({type})";
        var arrays = layer.TryGetProperty("weights", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select((array, i) => JsonArrays.Read(file, $"{place}, weight {i}", array)).ToArray()
            : [];
        if (type == "prelu" && arrays is [{ Shape: [var slopes] } alpha])
        {
            arrays = [alpha with { Shape = [1, slopes] }];
        }

        weights.Add(name, arrays);
        var config = new Dictionary<string, object?> { ["name"] = name };
        var activation = Text(layer, "activation") is { Length: > 0 } said ? said : null;
        var className = Class(type) ?? throw new InvalidDataException($"'{file}': {place}: this type is not supported.");
        switch (className)
        {
            case "Dense":
                config["units"] = Size();
                config["activation"] = activation ?? "linear";
                config["use_bias"] = arrays.Length > 1;
                break;
            case "Conv1D":
                config["filters"] = Size();
                config["kernel_size"] = Option("kernel_size");
                config["dilation_rate"] = Option("dilation");
                config["groups"] = layer.TryGetProperty("groups", out _) ? Option("groups") : 1;
                config["activation"] = activation ?? "linear";
                config["padding"] = "causal";
                config["use_bias"] = arrays.Length > 1;
                break;
            case "LSTM" or "GRU":
                config["units"] = Size();
                config["activation"] = activation ?? "tanh";
                config["return_sequences"] = true;
                config["use_bias"] = arrays.Length > 2;
                break;
            case "Activation":
                config["activation"] = activation ?? throw new InvalidDataException($"'{file}': {place} names no activation.");
                break;
            case "BatchNormalization":
                config["epsilon"] = Option("epsilon");
                config["scale"] = config["center"] = arrays.Length == 4;
                break;
        }

        return new { class_name = className, config };

        int Size() => LastSize(file, $"{place}, shape", layer.TryGetProperty("shape", out var shape) ? shape : default);

        object Option(string option) => layer.TryGetProperty(option, out var value) ? value : throw new InvalidDataException($"'{file}': {place} has no {option}.");
    }

    private static string? Class(string type) => type switch
    {
        "dense" or "time-distributed-dense" => "Dense",
        "conv1d" => "Conv1D",
        "lstm" => "LSTM",
        "gru" => "GRU",
        "activation" => "Activation",
        "prelu" => "PReLU",
        "batchnorm" => "BatchNormalization",
        _ => null,
    };

    private static string? Text(JsonElement layer, string option) =>
        layer.ValueKind == JsonValueKind.Object && layer.TryGetProperty(option, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int LastSize(string file, string name, JsonElement shape) =>
        shape.ValueKind == JsonValueKind.Array && shape.GetArrayLength() is > 0 and var rank
        && shape[rank - 1] is { ValueKind: JsonValueKind.Number } last && last.TryGetInt32(out var size) && size > 0
            ? size
            : throw new InvalidDataException($"'{file}': {name} is not a shape that ends with a size.");

    private sealed class ListedWeights(Dictionary<string, IReadOnlyList<KerasArray>> weights) : KerasWeights
    {
        public override IReadOnlyList<KerasArray> Of(KerasLayer layer) => weights.GetValueOrDefault(layer.Name, []);
    }
}
