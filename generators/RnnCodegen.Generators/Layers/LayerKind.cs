using System.Reflection;

namespace RnnCodegen.Generators.Layers;

/// <summary>A layer attribute, and how its arguments become a spec whose sources are not yet known.</summary>
/// <param name="Name">The attribute's name without its ending.</param>
/// <param name="Read">Reads the arguments.</param>
internal sealed record LayerKind(string Name, Func<LayerReader, LayerSpec> Read)
{
    // Each layer's file declares its kind in a static field, so that a new layer is that file and no entry in a list.
    private static readonly Dictionary<string, LayerKind> s_byAttribute = typeof(LayerSpec).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(LayerSpec)) && !t.IsAbstract)
        .Select(DeclaredBy)
        .ToDictionary(k => k.Name + "Attribute");

    /// <summary>How a layer says which values it reads.</summary>
    public SourceRule Reads { get; init; }

    /// <summary>Whether it reads the model's memory.</summary>
    public bool ReadsMemory { get; init; }

    /// <summary>The runtime's class that shows such a layer, and the type of its property.</summary>
    public string View => Name + "Layer";

    /// <summary>The kind whose attribute class has this name; null where none has.</summary>
    public static LayerKind? Find(string? attributeClass) =>
        attributeClass is not null && s_byAttribute.TryGetValue(attributeClass, out var kind) ? kind : null;

    /// <summary>Whether an attribute of this name, with or without its ending, may be a layer's.</summary>
    public static bool IsName(string name) => s_byAttribute.ContainsKey(name) || s_byAttribute.ContainsKey(name + "Attribute");

    private static LayerKind DeclaredBy(Type spec) =>
        spec.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(f => f.FieldType == typeof(LayerKind)).Select(f => (LayerKind)f.GetValue(null)).Single();
}

/// <summary>How a layer's attribute says which values the layer reads.</summary>
internal enum SourceRule
{
    /// <summary>The layer before it, or the one that <c>From</c> names.</summary>
    One,

    /// <summary>The layers that its arguments name.</summary>
    Named,

    /// <summary>The model's input, which is token ids.</summary>
    Tokens,
}
