namespace RnnCodegen.Interchange;

/// <summary>Which rows each layer reads: what it says, or else the layer before it.</summary>
public static class LayerSources
{
    /// <summary>
    /// The names of the layers that each layer reads, in order; <see cref="RnnModelAttribute.Input"/> for the model's input.
    /// </summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Of(ModelDescription model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var sources = new List<IReadOnlyList<string>>();
        var before = RnnModelAttribute.Input;
        foreach (var layer in model.Layers)
        {
            IReadOnlyList<string> said = [.. AttributeText.Sources(layer.Options)];
            sources.Add(said.Count > 0 ? said : [before]);
            before = layer.Name;
        }

        return sources;
    }
}
