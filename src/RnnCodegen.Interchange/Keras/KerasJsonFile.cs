using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads the JSON that RTNeural's Python script writes of a Keras model: a list of layers with their types, activations, output shapes and
/// weights in Keras' layouts. All such layers work step by step, so recurrent ones give one row per step and convolutions are causal. What
/// AIDA-X adds for its players, gains in decibels and a skip from the input to the output, becomes layers.
/// </summary>
public static class KerasJsonFile
{
    private const string InputName = "input";

    /// <summary>What tells where a model comes from, and test vectors; nothing of it changes what the network computes.</summary>
    private static readonly string[] Remarks =
    [
        "author", "authors", "based", "date", "description", "esr", "in_dtype", "input_batch", "license", "metadata", "model_name",
        "modelName", "name", "output_batch", "source", "style", "type", "version",
    ];

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">
    /// It is not such a file, a layer is not supported or does not fit, or
    /// there is a key that is not known; the message names file and place.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelDescription Import(string path) => Import(path, FileReader.ReadAll(path));

    /// <summary>Reads a model in memory.</summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="json">The file.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Import(string name, ReadOnlyMemory<byte> json) => JsonArrays.WithText(name, () => Read(name, json));

    private static ModelDescription Read(string name, ReadOnlyMemory<byte> json)
    {
        var root = new JsonFields(JsonArrays.Parse(name, json));
        if (!root.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array
            || !root.TryGetProperty("in_shape", out var shape))
        {
            throw new InvalidDataException($"'{name}': it has no in_shape and layers, so it is not a model in RTNeural's JSON.");
        }

        var width = LastSize(name, "in_shape", shape);
        if (width > KerasBuilder.WidthLimit)
        {
            throw new InvalidDataException($"'{name}': its input has {width} features; at most {KerasBuilder.WidthLimit} are read.");
        }

        var player = PlayerOptions.Read(name, root);
        var rate = SampleRate.Read(root, "samplerate", "sample_rate");
        root.Ignore("samplerate", "sample_rate");
        if (rate.Length == 0 && root.Find("metadata") is { ValueKind: JsonValueKind.Object } metadata)
        {
            rate = SampleRate.Read(new(metadata), "samplerate", "sample_rate");
        }

        root.Ignore(Remarks);
        root.RefuseUnread(name, "it");
        var graph = new KerasGraphText(InputName, width);
        player.AddBefore(graph, width);
        var notes = new List<string>();
        var isEmpty = true;
        foreach (var (index, layer) in layers.EnumerateArray().Index())
        {
            Add(graph, name, index, layer, notes);
            isEmpty = false;
        }

        if (isEmpty)
        {
            throw new InvalidDataException($"'{name}': the model has no layer that computes its output.");
        }

        player.AddBehind(graph, name, width);
        var architecture = KerasArchitecture.Read(name, graph.ToJson(), version: null, fallback: 3);
        var model = KerasImport.Run(name, architecture, graph.Weights);
        model.Notes.AddRange([.. player.Notes, .. rate, .. notes]);
        return model;
    }

    /// <summary>Adds a layer as Keras would serialise it.</summary>
    private static void Add(KerasGraphText graph, string file, int index, JsonElement item, List<string> notes)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'{file}': layer {index} is not an object.");
        }

        var layer = new JsonFields(item);
        var type = Text("type") ?? throw new InvalidDataException($"'{file}': layer {index} has no type.");
        var place = $"layer {index} ({type})";
        var arrays = layer.TryGetProperty("weights", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select((array, i) => JsonArrays.Read(file, $"{place}, weight {i}", array)).ToArray()
            : [];
        if (type == "prelu" && arrays is [{ Shape: [var slopes] } alpha])
        {
            arrays = [alpha with { Shape = [1, slopes] }];
        }

        var config = new Dictionary<string, object?>();
        var activation = Text("activation") is { Length: > 0 } said ? said : null;
        var className = Class(type) ?? throw new InvalidDataException($"'{file}': {place}: this type is not supported.");
        var width = 0;
        switch (className)
        {
            case "Dense":
                config["units"] = width = Size();
                config["activation"] = activation ?? "linear";
                config["use_bias"] = arrays.Length > 1;
                break;
            case "Conv1D":
                config["filters"] = width = Size();
                config["kernel_size"] = Option("kernel_size");
                config["dilation_rate"] = Option("dilation");
                config["groups"] = layer.Find("groups") ?? (object)1;
                config["strides"] = layer.Find("strides") ?? layer.Find("stride") ?? (object)1;
                config["activation"] = activation ?? "linear";
                config["padding"] = "causal";
                config["use_bias"] = arrays.Length > 1;
                break;
            case "LSTM" or "GRU":
                config["units"] = width = Size();
                config["activation"] = activation ?? "tanh";
                config["return_sequences"] = true;
                config["use_bias"] = arrays.Length > 2;
                if (activation is not (null or "tanh"))
                {
                    notes.Add(
                        $"Layer {index} ({type}) is computed with the activation '{activation}', as Keras trained it; " +
                        "RTNeural computes tanh there, whatever the file says.");
                }

                break;
            case "Activation":
                config["activation"] = activation ?? throw new InvalidDataException($"'{file}': {place} names no activation.");
                break;
            case "BatchNormalization":
                config["epsilon"] = Option("epsilon");
                config["scale"] = config["center"] = arrays.Length == 4;
                break;
        }

        if (activation is not null && className is "PReLU" or "BatchNormalization")
        {
            throw new InvalidDataException($"'{file}': {place} has the activation '{activation}', which layers of this type have not.");
        }

        // The shape is that of the layer's output, which its weights say where it is not read.
        layer.Ignore("shape", "name");
        layer.RefuseUnread(file, place);
        graph.Add($"{type.Replace('-', '_')}_{index}", className, config, arrays, width);

        string? Text(string option) => layer.Find(option) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            _ => throw new InvalidDataException($"'{file}': layer {index}: {layer.Show(option)} is not a text."),
        };

        int Size() => LastSize(file, $"{place}, shape", layer.Find("shape") ?? default);

        object Option(string option) => layer.Find(option) ?? throw new InvalidDataException($"'{file}': {place} has no {option}.");
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

    private static int LastSize(string file, string name, JsonElement shape) =>
        shape.ValueKind == JsonValueKind.Array && shape.GetArrayLength() is > 0 and var rank
        && shape[rank - 1] is { ValueKind: JsonValueKind.Number } last && last.TryGetInt32(out var size) && size > 0
            ? size
            : throw new InvalidDataException($"'{file}': {name} is not a shape that ends with a size.");
}
