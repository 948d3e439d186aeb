namespace RnnCodegen.Interchange;

/// <summary>Rows that a layer gives: who gives them, how wide they are, and whether they are a sequence.</summary>
/// <param name="Name">The property, or <see cref="RnnModelAttribute.Input"/>.</param>
/// <param name="Width">Features of a row; 0 where the file does not say the input's.</param>
/// <param name="HasTime">Whether there is one row per step, not one per sequence.</param>
/// <param name="Steps">Steps of a sequence; 0 where they are left open.</param>
internal readonly record struct KerasRows(string Name, int Width, bool HasTime, int Steps)
{
    /// <summary>The number of steps whose rows a Flatten joined to one; 0 where it did not.</summary>
    public int Joined { get; init; }

    /// <summary>The mask that Keras keeps with them; null where it keeps none.</summary>
    public KerasMasked? Masked { get; init; }
}

/// <summary>Builds a description layer by layer: names, widths and what each layer reads.</summary>
internal sealed class KerasBuilder(string file)
{
    /// <summary>Rows that are wider are not read, which bounds what a description without weights can ask for.</summary>
    public const int WidthLimit = 1 << 20;

    private readonly PropertyNames _names = new();
    private readonly Dictionary<string, List<string>> _typed = new(StringComparer.Ordinal);
    private int _inputWidth;
    private bool _isRead;

    /// <summary>The description so far, without its <see cref="ModelDescription.Model"/>.</summary>
    public List<LayerDescription> Layers { get; } = [];

    public Dictionary<string, NamedTensor> Weights { get; } = new(StringComparer.Ordinal);

    public List<string> Notes { get; } = [];

    /// <summary>The masks that layers make.</summary>
    public List<KerasMask> Masks { get; } = [];

    /// <summary>What is done to the output row.</summary>
    public OutputTransform Output { get; set; }

    /// <summary>The property before the next one; null for none.</summary>
    private string? Last => Layers.Count > 0 ? Layers[^1].Name : null;

    /// <summary>Adds a layer that reads one other and names it only where it is not the member before.</summary>
    public string Chain(KerasLayer layer, ChainedLayerAttribute attribute, KerasRows source, string suffix = "")
    {
        CheckSource(layer, source);
        if (source.Name != (Last ?? RnnModelAttribute.Input))
        {
            attribute.From = source.Name;
        }

        return Add(layer, attribute, suffix);
    }

    /// <summary>Adds a layer that joins others.</summary>
    public string Join(KerasLayer layer, LayerAttribute attribute, IEnumerable<KerasRows> sources, string suffix = "")
    {
        foreach (var source in sources)
        {
            CheckSource(layer, source);
        }

        return Add(layer, attribute, suffix);
    }

    /// <summary>Adds the layer that reads token ids.</summary>
    public string Embed(KerasLayer layer, EmbeddingAttribute attribute, KerasRows source)
    {
        if (source.Name != RnnModelAttribute.Input || Last is not null || _isRead)
        {
            throw layer.Bad("it is not the first layer after the model's only input; embeddings elsewhere are not supported.");
        }

        return Add(layer, attribute, "");
    }

    public void Weight(string name, int[] shape, float[] values) => Weights.Add(name, new NamedTensor(name, shape, values));

    /// <summary>The rows' width, which a weight says where the file does not.</summary>
    /// <exception cref="InvalidDataException">They say different things.</exception>
    public int Width(KerasLayer layer, KerasRows source, int fromWeight)
    {
        var width = source.Name == RnnModelAttribute.Input && _inputWidth > 0 ? _inputWidth : source.Width;
        if (width > 0)
        {
            return width;
        }

        return _inputWidth = fromWeight > 0 ? fromWeight : throw layer.Bad("the file does not say how wide the model's input is.");
    }

    /// <summary>Remembers the input's width where the file says it.</summary>
    public void SetInput(int width) => _inputWidth = width;

    /// <summary>Whether a later layer than the one with this name was added.</summary>
    public bool IsLast(KerasRows rows) => rows.Name == Last;

    public void Note(KerasLayer layer, string what)
    {
        var note = $"Layer '{layer.Name}' ({layer.ClassName}): {what}";
        if (!Notes.Contains(note))
        {
            Notes.Add(note);
        }
    }

    /// <summary>Remembers that a layer computes in another type than float32.</summary>
    public void Typed(string type, KerasLayer layer)
    {
        if (!_typed.TryGetValue(type, out var layers))
        {
            _typed[type] = layers = [];
        }

        if (layers.LastOrDefault() != layer.Name)
        {
            layers.Add(layer.Name);
        }
    }

    /// <summary>Makes rows with a mask of their own.</summary>
    public KerasRows WithMask(KerasRows rows, KerasMask mask)
    {
        Masks.Add(mask);
        return rows with { Masked = new KerasMasked(mask) };
    }

    /// <summary>The finished description.</summary>
    public ModelDescription Finish(KerasRows output)
    {
        if (Layers.Count == 0 || !IsLast(output))
        {
            throw new InvalidDataException($"'{file}': the model has no layer that computes its output.");
        }

        var attribute = new RnnModelAttribute { Output = Output };
        if (Layers[0].Options is not EmbeddingAttribute)
        {
            attribute.InputSize = _inputWidth > 0
                ? _inputWidth
                : throw new InvalidDataException($"'{file}': it does not say how wide the model's input is.");
        }

        foreach (var mask in Masks)
        {
            mask.Note(this, output is { HasTime: true, Masked: { IsLost: false } masked } && masked.Mask == mask);
        }

        foreach (var (type, layers) in _typed)
        {
            Notes.Add(
                $"Keras computes the layers {string.Join(", ", layers.Select(name => $"'{name}'"))} in {type}, but they are computed in " +
                $"float32 here, so outputs differ by the rounding of {type}.");
        }

        var model = new ModelDescription { Model = attribute };
        model.Layers.AddRange(Layers);
        model.Notes.AddRange(Notes);
        foreach (var weight in Weights.Values)
        {
            model.Weights.Add(weight.Name, weight);
        }

        return model.RequireFinite(file);
    }

    private string Add(KerasLayer layer, LayerAttribute attribute, string suffix)
    {
        var name = _names.Add(layer.Name + suffix, KerasVersions.Class(layer.ClassName));
        Layers.Add(new LayerDescription(name, attribute));
        return name;
    }

    private void CheckSource(KerasLayer layer, KerasRows source)
    {
        _isRead |= source.Name == RnnModelAttribute.Input;
        if (source.Name == RnnModelAttribute.Input && Layers.Count > 0 && Layers[0].Options is EmbeddingAttribute)
        {
            throw layer.Bad("it reads the token ids that an embedding reads; only the embedding can.");
        }
    }
}
