namespace RnnCodegen.Interchange;

/// <summary>
/// A model as data: what an annotated class would say, in the same attributes, and the values of its parameters. Importers make one,
/// exporters and the class writer read one.
/// </summary>
public sealed class ModelDescription
{
    /// <summary>The metadata of a weight file that lists the layers with weights in their order.</summary>
    internal const string OrderKey = "rnncodegen.layers";

    // What the runtime's Normalizer begins its keys with.
    private const string NormalizerKeys = "rnncodegen.normalizer.";

    /// <summary>What is said of the model as a whole.</summary>
    public RnnModelAttribute Model { get; init; } = new();

    /// <summary>The layers in order; the last one is the output.</summary>
    public List<LayerDescription> Layers { get; } = [];

    /// <summary>
    /// The parameters in the names, shapes and order of rows of the generated class, e.g. <c>Encoder.weight_ih_l0</c> [4 H, I] with gates
    /// i, f, g, o.
    /// </summary>
    public Dictionary<string, NamedTensor> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// What the importer had to decide and its user should know, a sentence each; e.g. a batch normalisation folded into a layer.
    /// </summary>
    public List<string> Notes { get; } = [];

    /// <summary>How the file's own program is called; null where the file is no program.</summary>
    public ModelSignature? Signature { get; init; }

    /// <summary>The normaliser in the metadata of the model's file of weights; empty where there is none.</summary>
    internal Dictionary<string, string> Normalizer { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether names are those of a class that exists, which may be keywords behind an @.</summary>
    internal bool IsOfClass { get; init; }

    /// <summary>Adds a layer.</summary>
    /// <param name="name">Its property's name, a C# identifier that no other layer has.</param>
    /// <param name="options">The values of its attribute.</param>
    public void Add(string name, LayerAttribute options) => Layers.Add(new LayerDescription(name, options));

    /// <summary>Adds a parameter.</summary>
    /// <param name="name">Its name in the generated class, e.g. <c>Head.bias</c>.</param>
    /// <param name="shape">[rows, columns] of a matrix, [length] of a vector.</param>
    /// <param name="values">Its values, row after row.</param>
    public void AddWeight(string name, IReadOnlyList<int> shape, float[] values) => Weights.Add(name, new NamedTensor(name, shape, values));

    /// <summary>The model, whose weights are all finite: those of a file may be, and products of them not.</summary>
    /// <param name="file">The file, for the message.</param>
    /// <exception cref="InvalidDataException">One is not; the message names it.</exception>
    internal ModelDescription RequireFinite(string file)
    {
        foreach (var weight in Weights.Values)
        {
            if (weight.Values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is >= 0 and var bad)
            {
                throw new InvalidDataException(
                    $"'{file}': value {bad} of {weight.Name} comes out as {weight.Values[bad]}, where the file's scales are " +
                    "multiplied into it; weights must be finite. Find out where training or conversion went wrong.");
            }
        }

        return this;
    }

    /// <summary>The model with another name for one layer, and a note of that.</summary>
    internal ModelDescription WithLayerRenamed(string name, string replacement, string reason)
    {
        string Rename(string layer) => layer == name ? replacement : layer;
        var model = new ModelDescription { Model = Model, Signature = Signature, IsOfClass = IsOfClass };
        model.Layers.AddRange(Layers.Select(l => new LayerDescription(Rename(l.Name), AttributeText.WithSources(l.Options, Rename))));
        foreach (var weight in Weights.Values)
        {
            var end = weight.Name.IndexOf('.');
            model.AddWeight(end < 0 ? weight.Name : Rename(weight.Name[..end]) + weight.Name[end..], weight.Shape, weight.Values);
        }

        model.KeepNormalizer(Normalizer);
        model.Notes.AddRange(Notes);
        model.Notes.Add($"Layer '{name}' is called '{replacement}': {reason}.");
        return model;
    }

    /// <summary>Keeps the normaliser that a file of weights has, so that files written of the model have it too.</summary>
    internal void KeepNormalizer(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (key, value) in metadata.Where(m => m.Key.StartsWith(NormalizerKeys, StringComparison.Ordinal)))
        {
            Normalizer[key] = value;
        }
    }

    /// <summary>Writes the parameters as the safetensors file that the class loads.</summary>
    /// <param name="path">The file; an existing one is replaced whole or not at all.</param>
    public void SaveWeights(string path) =>
        SafeTensorsFile.Write(path, [.. Weights.Values.Select(w => new SafeTensor(w.Name, w.Shape, w.Values))], FileMetadata());

    /// <summary>The metadata of a file of the weights: the layers' order, and the normaliser where there is one.</summary>
    internal Dictionary<string, string> FileMetadata() => new(Normalizer)
    {
        [OrderKey] = string.Join(',',
            Layers.Select(l => l.Name).Where(name => Weights.Keys.Any(w => w.StartsWith(name + ".", StringComparison.Ordinal)))),
    };
}

/// <summary>A layer: the name of its property, and its attribute.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Options">Its attribute.</param>
public sealed record LayerDescription(string Name, LayerAttribute Options);

/// <summary>A parameter's values.</summary>
/// <param name="Name">Its name in the generated class.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its values, row after row.</param>
public sealed record NamedTensor(string Name, IReadOnlyList<int> Shape, float[] Values);
