using System.Text.Json;

namespace RnnCodegen.Interchange;

/// <summary>
/// Reads models that Keras saved: <c>.keras</c> archives, and HDF5 files (<c>.h5</c>, <c>.hdf5</c> or any other name) of Keras 1, 2 and 3.
/// What a file is, its first bytes say.
/// </summary>
public static class KerasImporter
{
    private const string Configuration = "config.json";
    private const string Metadata = "metadata.json";
    private const string WeightFile = "model.weights.h5";

    /// <summary>Bytes of a model's description, which has a few hundred for each of at most a thousand layers.</summary>
    private const int ConfigurationLimit = 16 << 20;

    private const int MetadataLimit = 1 << 20;

    /// <summary>Reads a Sequential or Functional model of one input and one output.</summary>
    /// <param name="path">The file.</param>
    /// <param name="architecture">The model's JSON, as Keras' <c>to_json</c> gives it, for a file of weights alone; where given, it is what
    /// is read.</param>
    /// <returns>The model; <see cref="ModelDescription.Notes"/> has what its user should know.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or has something that is not supported; the
    /// message names the file, and the layer, class and option or the dataset.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelDescription Import(string path, string? architecture = null)
    {
        var length = new FileInfo(path).Length;
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException($"'{path}': it has {length} bytes; at most {Array.MaxLength} can be read.");
        }

        return Import(path, FileReader.ReadAll(path), architecture);
    }

    /// <summary>Reads a model in memory.</summary>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="architecture">As above.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static ModelDescription Import(string name, byte[] bytes, string? architecture = null)
    {
        var json = architecture is null ? (ReadOnlyMemory<byte>?)null : System.Text.Encoding.UTF8.GetBytes(architecture);
        if (SafeZip.IsZip(bytes))
        {
            return JsonArrays.WithText(name, () => ImportArchive(name, bytes, json));
        }

        if (Hdf5File.IsHdf5(bytes))
        {
            return JsonArrays.WithText(name, () => ImportHdf5(name, bytes, json));
        }

        throw new InvalidDataException($"'{name}': it is neither a .keras archive nor an HDF5 file.");
    }

    /// <summary>Makes a model of one layer from its options and weights, without a file.</summary>
    /// <param name="className">The layer's class, e.g. <c>GRU</c> or <c>Bidirectional</c>.</param>
    /// <param name="config">Its options as Keras serialises them, e.g. <c>{"units": 3, "reset_after": false}</c>; absent ones have the
    /// version's defaults.</param>
    /// <param name="inputSize">Features of an input row.</param>
    /// <param name="weights">Its weights in Keras' order and layout, e.g.
    /// kernel [I, 3 H], recurrent kernel [H, 3 H] and bias [2, 3 H].</param>
    /// <param name="version">Keras' major version, which decides defaults and hard_sigmoid.</param>
    /// <exception cref="InvalidDataException">The layer, an option or a weight is not supported, or does not fit.</exception>
    public static ModelDescription FromLayer(
        string className, JsonElement config, int inputSize, IReadOnlyList<NamedTensor> weights, int version = 3)
    {
        const string Name = "layer";
        var options = new Dictionary<string, object?>
        {
            ["keras_version"] = $"{version}.0.0",
            ["class_name"] = "Sequential",
            ["config"] = new Dictionary<string, object?>
            {
                ["layers"] = new object[]
                {
                    new { class_name = "InputLayer", config = new { name = "input", batch_shape = new int?[] { null, null, inputSize } } },
                    new { class_name = className, config = Named(config, Name) },
                },
            },
        };
        var model = KerasArchitecture.Read(className, JsonSerializer.SerializeToUtf8Bytes(options), version: null, version);
        return KerasImport.Run(className, model,
            new GivenWeights([.. weights.Select(w => new KerasArray(w.Name, [.. w.Shape], w.Values))]));
    }

    /// <summary>Whether an archive's entry is a Keras model's description.</summary>
    internal static bool IsConfiguration(string entry) =>
        entry == Configuration || entry.EndsWith("/" + Configuration, StringComparison.Ordinal);

    private static Dictionary<string, JsonElement> Named(JsonElement config, string name)
    {
        var options = config.EnumerateObject().ToDictionary(option => option.Name, option => option.Value);
        options["name"] = JsonSerializer.SerializeToElement(name);
        return options;
    }

    private static ModelDescription ImportArchive(string name, byte[] bytes, ReadOnlyMemory<byte>? architecture)
    {
        using var zip = SafeZip.Open(name, new MemoryStream(bytes, writable: false));
        var folders = zip.Entries.Select(e => e.Name).Where(IsConfiguration).ToList();
        if (architecture is null && folders is not [_])
        {
            throw new InvalidDataException(
                $"'{name}': there are {folders.Count} entries '{Configuration}' in the archive; a .keras file has one.");
        }

        // Whoever packed the files again may have packed the folder that they were in.
        var folder = folders is [var only] ? only[..^Configuration.Length] : "";
        var version = zip.TryGet(folder + Metadata, out _) ? VersionOf(name, zip.Read(folder + Metadata, MetadataLimit)) : null;
        architecture ??= zip.Read(folder + Configuration, ConfigurationLimit);
        var model = KerasArchitecture.Read(name, architecture.Value, version, fallback: 3);
        var hdf5 = Hdf5File.Open($"{name}!{folder}{WeightFile}", zip.Read(folder + WeightFile));
        return KerasImport.Run(name, model, KerasWeights.Open(name, hdf5, model.Stored));
    }

    private static string? VersionOf(string name, byte[] metadata)
    {
        try
        {
            using var document = JsonArrays.Document(metadata);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("keras_version", out var version)
                && version.ValueKind == JsonValueKind.String
                    ? version.GetString()
                    : null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}': {Metadata} is not JSON: {e.Message}", e);
        }
    }

    private static ModelDescription ImportHdf5(string name, byte[] bytes, ReadOnlyMemory<byte>? architecture)
    {
        var hdf5 = Hdf5File.Open(name, bytes);
        var isGiven = architecture is not null;
        if (architecture is null && hdf5.Text("/", "model_config") is { } config)
        {
            architecture = System.Text.Encoding.UTF8.GetBytes(config);
        }

        if (architecture is null)
        {
            throw new InvalidDataException(
                $"'{name}': it has weights but no attribute model_config, which says the model's layers. Give the model's JSON with it: " +
                "--architecture model.json, where open('model.json', 'w').write(model.to_json()) writes it.");
        }

        // A weights-only file in the newer layout is always of Keras 3; the older layout without a version is of Keras 1 or 2.
        var fallback = hdf5.Exists("layers") ? 3 : 2;
        var model = KerasArchitecture.Read(name, architecture.Value, Said("keras_version"), fallback, Said("backend"), isGiven);
        var weights = KerasWeights.Open(name, hdf5, model.Stored);
        var description = KerasImport.Run(name, model, weights);
        description.Notes.AddRange(weights.Notes);
        if (hdf5.IsCut)
        {
            description.Notes.Add(
                $"The file says that it has {hdf5.DeclaredLength} bytes, but {hdf5.Length} are there: it was cut off. All weights of the " +
                "model's layers are whole.");
        }

        return description;

        string? Said(string key) => hdf5.Text("/", key) ?? (hdf5.Exists("model_weights") ? hdf5.Text("model_weights", key) : null);
    }

    /// <summary>The weights of the only layer that has some.</summary>
    private sealed class GivenWeights(IReadOnlyList<KerasArray> arrays) : KerasWeights
    {
        public override IReadOnlyList<KerasArray> Of(KerasLayer layer) => arrays;
    }
}
