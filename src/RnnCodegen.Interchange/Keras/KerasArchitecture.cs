using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// A Sequential or Functional model's layers, read from the JSON of any Keras version: each with its sources, in an order in which sources
/// come first.
/// </summary>
internal sealed class KerasArchitecture
{
    /// <summary>Models of more layers than this are not read, which bounds the walk through a damaged file's graph.</summary>
    private const int LayerLimit = 1_000;

    private readonly string _file;
    private readonly KerasVersion _version;

    private KerasArchitecture(string file, KerasVersion version, JsonElement root)
    {
        (_file, _version) = (file, version);
        var (className, config) = KerasClass.Find(root) ?? throw Bad("it has no class_name and config.");
        KerasClass.Check(root, file, "the model");
        (Stored, Output) = className switch
        {
            "Sequential" => ReadSequential(config),
            "Functional" or "Model" => ReadFunctional(config),
            var other => throw Bad($"a model of the class {other} is not supported; supported are Sequential and Functional."),
        };
        Layers = Ordered();
    }

    /// <summary>All layers as stored, which is the order that names of weights count in.</summary>
    public IReadOnlyList<KerasLayer> Stored { get; }

    /// <summary>The layers that the output depends on, each after its sources.</summary>
    public IReadOnlyList<KerasLayer> Layers { get; }

    /// <summary>The model's output.</summary>
    public KerasSource Output { get; }

    /// <summary>Reads a model's JSON.</summary>
    /// <param name="file">Its name in messages.</param>
    /// <param name="json">The model, as Keras' <c>to_json</c> gives it.</param>
    /// <param name="version">Keras' version, where the file says it outside of the JSON.</param>
    /// <param name="fallback">The major version where nothing says it.</param>
    /// <param name="backend">What Keras ran on, where the file says it outside of the JSON.</param>
    /// <param name="isOther">Whether the JSON is another file, whose own version counts before that of the weights.</param>
    public static KerasArchitecture Read(
        string file, ReadOnlyMemory<byte> json, string? version, int fallback, string? backend = null, bool isOther = false)
    {
        try
        {
            using var document = JsonArrays.Document(json);
            var root = document.RootElement.Clone();
            var own = Text(root, "keras_version");
            version = isOther ? own ?? version : version ?? own;
            backend ??= Text(root, "backend");
            var parsed = version is null ? new KerasVersion(fallback, 0) : KerasVersion.Parse(file, version);
            return new KerasArchitecture(file, parsed with { IsOnTheano = backend == "theano" }, root);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}': the model's description is not JSON: {e.Message}", e);
        }
    }

    private (IReadOnlyList<KerasLayer> Layers, KerasSource Output) ReadSequential(JsonElement config)
    {
        // Keras 1 and early Keras 2 have the layers as the model's whole config.
        var items = config.ValueKind == JsonValueKind.Array ? config : Property(config, "layers", JsonValueKind.Array);
        CheckOptions(config);
        var layers = new List<KerasLayer>();
        foreach (var item in Limited(items))
        {
            var layer = ReadLayer(item, layers.Count);
            layers.Add(layer with { Sources = layers.Count == 0 ? [] : [new KerasSource(layers[^1].Name, 0, 0)] });
        }

        return layers.Count > 0 ? (layers, new KerasSource(layers[^1].Name, 0, 0)) : throw Bad("it has no layers.");
    }

    private (IReadOnlyList<KerasLayer> Layers, KerasSource Output) ReadFunctional(JsonElement config)
    {
        var layers = new List<KerasLayer>();
        foreach (var item in Limited(Property(config, "layers", JsonValueKind.Array)))
        {
            layers.Add(KerasNodes.Read(ReadLayer(item, layers.Count), item));
        }

        CheckOptions(config);

        var inputs = KerasNodes.Ends(Property(config, "input_layers", JsonValueKind.Array));
        var outputs = KerasNodes.Ends(Property(config, "output_layers", JsonValueKind.Array));
        if (inputs is not [_] || outputs is not [var output])
        {
            throw Bad(
                $"it has {inputs?.Count.ToString() ?? "unreadable"} inputs and {outputs?.Count.ToString() ?? "unreadable"} outputs; one " +
                "of each is supported.");
        }

        return (layers, output);
    }

    private KerasLayer ReadLayer(JsonElement item, int index)
    {
        var (className, config) = KerasClass.Find(item) ?? throw Bad($"layer {index} has no class_name and config.");
        if (className is "Sequential" or "Functional" or "Model")
        {
            throw Bad(
                $"layer {index} is a model of its own (class {className}); nested models are not supported: save the model with its " +
                "layers in one.");
        }

        var name = NameOf(item) ?? NameOf(config) ?? throw Bad($"layer {index} ({className}) has no name.");
        KerasClass.Check(item, _file, $"layer '{name}'");
        return new KerasLayer(_file, _version, name, className, KerasVersions.Normalize(className, config));
    }

    /// <summary>
    /// A model's options are its layers, their ends, and what says how it was built; a type here is that of layers that say their own.
    /// </summary>
    private void CheckOptions(JsonElement config)
    {
        if (config.ValueKind == JsonValueKind.Object)
        {
            var fields = new JsonFields(config);
            fields.Ignore("layers", "input_layers", "output_layers", "name", "trainable", "dtype", "build_input_shape", "shared_object_id");
            fields.RefuseUnread(_file, "the model's config");
        }
    }

    private static string? NameOf(JsonElement value) => Text(value, "name");

    private static string? Text(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(key, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    /// <summary>The layers that the output needs, each after its sources, by a walk that keeps its path on the heap.</summary>
    private List<KerasLayer> Ordered()
    {
        var byName = new Dictionary<string, KerasLayer>(StringComparer.Ordinal);
        foreach (var layer in Stored)
        {
            if (!byName.TryAdd(layer.Name, layer))
            {
                throw Bad($"two layers are called '{layer.Name}'.");
            }
        }

        var ordered = new List<KerasLayer>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new HashSet<string>(StringComparer.Ordinal);
        var path = new Stack<(KerasLayer Layer, int Next)>();
        Enter(Output.Layer);
        while (path.TryPop(out var top))
        {
            if (top.Next < top.Layer.Sources.Count)
            {
                path.Push((top.Layer, top.Next + 1));
                Enter(top.Layer.Sources[top.Next].Layer);
                continue;
            }

            ordered.Add(top.Layer);
            done.Add(top.Layer.Name);
        }

        return ordered;

        void Enter(string name)
        {
            if (done.Contains(name))
            {
                return;
            }

            var layer = byName.GetValueOrDefault(name) ?? throw Bad($"there is no layer '{name}', which another one reads.");
            path.Push(open.Add(name) ? (layer, 0) : throw layer.Bad("it depends on its own output."));
        }
    }

    private IEnumerable<JsonElement> Limited(JsonElement items) => items.GetArrayLength() <= LayerLimit
        ? items.EnumerateArray()
        : throw Bad($"it has {items.GetArrayLength()} layers; at most {LayerLimit} are read.");

    private JsonElement Property(JsonElement value, string name, JsonValueKind kind) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var property) && property.ValueKind == kind
            ? property
            : throw Bad($"the model's description has no list '{name}'.");

    private InvalidDataException Bad(string what) => new($"'{_file}': {what}");
}
